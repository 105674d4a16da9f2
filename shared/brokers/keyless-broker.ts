import { type Failure, fail } from "../platform/result.ts";
import type { BrokerAccounts } from "./broker-accounts.ts";
import type { TokenIssuer } from "./token-issuer.ts";

/**
 * Stands in for a connection's broker while its consumer key is not there or cannot be read: every call fails
 * with `BROKER_KEY_MISSING` and nothing is sent. `reason`: the code with which reading the key failed. A PIN
 * is read as the broker's own issuer reads it, which takes no key.
 */
export function createKeylessBroker(
  facts: { readonly connection: string; readonly reason: string },
  readVerifier: TokenIssuer["readVerifier"],
): { readonly issuer: TokenIssuer; readonly accounts: BrokerAccounts } {
  const { connection, reason } = facts;
  const refuse = async (): Promise<Failure<"BROKER_KEY_MISSING">> =>
    fail("BROKER_KEY_MISSING", { connection, reason });
  return {
    issuer: {
      begin: refuse,
      readVerifier,
      complete: refuse,
      renew: refuse,
      revoke: refuse,
      probe: refuse,
    },
    accounts: { probe: refuse, balances: refuse },
  };
}
