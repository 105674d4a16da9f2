import type { Result } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { BrokerCallFailure, ProbeEvidence } from "./token-issuer.ts";

/** One account's money, for a person to read. Amounts are decimals as text, in the account's currency. */
export interface AccountBalance {
  /** The last four characters of the account's number only. */
  readonly account: string;
  readonly description: string;
  /** The broker's own name of it, e.g. `USD`. */
  readonly currency: string;
  /** Cash without the open positions' profit or loss. */
  readonly balance?: string;
  readonly totalAccountValue?: string;
  readonly cashAvailableForInvestment?: string;
}

/** What can be read of a broker's accounts with a token. */
export interface BrokerAccounts {
  probe(token: Secret): Promise<Result<ProbeEvidence, BrokerCallFailure>>;
  /** The balances of all open accounts. */
  balances(token: Secret): Promise<Result<readonly AccountBalance[], BrokerCallFailure>>;
}
