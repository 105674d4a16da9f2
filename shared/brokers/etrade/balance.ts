import type { Decimal } from "decimal.js";
import { z } from "zod";
import { fail, type Result, succeed } from "../../platform/result.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type { AccountIdKey } from "./accounts.ts";
import type { Calls } from "./calls.ts";
import { given, optionalDecimalSchema, optionalTextSchema } from "./json.ts";
import type { TokenPair } from "./token.ts";
import { encodePathSegment } from "./url.ts";

/** Exact US dollars. */
export type Dollars = Decimal;

/** An account's money. Fields that the broker leaves out are absent: cash accounts have no margin ones. */
export interface EtradeBalance {
  /** `CASH`, `MARGIN`, `IRA`, … */
  readonly mode: string;
  /** E*TRADE's word, e.g. `NO_PDT`. */
  readonly dayTraderStatus?: string;
  readonly optionLevel?: string;
  readonly cashAvailableForInvestment?: Dollars;
  readonly cashAvailableForWithdrawal?: Dollars;
  readonly settledCashForInvestment?: Dollars;
  readonly unsettledCashForInvestment?: Dollars;
  readonly netCash?: Dollars;
  readonly cashBalance?: Dollars;
  readonly accountBalance?: Dollars;
  readonly cashBuyingPower?: Dollars;
  readonly marginBuyingPower?: Dollars;
  readonly dayTradingCashBuyingPower?: Dollars;
  readonly dayTradingMarginBuyingPower?: Dollars;
  /** Calls to deposit: equity, federal, cash and house together. */
  readonly openCalls?: Dollars;
  /** Cash and positions at the prices of the moment. */
  readonly totalAccountValue?: Dollars;
  /** Positions alone; shorts count negative. */
  readonly netMarketValue?: Dollars;
}

/** Reads one account's balance; `institutionType` as the accounts list gives it. */
export type BalanceReader = (
  token: TokenPair,
  accountIdKey: AccountIdKey,
  institutionType: string,
) => Promise<Result<EtradeBalance, BrokerCallFailure>>;

const openCallsSchema = z.object({
  minEquityCall: optionalDecimalSchema,
  fedCall: optionalDecimalSchema,
  cashCall: optionalDecimalSchema,
  houseCall: optionalDecimalSchema,
});

const computedSchema = z.object({
  cashAvailableForInvestment: optionalDecimalSchema,
  cashAvailableForWithdrawal: optionalDecimalSchema,
  settledCashForInvestment: optionalDecimalSchema,
  unSettledCashForInvestment: optionalDecimalSchema,
  netCash: optionalDecimalSchema,
  cashBalance: optionalDecimalSchema,
  accountBalance: optionalDecimalSchema,
  cashBuyingPower: optionalDecimalSchema,
  marginBuyingPower: optionalDecimalSchema,
  dtCashBuyingPower: optionalDecimalSchema,
  dtMarginBuyingPower: optionalDecimalSchema,
  OpenCalls: openCallsSchema.nullish(),
  RealTimeValues: z
    .object({ totalAccountValue: optionalDecimalSchema, netMv: optionalDecimalSchema })
    .nullish(),
});

const balanceSchema = z.object({
  BalanceResponse: z.object({
    accountMode: optionalTextSchema,
    dayTraderStatus: optionalTextSchema,
    optionLevel: optionalTextSchema,
    Computed: computedSchema,
  }),
});

/** Makes the reader of balances. An answer without content is `BROKER_REPLY_UNREADABLE`: no account is without a balance. */
export function createBalanceReader(calls: Calls): BalanceReader {
  return async (token, accountIdKey, institutionType) => {
    const read = await calls.read({
      module: "accounts",
      path: `/v1/accounts/${encodePathSegment(accountIdKey)}/balance.json`,
      query: { instType: institutionType, realTimeNAV: "true" },
      token,
      schema: balanceSchema,
    });
    if (!read.ok) return read;
    if (read.value.value === undefined) {
      return fail("BROKER_REPLY_UNREADABLE", { module: "accounts", status: 204 });
    }
    return succeed(toBalance(read.value.value.BalanceResponse));
  };
}

function toBalance(response: z.output<typeof balanceSchema>["BalanceResponse"]): EtradeBalance {
  const { Computed: computed } = response;
  return {
    mode: response.accountMode,
    ...given({
      dayTraderStatus: response.dayTraderStatus || undefined,
      optionLevel: response.optionLevel || undefined,
      cashAvailableForInvestment: computed.cashAvailableForInvestment,
      cashAvailableForWithdrawal: computed.cashAvailableForWithdrawal,
      settledCashForInvestment: computed.settledCashForInvestment,
      unsettledCashForInvestment: computed.unSettledCashForInvestment,
      netCash: computed.netCash,
      cashBalance: computed.cashBalance,
      accountBalance: computed.accountBalance,
      cashBuyingPower: computed.cashBuyingPower,
      marginBuyingPower: computed.marginBuyingPower,
      dayTradingCashBuyingPower: computed.dtCashBuyingPower,
      dayTradingMarginBuyingPower: computed.dtMarginBuyingPower,
      openCalls: sum(Object.values(computed.OpenCalls ?? {})),
      totalAccountValue: computed.RealTimeValues?.totalAccountValue,
      netMarketValue: computed.RealTimeValues?.netMv,
    }),
  };
}

function sum(amounts: readonly (Dollars | undefined)[]): Dollars | undefined {
  const known = amounts.filter((amount) => amount !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, amount) => total.add(amount));
}
