import { z } from "zod";
import type { Brand } from "../../platform/brand.ts";
import { type Result, succeed } from "../../platform/result.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type { Calls } from "./calls.ts";
import { optionalTextSchema, textSchema } from "./json.ts";
import type { TokenPair } from "./token.ts";

/** The opaque name of an account in addresses; neither a number nor a credential, but still not for logs. */
export type AccountIdKey = Brand<string, "etrade-account-id-key">;

/** An open account, without its number. */
export interface EtradeAccount {
  readonly accountIdKey: AccountIdKey;
  /** The last four characters of the account's number. */
  readonly lastFour: string;
  /** E*TRADE's name for the kind of account, e.g. `Individual Brokerage`. */
  readonly description: string;
  /** What the owner calls it; empty where they have given no name. */
  readonly name: string;
  /** `CASH`, `MARGIN`, `IRA`, … */
  readonly mode: string;
  /** `INDIVIDUAL`, `JOINT`, … */
  readonly type: string;
  /** What `balance` asks for again; `BROKERAGE` for what can trade. */
  readonly institutionType: string;
  /** `ACTIVE`; closed accounts are left out. */
  readonly status: string;
}

/** The open accounts, and how long the broker took for the answer. */
export interface AccountList {
  readonly accounts: readonly EtradeAccount[];
  readonly latencyMs: number;
}

/** Lists the open accounts of a token. */
export type AccountReader = (token: TokenPair) => Promise<Result<AccountList, BrokerCallFailure>>;

const accountSchema = z
  .object({
    accountId: textSchema,
    accountIdKey: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
    accountMode: optionalTextSchema,
    accountDesc: optionalTextSchema,
    accountName: optionalTextSchema,
    accountType: optionalTextSchema,
    institutionType: z.string().min(1),
    accountStatus: z.string().min(1),
  })
  .transform(
    (account): EtradeAccount => ({
      accountIdKey: account.accountIdKey as AccountIdKey,
      lastFour: account.accountId.slice(-4),
      description: account.accountDesc,
      name: account.accountName,
      mode: account.accountMode,
      type: account.accountType,
      institutionType: account.institutionType,
      status: account.accountStatus,
    }),
  );

const accountListSchema = z.object({
  AccountListResponse: z.object({ Accounts: z.object({ Account: z.array(accountSchema) }) }),
});

/** Makes the reader of the accounts list. An answer without content means that there are none. */
export function createAccountReader(calls: Calls): AccountReader {
  return async (token) => {
    const path = "/v1/accounts/list.json";
    const read = await calls.read({ module: "accounts", path, token, schema: accountListSchema });
    if (!read.ok) return read;
    const listed = read.value.value?.AccountListResponse.Accounts.Account ?? [];
    const accounts = listed.filter((account) => account.status !== "CLOSED");
    return succeed({ accounts, latencyMs: read.value.latencyMs });
  };
}
