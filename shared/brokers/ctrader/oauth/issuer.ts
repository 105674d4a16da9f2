import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../../../platform/clock.ts";
import type { Random } from "../../../platform/random.ts";
import { fail, type Result, succeed } from "../../../platform/result.ts";
import { Secret } from "../../../platform/secret.ts";
import type { BrokerCallFailure, TokenIssuer } from "../../token-issuer.ts";
import { packGrant, unpackGrant } from "./token.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";
import { readVerifier } from "./verifier.ts";

/**
 * How long Openbell itself waits for the owner to come back: the broker knows of no login before it has given a
 * code, and a code lives a minute.
 */
const LOGIN_LIFE = Temporal.Duration.from({ minutes: 10 });

const requestSchema = z.strictObject({ key: z.string(), expiresAt: z.string() });

export interface CtraderIssuerDeps {
  readonly endpoint: TokenEndpoint;
  readonly clock: Clock;
  readonly random: Random;
  /** One short visit with the grant's access token; see `short-visit.ts`. */
  probe: TokenIssuer["probe"];
}

/**
 * The token life of one cTrader connection. The secret that it hands out holds both tokens of a grant.
 *
 * 1. A code and a refresh token are sent once by each call, and never again by themselves.
 * 2. `renew` always brings another grant; the one that was given is spent, also where the answer was lost.
 */
export function createCtraderIssuer(
  deps: CtraderIssuerDeps,
  options: { readonly clientId: string; readonly authorizeUrl: string; readonly redirectUri: string },
): TokenIssuer {
  const renewals = new Map<string, Promise<Result<Secret, BrokerCallFailure>>>();
  const { clientId, authorizeUrl, redirectUri } = options;
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: "trading",
    product: "web",
  });

  async function renewOnce(refreshToken: Secret): Promise<Result<Secret, BrokerCallFailure>> {
    const renewed = await deps.endpoint({ kind: "refresh", refreshToken });
    return renewed.ok ? succeed(packGrant(renewed.value)) : renewed;
  }

  return {
    async begin() {
      const expiresAt = deps.clock.now().add(LOGIN_LIFE);
      const requestKey = Buffer.from(deps.random.bytes(18)).toString("base64url");
      return succeed({
        request: Secret.of(JSON.stringify({ key: requestKey, expiresAt: expiresAt.toString() })),
        // It goes nowhere: the broker gives nothing back by which its redirect could be told from another.
        requestKey,
        authorizeUrl: `${authorizeUrl}?${query}`,
        expiresAt,
      });
    },

    readVerifier,

    async complete(request, verifier) {
      const { expiresAt } = readRequest(request);
      if (Temporal.Instant.compare(deps.clock.now(), Temporal.Instant.from(expiresAt)) >= 0) {
        return fail("BROKER_TOKEN_EXPIRED", { login: "too-old" });
      }
      const granted = await deps.endpoint({ kind: "code", code: verifier, redirectUri });
      return granted.ok ? succeed(packGrant(granted.value)) : granted;
    },

    async renew(packed) {
      const { refreshToken } = unpackGrant(packed);
      const key = refreshToken.reveal();
      const running = renewals.get(key);
      if (running !== undefined) return running;
      const renewal = renewOnce(refreshToken).finally(() => renewals.delete(key));
      renewals.set(key, renewal);
      return renewal;
    },

    /** cTrader has no call that ends a grant: its owner takes it back on the broker's own page. */
    revoke: async () => fail("BROKER_REFUSED", { reason: "no-such-call" }),

    probe: (token) => deps.probe(token),

    lifeOf: (token) => unpackGrant(token).life,
  };
}

function readRequest(request: Secret): z.output<typeof requestSchema> {
  return requestSchema.parse(JSON.parse(request.reveal()));
}
