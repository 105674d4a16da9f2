import type { Temporal } from "temporal-polyfill";
import { toIso } from "../../../shared/platform/instant.ts";

/** One call as the sandbox page shows it: no path, no token, no account. */
export interface JournalLine {
  readonly at: string;
  readonly door: "api" | "sandbox";
  readonly method: string;
  readonly endpoint: string;
  /** The status of the answer, or what happened in its place. */
  readonly outcome: number | "drop" | "silence";
  /** The OAuth problem or the broker's code, where the call was refused. */
  readonly refusal?: string;
}

const LINES = 50;

/** Counts calls and remembers the last 50. */
export class Journal {
  readonly #counters = new Map<string, number>();
  readonly #lines: JournalLine[] = [];

  add(line: Omit<JournalLine, "at">, now: Temporal.Instant): void {
    const counter = `${line.endpoint} ${line.outcome}`;
    this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + 1);
    this.#lines.unshift({ at: toIso(now), ...line });
    this.#lines.length = Math.min(this.#lines.length, LINES);
  }

  /** How often each endpoint ended in which way, e.g. `accounts/list 200`. */
  counters(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counters].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Newest first. */
  lines(): readonly JournalLine[] {
    return [...this.#lines];
  }
}
