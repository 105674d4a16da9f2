import { inspect } from "node:util";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Clock } from "../platform/clock.ts";
import { declareCases, type Gaps } from "../platform/contracts/gaps.ts";
import type { Result } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";
import type { BegunAuthorization, TokenIssuer } from "./token-issuer.ts";

/** A broker's issuer with a broker behind it, real or simulated, as the contract sees them. */
export interface TokenIssuerUnderTest {
  readonly name: string;
  /** A fresh broker without any login. */
  make(): Promise<{
    readonly issuer: TokenIssuer;
    /** The same issuer where nothing listens at the broker's addresses. */
    readonly unreachable: TokenIssuer;
    /** The time by which broker and issuer live; whoever sleeps on it must wake without help. */
    readonly clock: Clock;
    /** Logs the owner in, agrees, and gives the PIN or code as the broker shows it. */
    approve(begun: BegunAuthorization): Promise<Secret>;
    /** Lets `duration` pass for broker and issuer. */
    pass(duration: Temporal.Duration): Promise<void>;
    close?(): Promise<void>;
  }>;
  /** Of the right form, but never given out by the broker. */
  readonly wrongVerifier: Secret;
  /** How long a request, an unused token, and a token that is kept in use are good at most. */
  readonly lives: {
    readonly request: Temporal.Duration;
    readonly idle: Temporal.Duration;
    readonly token: Temporal.Duration;
  };
  readonly gaps?: Gaps;
}

const DEAD = ["BROKER_TOKEN_EXPIRED", "BROKER_TOKEN_REJECTED"];
const A_SECOND = Temporal.Duration.from({ seconds: 1 });

/** What every token issuer promises. No case makes more than two probes without letting time pass. */
export function tokenIssuerContract(adapter: TokenIssuerUnderTest): void {
  describe(`token issuer contract: ${adapter.name}`, () => {
    let made: Awaited<ReturnType<TokenIssuerUnderTest["make"]>>;
    let issuer: TokenIssuer;

    beforeEach(async () => {
      made = await adapter.make();
      issuer = made.issuer;
    });

    afterEach(async () => {
      await made.close?.();
    });

    const begin = async (): Promise<BegunAuthorization> => expectValue(await issuer.begin());

    async function approved(): Promise<{ readonly request: Secret; readonly verifier: Secret }> {
      const begun = await begin();
      const shown = await made.approve(begun);
      return { request: begun.request, verifier: expectValue(issuer.readVerifier(shown)) };
    }

    async function login(): Promise<Secret> {
      const { request, verifier } = await approved();
      return expectValue(await issuer.complete(request, verifier));
    }

    declareCases(adapter.gaps ?? {}, (test) => {
      test("begin gives an address to log in at, and an end within the request's life", async () => {
        const before = made.clock.now();

        const begun = await begin();

        const latest = made.clock.now().add(adapter.lives.request);
        expect(URL.canParse(begun.authorizeUrl)).toBe(true);
        expect(begun.requestKey).not.toBe("");
        expect(Temporal.Instant.compare(begun.expiresAt, before)).toBe(1);
        expect(Temporal.Instant.compare(begun.expiresAt, latest)).toBeLessThanOrEqual(0);
      });

      test("two logins can be told apart", async () => {
        const [first, second] = [await begin(), await begin()];

        expect(second.requestKey).not.toBe(first.requestKey);
        expect(second.authorizeUrl).not.toBe(first.authorizeUrl);
      });

      test("the owner's PIN brings a token that works", async () => {
        const token = await login();

        const evidence = expectValue(await issuer.probe(token));

        expect(evidence.accounts).toBeGreaterThan(0);
        expect(evidence.latencyMs).toBeGreaterThanOrEqual(0);
      });

      test("a wrong PIN is rejected", async () => {
        const { request } = await approved();

        const completed = await issuer.complete(request, adapter.wrongVerifier);

        expect(outcomeOf(completed)).toBe("BROKER_TOKEN_REJECTED");
      });

      test("after a wrong PIN the right one is still good", async () => {
        const { request, verifier } = await approved();
        await issuer.complete(request, adapter.wrongVerifier);

        const completed = await issuer.complete(request, verifier);

        expect(completed.ok).toBe(true);
      });

      test("a PIN without the owner's login is rejected", async () => {
        const begun = await begin();

        const completed = await issuer.complete(begun.request, adapter.wrongVerifier);

        expect(outcomeOf(completed)).toBe("BROKER_TOKEN_REJECTED");
      });

      test("a PIN works once", async () => {
        const { request, verifier } = await approved();
        const first = await issuer.complete(request, verifier);

        const second = await issuer.complete(request, verifier);

        expect(first.ok).toBe(true);
        expect(outcomeOf(second)).toBe("BROKER_TOKEN_REJECTED");
      });

      test("a PIN of one login does not complete another", async () => {
        const [mine, other] = [await approved(), await approved()];

        const completed = await issuer.complete(mine.request, other.verifier);

        expect(outcomeOf(completed)).toBe("BROKER_TOKEN_REJECTED");
      });

      test("a request that is too old brings no token", async () => {
        const { request, verifier } = await approved();
        await made.pass(adapter.lives.request.add(A_SECOND));

        const completed = await issuer.complete(request, verifier);

        expect(DEAD).toContain(outcomeOf(completed));
      });

      test("what is no PIN is refused before the broker is asked", async () => {
        const texts = ["  \n ", "x".repeat(10_000)];

        const codes = texts.map((text) => outcomeOf(issuer.readVerifier(Secret.of(text))));

        expect(codes).toEqual(["PIN_MALFORMED", "PIN_MALFORMED"]);
      });

      test("a token that went idle stops working, and works again once renewed", async () => {
        const token = await login();
        await made.pass(adapter.lives.idle.add(A_SECOND));
        const idle = await issuer.probe(token);

        const renewed = expectValue(await issuer.renew(token)) ?? token;

        const revived = await issuer.probe(renewed);
        expect(DEAD).toContain(outcomeOf(idle));
        expect(revived.ok).toBe(true);
      });

      test("renewing a token that is in use does no harm", async () => {
        const token = await login();

        const renewed = expectValue(await issuer.renew(token)) ?? token;

        expect((await issuer.probe(renewed)).ok).toBe(true);
      });

      test("renewals of one token at one time all have the same outcome", async () => {
        const token = await login();

        const renewals = await Promise.all([issuer.renew(token), issuer.renew(token), issuer.renew(token)]);

        const tokens = renewals.map((renewal) => expectValue(renewal)?.reveal());
        expect(new Set(tokens).size).toBe(1);
      });

      test("a token that is past its life is dead, and renewing does not revive it", async () => {
        const token = await login();
        await made.pass(adapter.lives.token.add(A_SECOND));

        const renewed = await issuer.renew(token);

        const probed = await issuer.probe(token);
        expect(DEAD).toContain(outcomeOf(renewed));
        expect(DEAD).toContain(outcomeOf(probed));
      });

      test("a revoked token is dead, and renewing does not revive it", async () => {
        const token = await login();

        const revoked = await issuer.revoke(token);

        const after = [outcomeOf(await issuer.renew(token)), outcomeOf(await issuer.probe(token))];
        expect(revoked.ok).toBe(true);
        expect(DEAD).toEqual(expect.arrayContaining(after));
      });

      test("where nobody listens, every call says that nothing was sent", async () => {
        const { request, verifier } = await approved();
        const token = await login();

        const codes = [
          outcomeOf(await made.unreachable.begin()),
          outcomeOf(await made.unreachable.complete(request, verifier)),
          outcomeOf(await made.unreachable.renew(token)),
          outcomeOf(await made.unreachable.revoke(token)),
          outcomeOf(await made.unreachable.probe(token)),
        ];

        expect(codes).toEqual(Array.from({ length: 5 }, () => "BROKER_UNREACHABLE"));
      });

      test("neither outcomes nor failures show a secret", async () => {
        const { request, verifier } = await approved();

        const wrong = await issuer.complete(request, adapter.wrongVerifier);
        const right = await issuer.complete(request, verifier);

        const token = expectValue(right).reveal();
        const shown = inspect([wrong, right], { depth: 12 }) + JSON.stringify([wrong, right]);
        for (const secret of [token, request.reveal(), verifier.reveal(), adapter.wrongVerifier.reveal()]) {
          expect(shown).not.toContain(secret);
        }
      });
    });
  });
}

function expectValue<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`expected success, got ${result.code} ${JSON.stringify(result.detail)}`);
  return result.value;
}

function outcomeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : result.code;
}
