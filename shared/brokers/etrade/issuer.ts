import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import { fail, type Result, succeed } from "../../platform/result.ts";
import { Secret } from "../../platform/secret.ts";
import type { Reply } from "../http.ts";
import type { BegunAuthorization, BrokerCallFailure, TokenIssuer } from "../token-issuer.ts";
import type { AccountReader } from "./accounts.ts";
import type { Calls } from "./calls.ts";
import { RETRIED_WRITES, type RetryPolicy, withRetry } from "./retry.ts";
import { packTokenPair, type TokenPair, unpackTokenPair } from "./token.ts";
import { withQuery } from "./url.ts";
import { readVerifier } from "./verifier.ts";

/** How long E*TRADE remembers a request token. */
const REQUEST_LIFE = Temporal.Duration.from({ minutes: 5 });

/** The token life of one E*TRADE connection. Both secrets that it hands out hold a packed `TokenPair`. */
export function createEtradeIssuer(
  deps: {
    readonly calls: Calls;
    readonly accounts: AccountReader;
    readonly clock: Clock;
    readonly random: Random;
  },
  options: { readonly consumerKey: string; readonly authorizeUrl: string; readonly retry: RetryPolicy },
): TokenIssuer {
  const renewals = new Map<string, Promise<Result<undefined, BrokerCallFailure>>>();

  function begun(reply: Reply, pair: TokenPair): BegunAuthorization {
    return {
      request: packTokenPair(pair),
      requestKey: pair.token,
      authorizeUrl: withQuery(options.authorizeUrl, { key: options.consumerKey, token: pair.token }),
      // Counted from before the broker's own start, so that it never promises too much.
      expiresAt: reply.sentAt.add(REQUEST_LIFE),
    };
  }

  async function renewOnce(token: TokenPair): Promise<Result<undefined, BrokerCallFailure>> {
    const sent = await deps.calls.oauth({ step: "renew_access_token", token });
    // Status 200 is the whole answer: the text beside it differs.
    return sent.ok ? succeed(undefined) : sent;
  }

  return {
    async begin() {
      const sent = await withRetry(deps, { ...options.retry, retried: RETRIED_WRITES }, () =>
        // E*TRADE takes this word alone, even where a callback address is registered for the key.
        deps.calls.oauth({ step: "request_token", parameters: { oauth_callback: "oob" } }),
      );
      if (!sent.ok) {
        const isCallback = sent.detail.problem === "callback_rejected";
        return isCallback ? fail("BROKER_CALLBACK_REFUSED", sent.detail) : sent;
      }
      const pair = readTokenPair(sent.value);
      return pair.ok ? succeed(begun(sent.value, pair.value)) : pair;
    },

    readVerifier,

    async complete(request, verifier) {
      const token = unpackTokenPair(request);
      const parameters = { oauth_verifier: verifier.reveal() };
      const sent = await deps.calls.oauth({ step: "access_token", parameters, token });
      if (!sent.ok) return sent;
      const pair = readTokenPair(sent.value);
      return pair.ok ? succeed(packTokenPair(pair.value)) : pair;
    },

    async renew(packed) {
      const token = unpackTokenPair(packed);
      const running = renewals.get(token.token);
      if (running !== undefined) return running;
      const renewal = renewOnce(token).finally(() => renewals.delete(token.token));
      renewals.set(token.token, renewal);
      return renewal;
    },

    async revoke(packed) {
      const sent = await deps.calls.oauth({ step: "revoke_access_token", token: unpackTokenPair(packed) });
      return sent.ok ? succeed(undefined) : sent;
    },

    async probe(packed) {
      const listed = await deps.accounts(unpackTokenPair(packed));
      if (!listed.ok) return listed;
      const { accounts, latencyMs } = listed.value;
      const trading = accounts.filter((account) => account.institutionType === "BROKERAGE");
      return succeed({
        accounts: accounts.length,
        latencyMs,
        tradable: trading.map((account) => account.lastFour),
      });
    },
  };
}

/** Reads a form body. A bare `+` stays one: in a token it is a digit of base64, never a space. */
function readTokenPair(reply: Reply): Result<TokenPair, "BROKER_REPLY_UNREADABLE"> {
  const fields = new Map<string, string>();
  for (const pair of reply.text.trim().split("&")) {
    const [, name, value] = /^([a-z_]+)=(.*)$/.exec(pair) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, decode(value));
  }
  const token = fields.get("oauth_token") ?? "";
  const tokenSecret = fields.get("oauth_token_secret") ?? "";
  return isTokenText(token) && isTokenText(tokenSecret)
    ? succeed({ token, tokenSecret: Secret.of(tokenSecret) })
    : fail("BROKER_REPLY_UNREADABLE", { module: "oauth", status: reply.status });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function isTokenText(text: string): boolean {
  return /^[\x21-\x7e]{1,300}$/.test(text);
}
