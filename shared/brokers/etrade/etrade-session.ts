/**
 * What stands for a connection where the broker has none: a token that works, an account that is led, and a
 * picture of it that is compared with the broker's all the time.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { type Failure, fail, type Result, succeed } from "../../platform/result.ts";
import type { Timers } from "../../platform/timers.ts";
import { type Bell, createBell } from "../bell.ts";
import type { HeldSocketState, HeldToken } from "../held-socket.ts";
import type { BrokerCallFailure, ProbeEvidence } from "../token-issuer.ts";
import type { AccountList, EtradeAccount } from "./accounts.ts";
import type { EtradeClient } from "./client.ts";
import { createStopwatch, isTradingTime, type Stopwatch } from "./etrade-pace.ts";
import type { EtradeSeat, EtradeTrader } from "./open-etrade-trader.ts";

/** The connection's token as the vault holds it. */
export interface SessionTokens {
  current(): Promise<HeldToken | undefined>;
  /** The broker refused this generation: what takes its place, if anything. */
  refused(generation: number): Promise<HeldToken | undefined>;
}

export interface SessionParts {
  readonly client: EtradeClient;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly trader: EtradeTrader;
}

/** Milliseconds between two looks, and for how long the broker may fail before nothing is known of the account. */
export interface SessionTimings {
  readonly busyMs: number;
  readonly workingMs: number;
  readonly quietMs: number;
  readonly holdingsMs: number;
  readonly outageMs: number;
  readonly tokenMs: number;
}

export const SESSION_TIMINGS: SessionTimings = {
  busyMs: 1_000,
  workingMs: 3_000,
  quietMs: 30_000,
  holdingsMs: 30_000,
  outageMs: 15_000,
  tokenMs: 30_000,
};

export interface SessionOptions {
  /** The account to trade on, by the last four characters of its number. Default: the first that can trade. */
  readonly account?: string;
  readonly timings?: Partial<SessionTimings>;
}

export interface EtradeSession {
  start(): void;
  /** Takes no more orders; what is under way is still looked at, until `drop`. */
  close(): void;
  /** Not ready from this moment on. */
  drop(): void;
  wake(): void;
  /** Something is under way: the next look comes soon. */
  hurry(): void;
  state(): HeldSocketState;
  watch(listener: (state: HeldSocketState) => void): () => void;
  seat(): EtradeSeat | undefined;
  isReady(): boolean;
  prove(held: HeldToken): Promise<Result<ProbeEvidence, BrokerCallFailure>>;
}

interface Term {
  isWanted: boolean;
}

interface Trouble {
  readonly code: BrokerCallFailure | "ACCOUNT_MISSING";
  readonly brokerCode?: string;
  /** Of the token that was refused. */
  readonly generation?: number;
}

const TOKEN_TROUBLE: ReadonlySet<string> = new Set<BrokerCallFailure>([
  "BROKER_TOKEN_EXPIRED",
  "BROKER_TOKEN_REJECTED",
]);
const FOR_A_PERSON: ReadonlySet<string> = new Set([
  "ACCOUNT_MISSING",
  "BROKER_CREDENTIALS_REJECTED",
  "BROKER_KEY_MISSING",
  "BROKER_SIGNATURE_REFUSED",
]);
const LONGEST_BACKOFF_MS = 30_000;
const FAILED_AGAIN_MS = 2_000;
const PROVED_FOR_MS = 60_000;

export class Session implements EtradeSession {
  readonly #parts: SessionParts;
  readonly #options: SessionOptions;
  readonly #timings: SessionTimings;
  readonly #bell: Bell;
  readonly #listeners = new Set<(state: HeldSocketState) => void>();
  readonly #looked: Stopwatch;
  readonly #heldAt: Stopwatch;
  readonly #tokenReadAt: Stopwatch;
  #term: Term = { isWanted: false };
  #state: HeldSocketState = { phase: "stopped" };
  #held: HeldToken | undefined;
  #account: EtradeAccount | undefined;
  /** A token that a proof has shown to work, which the store may be about to have. */
  #proved: { readonly held: HeldToken; readonly at: number } | undefined;
  #isClosing = false;
  #wakes = 0;
  #hurries = 0;
  #failures = 0;

  constructor(parts: SessionParts, options: SessionOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#timings = { ...SESSION_TIMINGS, ...options.timings };
    this.#bell = createBell(parts.timers);
    this.#looked = createStopwatch(parts);
    this.#heldAt = createStopwatch(parts);
    this.#tokenReadAt = createStopwatch(parts);
  }

  start(): void {
    if (this.#term.isWanted) return;
    const term = { isWanted: true };
    this.#isClosing = false;
    this.#term = term;
    this.#show({ phase: "connecting" });
    void this.#live(term);
  }

  close(): void {
    this.#isClosing = true;
  }

  drop(): void {
    this.#term.isWanted = false;
    this.#held = undefined;
    this.#show({ phase: "stopped" });
    this.#bell.ring();
  }

  wake(): void {
    this.#wakes += 1;
    this.#bell.ring();
  }

  hurry(): void {
    this.#hurries += 1;
    this.#bell.ring();
  }

  state(): HeldSocketState {
    return this.#state;
  }

  watch(listener: (state: HeldSocketState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  seat(): EtradeSeat | undefined {
    const [held, account] = [this.#held, this.#account];
    return held === undefined || account === undefined ? undefined : { token: held.token, account };
  }

  isReady(): boolean {
    return (
      !this.#isClosing && this.#term.isWanted && this.#state.phase === "ready" && this.#held !== undefined
    );
  }

  async prove(held: HeldToken): Promise<Result<ProbeEvidence, BrokerCallFailure>> {
    if (!this.#term.isWanted) return fail("BROKER_UNREACHABLE");
    const { client, timers } = this.#parts;
    const listed = await client.accounts(held.token);
    if (!listed.ok) return listed;
    const account = this.#choose(listed.value);
    if (account !== undefined) {
      const read = await client.balance(held.token, account.accountIdKey, account.institutionType);
      if (!read.ok) return read;
    }
    this.#proved = { held, at: timers.now() };
    if (this.#held !== undefined) this.#use(held);
    this.wake();
    const { accounts, latencyMs } = listed.value;
    const tradable = accounts.filter((one) => one.institutionType === "BROKERAGE");
    return succeed({ accounts: accounts.length, latencyMs, tradable: tradable.map((one) => one.lastFour) });
  }

  async #live(term: Term): Promise<void> {
    while (term.isWanted) {
      try {
        await this.#serve(term);
      } catch (error) {
        this.#parts.log.error("etrade-session-failed", { error });
        await this.#rest(term, { code: "BROKER_REPLY_UNREADABLE" });
      }
    }
  }

  /** From no token to the end of being ready, once. */
  async #serve(term: Term): Promise<void> {
    const wakes = this.#wakes;
    const held = await this.#token();
    if (!term.isWanted) return;
    if (held === undefined) {
      await this.#await(term, "token", { wakes, ms: this.#timings.tokenMs });
      return;
    }
    this.#show({ phase: "connecting" });
    const trouble = (await this.#open(term, held)) ?? (await this.#beReady(term));
    if (trouble !== undefined && term.isWanted) await this.#rest(term, trouble);
  }

  /** Finds the account and compares it whole; gives back what was in the way. */
  async #open(term: Term, held: HeldToken): Promise<Trouble | undefined> {
    const { client, trader } = this.#parts;
    const listed = await client.accounts(held.token);
    if (!term.isWanted) return undefined;
    if (!listed.ok) return troubleOf(listed, held);
    const account = this.#choose(listed.value);
    if (account === undefined) return { code: "ACCOUNT_MISSING" };
    if (this.#account !== undefined && this.#account.accountIdKey !== account.accountIdKey) trader.clear();
    this.#account = account;
    this.#use(held);
    this.#show({ phase: "reconciling" });
    const compared = await trader.compare({ isWhole: true });
    if (!term.isWanted) return undefined;
    if (!compared.ok) return troubleOf(compared, held);
    this.#looked.restart();
    this.#heldAt.restart();
    this.#tokenReadAt.restart();
    return undefined;
  }

  /** Looks again and again; gives back why it is not ready any more. */
  async #beReady(term: Term): Promise<Trouble | undefined> {
    if (!term.isWanted) return undefined;
    const { trader, timers } = this.#parts;
    const timings = this.#timings;
    this.#failures = 0;
    this.#show({ phase: "ready" });
    let failingSince: number | undefined;
    let seen = this.#rings();
    for (;;) {
      await this.#untilDue(term, seen, failingSince !== undefined);
      if (!term.isWanted) return undefined;
      const isWoken = this.#wakes !== seen.wakes;
      seen = this.#rings();
      const isTokenDue = isWoken || this.#tokenReadAt.hasPassed(timings.tokenMs);
      if (isTokenDue && !(await this.#renewToken(term))) return undefined;
      const held = this.#held;
      if (held === undefined) return undefined;
      const isDue = this.#heldAt.hasPassed(timings.holdingsMs);
      const looked = await trader.look({ isDue });
      this.#looked.restart();
      if (looked.ok) {
        failingSince = undefined;
        if (isDue) this.#heldAt.restart();
        continue;
      }
      if (TOKEN_TROUBLE.has(looked.code)) return troubleOf(looked, held);
      failingSince ??= timers.now();
      if (timers.now() - failingSince >= timings.outageMs) return troubleOf(looked, held);
    }
  }

  #rings(): { readonly wakes: number; readonly hurries: number } {
    return { wakes: this.#wakes, hurries: this.#hurries };
  }

  async #untilDue(
    term: Term,
    seen: { readonly wakes: number; readonly hurries: number },
    isFailing: boolean,
  ): Promise<void> {
    const isRung = () => !term.isWanted || this.#wakes !== seen.wakes || this.#hurries !== seen.hurries;
    for (;;) {
      const ms = isFailing ? FAILED_AGAIN_MS : this.#intervalMs();
      if (isRung() || this.#looked.hasPassed(ms)) return;
      await this.#bell.until(() => (isRung() ? true : undefined), this.#looked.waitMs(ms));
    }
  }

  #intervalMs(): number {
    const { busyMs, workingMs, quietMs } = this.#timings;
    const pace = this.#parts.trader.pace();
    if (pace === "quiet") return quietMs;
    // What rests outside the session stays as it is.
    if (!isTradingTime(this.#parts.clock.now())) return pace === "busy" ? workingMs : quietMs;
    return pace === "busy" ? busyMs : workingMs;
  }

  /** False where there is no token any more, or the term is over. */
  async #renewToken(term: Term): Promise<boolean> {
    const held = await this.#token();
    if (!term.isWanted) return false;
    this.#tokenReadAt.restart();
    if (held !== undefined && held.generation !== this.#held?.generation) this.#use(held);
    if (held === undefined) this.#held = undefined;
    return held !== undefined;
  }

  async #token(): Promise<HeldToken | undefined> {
    const stored = await this.#parts.tokens.current();
    const proved = this.#proved;
    const isRecent = proved !== undefined && this.#parts.timers.now() - proved.at < PROVED_FOR_MS;
    if (!isRecent) return stored;
    return stored !== undefined && stored.generation >= proved.held.generation ? stored : proved.held;
  }

  #use(held: HeldToken): void {
    this.#held = held;
    if (this.#state.generation !== held.generation) this.#show({ ...this.#state });
  }

  #choose({ accounts }: AccountList): EtradeAccount | undefined {
    const trading = accounts.filter((one) => one.institutionType === "BROKERAGE");
    const { account } = this.#options;
    return account === undefined ? trading[0] : trading.find((one) => one.lastFour === account);
  }

  async #rest(term: Term, trouble: Trouble): Promise<void> {
    const wakes = this.#wakes;
    this.#failures += 1;
    this.#held = undefined;
    const ms = Math.min(LONGEST_BACKOFF_MS, 1_000 * 2 ** Math.min(this.#failures, 10));
    const { generation } = trouble;
    if (generation === undefined) {
      const waitingFor = FOR_A_PERSON.has(trouble.code) ? "person" : "backoff";
      return this.#await(term, waitingFor, { wakes, ms, trouble });
    }
    if (this.#proved?.held.generation === generation) this.#proved = undefined;
    this.#show({ phase: "waiting", waitingFor: "token", ...troubleFields(trouble) });
    // One that was revived stays the same, and is tried again after a pause.
    if (await this.#isReplaced(term, generation, wakes)) return undefined;
    return this.#await(term, "token", { wakes, ms, trouble });
  }

  /** Has the keeper see to a token that the broker refused; whoever wakes the session does not wait for that. */
  async #isReplaced(term: Term, generation: number, wakes: number): Promise<boolean> {
    let answer: { readonly other: HeldToken | undefined } | undefined;
    const asked = this.#parts.tokens.refused(generation).catch(() => undefined);
    void asked.then((other) => {
      answer = { other };
      this.#bell.ring();
    });
    await this.#bell.until(() => (answer !== undefined || this.#mustGoOn(term, wakes) ? true : undefined));
    return answer?.other !== undefined;
  }

  #mustGoOn(term: Term, wakes: number): boolean {
    return !term.isWanted || this.#wakes !== wakes;
  }

  async #await(
    term: Term,
    waitingFor: NonNullable<HeldSocketState["waitingFor"]>,
    how: { readonly wakes: number; readonly ms: number; readonly trouble?: Trouble },
  ): Promise<void> {
    if (!term.isWanted) return;
    this.#held = undefined;
    this.#show({ phase: "waiting", waitingFor, ...(how.trouble && troubleFields(how.trouble)) });
    await this.#bell.until(() => (this.#mustGoOn(term, how.wakes) ? true : undefined), how.ms);
  }

  #show(state: HeldSocketState): void {
    const generation = this.#held?.generation;
    const { generation: _before, ...rest } = state;
    this.#state = { ...rest, ...(generation !== undefined && { generation }) };
    for (const listener of [...this.#listeners]) listener(this.#state);
  }
}

function troubleFields({ code, brokerCode }: Trouble): Pick<HeldSocketState, "lastTrouble" | "brokerCode"> {
  return { lastTrouble: code, ...(brokerCode !== undefined && { brokerCode }) };
}

/** What a failure of a call means for the session. */
function troubleOf({ code, detail }: Failure<BrokerCallFailure>, { generation }: HeldToken): Trouble {
  const word = detail.brokerCode ?? detail.problem;
  return {
    code,
    ...(word !== undefined && { brokerCode: String(word) }),
    ...(TOKEN_TROUBLE.has(code) && { generation }),
  };
}
