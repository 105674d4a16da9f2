/**
 * What stands for a connection where the broker has none: a token that works, an account that is led, and a
 * picture of it that is compared with the broker's all the time.
 */
import { fail, type Result, succeed } from "../../platform/result.ts";
import { type Bell, createBell } from "../bell.ts";
import type { HeldSocketState, HeldToken } from "../held-socket.ts";
import type { BrokerCallFailure, ProbeEvidence } from "../token-issuer.ts";
import type { EtradeAccount } from "./accounts.ts";
import { createStopwatch, lookEveryMs, type Stopwatch } from "./etrade-pace.ts";
import {
  type EtradeSession,
  SESSION_TIMINGS,
  type SessionOptions,
  type SessionParts,
  type SessionTimings,
} from "./etrade-session.ts";
import type { EtradeSeat } from "./open-etrade-trader.ts";
import { chooseAccount, evidenceOf } from "./session-account.ts";
import {
  FOR_A_PERSON,
  type SessionTrouble,
  TOKEN_TROUBLE,
  troubleFields,
  troubleOf,
} from "./session-trouble.ts";

interface Term {
  isWanted: boolean;
}

const LONGEST_BACKOFF_MS = 30_000;
const FAILED_AGAIN_MS = 2_000;
const PROVED_FOR_MS = 60_000;

/** A session that is not started yet. */
export function openEtradeSession(parts: SessionParts, options: SessionOptions): EtradeSession {
  return new Session(parts, options);
}

class Session implements EtradeSession {
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
  #isClosing = false as boolean;
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
    this.#isClosing = false;
    this.#term = { isWanted: true };
    this.#show({ phase: "connecting" });
    void this.#live(this.#term);
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
    const account = chooseAccount(listed.value, this.#options.account);
    if (account !== undefined) {
      const read = await client.balance(held.token, account.accountIdKey, account.institutionType);
      if (!read.ok) return read;
    }
    this.#proved = { held, at: timers.now() };
    if (this.#held !== undefined) this.#use(held);
    this.wake();
    return succeed(evidenceOf(listed.value));
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
  async #open(term: Term, held: HeldToken): Promise<SessionTrouble | undefined> {
    const { client, trader } = this.#parts;
    const listed = await client.accounts(held.token);
    if (!term.isWanted) return undefined;
    if (!listed.ok) return troubleOf(listed, held);
    const account = chooseAccount(listed.value, this.#options.account);
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
  async #beReady(term: Term): Promise<SessionTrouble | undefined> {
    if (!term.isWanted) return undefined;
    const { trader, timers } = this.#parts;
    this.#failures = 0;
    this.#show({ phase: "ready" });
    let failingSince: number | undefined;
    let seen = { wakes: this.#wakes, hurries: this.#hurries };
    for (;;) {
      await this.#untilDue(term, seen, failingSince !== undefined);
      if (!term.isWanted) return undefined;
      const isWoken = this.#wakes !== seen.wakes;
      seen = { wakes: this.#wakes, hurries: this.#hurries };
      const isTokenDue = isWoken || this.#tokenReadAt.hasPassed(this.#timings.tokenMs);
      if (isTokenDue && !(await this.#renewToken(term))) return undefined;
      const held = this.#held;
      if (held === undefined) return undefined;
      const isDue = this.#heldAt.hasPassed(this.#timings.holdingsMs);
      const looked = await trader.look({ isDue });
      this.#looked.restart();
      if (looked.ok) {
        failingSince = undefined;
        if (isDue) this.#heldAt.restart();
        continue;
      }
      if (TOKEN_TROUBLE.has(looked.code)) return troubleOf(looked, held);
      failingSince ??= timers.now();
      if (timers.now() - failingSince >= this.#timings.outageMs) return troubleOf(looked, held);
    }
  }

  async #untilDue(
    term: Term,
    seen: { readonly wakes: number; readonly hurries: number },
    isFailing: boolean,
  ): Promise<void> {
    const { trader, clock } = this.#parts;
    const isRung = () => !term.isWanted || this.#wakes !== seen.wakes || this.#hurries !== seen.hurries;
    for (;;) {
      const ms = isFailing ? FAILED_AGAIN_MS : lookEveryMs(trader.pace(), clock.now(), this.#timings);
      if (isRung() || this.#looked.hasPassed(ms)) return;
      await this.#bell.until(() => (isRung() ? true : undefined), this.#looked.waitMs(ms));
    }
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

  async #rest(term: Term, trouble: SessionTrouble): Promise<void> {
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
    how: { readonly wakes: number; readonly ms: number; readonly trouble?: SessionTrouble },
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
