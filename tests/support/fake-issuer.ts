import { Temporal } from "temporal-polyfill";
import type { BrokerCallFailure, ProbeEvidence, TokenIssuer } from "../../shared/brokers/token-issuer.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import { Secret } from "../../shared/platform/secret.ts";

export const GOOD_PIN = "AB12C";

/** A broker of one user in memory: strict about PINs, request tokens used twice, and tokens it does not know. */
export class FakeIssuer implements TokenIssuer {
  /** Every call in order, by its method. */
  readonly calls: string[] = [];
  /** The next calls of a method fail with these codes, first come first served. */
  readonly failures: { method: string; code: BrokerCallFailure }[] = [];
  /** Tokens that answer. */
  readonly alive = new Set<string>();
  /** Tokens that sleep until they are renewed. */
  readonly asleep = new Set<string>();
  /** Each call made with a token: when, and whether the broker answered it. */
  readonly uses: { method: string; token: string; at: Temporal.Instant; isAnswered: boolean }[] = [];
  /** When each token was given out. */
  readonly issuedAt = new Map<string, Temporal.Instant>();
  /** Renewing ends the token and gives another in its place, as some brokers do. */
  isReplacing: boolean;
  /** Request tokens and when they are forgotten. */
  readonly #open = new Map<string, Temporal.Instant>();
  readonly #clock: Clock;
  #issued = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.isReplacing = false;
  }

  count(method: string): number {
    return this.calls.filter((one) => one === method).length;
  }

  async begin() {
    const failure = this.#take("begin");
    if (failure) return failure;
    const requestKey = `request-${this.count("begin")}`;
    const expiresAt = this.#clock.now().add({ minutes: 5 });
    this.#open.set(requestKey, expiresAt);
    return succeed({
      request: Secret.of(requestKey),
      requestKey,
      authorizeUrl: `https://broker.example/authorize?token=${requestKey}`,
      expiresAt,
    });
  }

  readVerifier(text: Secret): Result<Secret, "PIN_MALFORMED"> {
    const pin = text.reveal().trim().toUpperCase();
    return /^[A-Z0-9]{4,10}$/.test(pin) ? succeed(Secret.of(pin)) : fail("PIN_MALFORMED");
  }

  async complete(request: Secret, verifier: Secret): Promise<Result<Secret, BrokerCallFailure>> {
    const failure = this.#take("complete");
    if (failure) return failure;
    const until = this.#open.get(request.reveal());
    if (until === undefined) return fail("BROKER_TOKEN_REJECTED");
    if (Temporal.Instant.compare(this.#clock.now(), until) >= 0) return fail("BROKER_TOKEN_EXPIRED");
    if (verifier.reveal() !== GOOD_PIN) return fail("BROKER_TOKEN_REJECTED");
    this.#open.delete(request.reveal());
    return succeed(this.#issue());
  }

  async renew(token: Secret): Promise<Result<Secret | undefined, BrokerCallFailure>> {
    return this.#use("renew", token, () => {
      if (!this.alive.has(token.reveal())) return fail("BROKER_TOKEN_REJECTED");
      this.asleep.delete(token.reveal());
      if (!this.isReplacing) return succeed(undefined);
      this.alive.delete(token.reveal());
      return succeed(this.#issue());
    });
  }

  async revoke(token: Secret): Promise<Result<void, BrokerCallFailure>> {
    this.calls.push("revoke");
    this.alive.delete(token.reveal());
    return succeed(undefined);
  }

  async probe(token: Secret): Promise<Result<ProbeEvidence, BrokerCallFailure>> {
    return this.#use("probe", token, () => {
      if (!this.alive.has(token.reveal())) return fail("BROKER_TOKEN_REJECTED");
      if (this.asleep.has(token.reveal())) return fail("BROKER_TOKEN_EXPIRED");
      return succeed({ accounts: 2, latencyMs: 12, tradable: ["1111", "2222"] });
    });
  }

  #issue(): Secret {
    this.#issued += 1;
    const token = `token-${this.#issued}`;
    this.alive.add(token);
    this.issuedAt.set(token, this.#clock.now());
    return Secret.of(token);
  }

  #use<T>(method: string, token: Secret, answer: () => Result<T, BrokerCallFailure>) {
    const result = this.#take(method) ?? answer();
    this.uses.push({ method, token: token.reveal(), at: this.#clock.now(), isAnswered: result.ok });
    return result;
  }

  #take(method: string) {
    this.calls.push(method);
    const index = this.failures.findIndex((one) => one.method === method);
    const [failure] = index < 0 ? [] : this.failures.splice(index, 1);
    return failure && fail(failure.code);
  }
}
