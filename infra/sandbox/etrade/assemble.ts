import type { Temporal } from "temporal-polyfill";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import { createBroker, type Handled } from "./broker.ts";
import { createDataDesk } from "./data-desk.ts";
import type { Faults } from "./faults.ts";
import type { Call } from "./http-words.ts";
import type { Journal } from "./journal.ts";
import { createLoginDesk, type SimulatedUser } from "./login-desk.ts";
import type { SessionOn } from "./market-hours.ts";
import { createOauthDesk } from "./oauth-desk.ts";
import { type ConsumerKeys, OauthGate } from "./oauth-gate.ts";
import { RateLimiter } from "./rate-limiter.ts";
import type { Seal } from "./seal.ts";
import type { TokenBook } from "./token-book.ts";
import type { TradingBook } from "./trading/trading-book.ts";
import { createTradingDesk } from "./trading/trading-desk.ts";

/** What the simulator is put together from. */
export interface Parts {
  readonly seal: Seal;
  readonly random: Random;
  readonly log: Log;
  readonly keys: ConsumerKeys;
  readonly users: readonly [SimulatedUser, ...SimulatedUser[]];
  readonly book: TokenBook;
  readonly sessionOn: SessionOn;
  readonly trading: TradingBook;
  readonly machineNow: (() => Temporal.Instant) | undefined;
}

/** The switches as the parts use them. */
export interface SwitchBoard {
  faults(): Faults;
  /** Sets switches from inside, without a check. */
  turn(patch: Partial<Faults>): void;
}

/** Puts the broker together; the answer is a function of the call, the moment, the switches and what went before. */
export function assembleBroker(parts: Parts, board: SwitchBoard) {
  const faults = () => board.faults();
  const { book, seal, keys, users, log, sessionOn } = parts;
  const gate = new OauthGate(keys, parts.machineNow);
  const oauth = createOauthDesk({ gate, book, seal, faults });
  const chance = () => Buffer.from(parts.random.bytes(4)).readUInt32BE(0) / 2 ** 32;
  const { trading } = parts;
  const data = createDataDesk({
    oauth,
    limiter: new RateLimiter(),
    market: { prices: trading.market.tape, sessionOn },
    trading: createTradingDesk({ book: trading, sessionOn, faults }),
    seal,
    usernames: users.map(({ username }) => username),
    faults,
    chance,
  });
  const lockUser = (username: string) => board.turn({ lockedUsers: [...faults().lockedUsers, username] });
  const page = createLoginDesk({ book, seal, keys, users, log, faults, lockUser });
  const setFailNext = (failNext: Faults["failNext"]) => board.turn({ failNext });
  return createBroker({ oauth, data, page, faults, setFailNext, chance });
}

/** Writes a call into the journal and the log: which it was and how it ended, nothing of what it carried. */
export function record(
  to: { readonly journal: Journal; readonly log: Log },
  call: Call,
  { handled, now }: { readonly handled: Handled; readonly now: Temporal.Instant },
): void {
  const { outcome, endpoint } = handled;
  const line = {
    door: call.door,
    method: call.method,
    endpoint,
    outcome: outcome.kind === "reply" ? outcome.reply.status : outcome.kind,
    ...(outcome.kind === "reply" && outcome.reply.status >= 400 ? refusalIn(outcome.reply.body) : {}),
  };
  to.journal.add(line, now);
  to.log.info("simulated-call", line);
}

function refusalIn(body: string): { readonly refusal?: string } {
  const problem = /oauth_problem=([a-z_]+)/.exec(body)?.[1];
  const code = /"code":(\d+)|<code>(\d+)/.exec(body);
  const refusal = problem ?? code?.[1] ?? code?.[2];
  return refusal === undefined ? {} : { refusal };
}
