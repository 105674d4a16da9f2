import type { Clock } from "../../../shared/platform/clock.ts";
import { toIso } from "../../../shared/platform/instant.ts";
import type { BrokerHost } from "./words.ts";

/** One message that crossed the wire, without what it carried. */
export interface JournalLine {
  readonly at: string;
  readonly host: BrokerHost;
  /** Numbers the connections from 1 on. */
  readonly connection: number;
  readonly direction: "in" | "out";
  readonly message: string;
  readonly clientMsgId?: string;
  readonly refusal?: string;
}

/** A new-order request that reached the broker's door, whatever became of it. */
export interface OrderLine {
  readonly connection: number;
  readonly clientMsgId?: string;
  readonly clientOrderId?: string;
  /** What the door did with it. */
  readonly fate: "passed-on" | "refused" | "connection-broken";
}

const MOST_LINES = 200;
const MOST_ORDERS = 10_000;
/** These would push out everything else. */
const UNLISTED: ReadonlySet<string> = new Set(["ProtoOASpotEvent", "ProtoHeartbeatEvent"]);

/** What came and went, for tests and for `GET /sandbox`. */
export class Journal {
  readonly #clock: Pick<Clock, "now">;
  readonly #lines: JournalLine[] = [];
  readonly #orders: OrderLine[] = [];
  readonly #counts: Record<string, number> = {};

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  add(line: Omit<JournalLine, "at">): void {
    const name = `${line.direction} ${line.message}${line.refusal === undefined ? "" : ` ${line.refusal}`}`;
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
    if (UNLISTED.has(line.message)) return;
    this.#lines.push({ at: toIso(this.#clock.now()), ...line });
    if (this.#lines.length > MOST_LINES) this.#lines.shift();
  }

  order(line: OrderLine): void {
    this.#orders.push(line);
    if (this.#orders.length > MOST_ORDERS) this.#orders.shift();
  }

  /** Newest first, at most 200; prices and heartbeats are only counted. */
  lines(): readonly JournalLine[] {
    return [...this.#lines].reverse();
  }

  /** New-order requests in the order in which they came. */
  orders(): readonly OrderLine[] {
    return this.#orders;
  }

  /** How often each message came (`in …`) or went (`out …`). */
  counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }
}
