import type { Temporal } from "temporal-polyfill";
import { lastSession, lastTradeAt, type SessionOn } from "./market-hours.ts";
import type { Plain } from "./markup.ts";
import { type PriceBook, toCents } from "./prices.ts";
import type { Seal } from "./seal.ts";

/** An account of a simulated user. */
export interface SimulatedAccount {
  readonly accountId: string;
  readonly accountIdKey: string;
  readonly mode: "MARGIN" | "CASH" | "IRA";
  readonly type: string;
  readonly description: string;
  readonly name: string;
  /** Whole seconds since 1970, or 0 while it is open. */
  readonly closedDate: number;
  /** Dollars. */
  readonly cash: number;
  /** Whole shares by symbol. */
  readonly holdings: Readonly<Record<string, number>>;
}

type Sample = Omit<SimulatedAccount, "accountId" | "accountIdKey">;

const SAMPLES: readonly Sample[] = [
  {
    mode: "MARGIN",
    type: "INDIVIDUAL",
    description: "Individual Brokerage",
    name: "Main",
    closedDate: 0,
    cash: 25_310.42,
    holdings: { AAPL: 40, MSFT: 15, SPY: 20 },
  },
  {
    mode: "CASH",
    type: "INDIVIDUAL",
    description: "Individual Brokerage",
    name: "",
    closedDate: 0,
    cash: 4_200,
    holdings: { KO: 100 },
  },
  {
    mode: "IRA",
    type: "ROTHIRA",
    description: "Roth IRA",
    name: "Later",
    closedDate: 0,
    cash: 812.07,
    holdings: { VTI: 50 },
  },
  {
    mode: "CASH",
    type: "JOINT",
    description: "Joint Brokerage",
    name: "Old",
    closedDate: 1_700_000_000,
    cash: 0,
    holdings: {},
  },
];

/** The four accounts of a user: margin, cash, retirement, and a closed one. Their numbers follow from the key of the seal. */
export function accountsOf(seal: Seal, username: string): readonly SimulatedAccount[] {
  return SAMPLES.map((sample, index) => {
    const bytes = Buffer.from(seal.derive(`account|${username}|${index}`));
    return {
      ...sample,
      accountId: String(10_000_000 + (bytes.readUInt32BE(16) % 90_000_000)),
      accountIdKey: bytes.subarray(0, 16).toString("base64url"),
    };
  });
}

/** Body of `/v1/accounts/list`. */
export function accountList(accounts: readonly SimulatedAccount[]): { readonly [root: string]: Plain } {
  const rows = accounts.map((account) => ({
    accountId: account.accountId,
    accountIdKey: account.accountIdKey,
    accountMode: account.mode,
    accountDesc: account.description,
    accountName: account.name,
    accountType: account.type,
    institutionType: "BROKERAGE",
    accountStatus: account.closedDate === 0 ? "ACTIVE" : "CLOSED",
    closedDate: account.closedDate,
    shareWorksAccount: false,
    fcManagedMssbClosedAccount: false,
  }));
  return { AccountListResponse: { Accounts: { Account: rows } } };
}

/** Body of `/v1/accounts/{key}/balance`. Values of holdings follow the simulated prices. */
export function accountBalance(
  account: SimulatedAccount,
  market: { readonly prices: PriceBook; readonly sessionOn: SessionOn },
  ask: { readonly now: Temporal.Instant; readonly isRealTime: boolean },
): { readonly [root: string]: Plain } {
  const tradedAt = lastTradeAt(lastSession(market.sessionOn, ask.now), ask.now);
  const values = Object.entries(account.holdings).map(
    ([symbol, shares]) => shares * market.prices.price(symbol, tradedAt),
  );
  const held = toCents(values.reduce((sum, value) => sum + value, 0));
  const total = toCents(held + account.cash);
  const realTime = { totalAccountValue: total, netMv: held, netMvLong: held, netMvShort: 0 };
  return {
    BalanceResponse: {
      accountId: account.accountId,
      accountType: account.mode === "MARGIN" ? "MARGIN" : "CASH",
      optionLevel: account.mode === "MARGIN" ? "LEVEL_2" : "LEVEL_1",
      accountDescription: account.description.toUpperCase(),
      quoteMode: 0,
      dayTraderStatus: "NO_PDT",
      accountMode: account.mode,
      Cash: { fundsForOpenOrdersCash: 0, moneyMktBalance: account.cash },
      Computed: {
        cashAvailableForInvestment: account.cash,
        cashAvailableForWithdrawal: account.cash,
        totalAvailableForWithdrawal: account.cash,
        netCash: account.cash,
        cashBalance: 0,
        settledCashForInvestment: account.cash,
        unSettledCashForInvestment: 0,
        fundsWithheldFromPurchasePower: 0,
        fundsWithheldFromWithdrawal: 0,
        cashBuyingPower: account.cash,
        accountBalance: account.cash,
        ...(account.mode === "MARGIN" ? marginFields(account.cash, held) : {}),
        OpenCalls: { minEquityCall: 0, fedCall: 0, cashCall: 0, houseCall: 0 },
        ...(ask.isRealTime ? { RealTimeValues: realTime } : {}),
      },
      ...(account.mode === "MARGIN"
        ? { Margin: { dtCashOpenOrderReserve: 0, dtMarginOpenOrderReserve: 0 } }
        : {}),
    },
  };
}

function marginFields(cash: number, held: number): { readonly [name: string]: Plain } {
  return {
    marginBuyingPower: toCents(2 * cash + held),
    dtMarginBuyingPower: 0,
    dtCashBuyingPower: 0,
    marginBalance: 0,
    shortAdjustBalance: 0,
    regtEquity: toCents(cash + held),
    regtEquityPercent: 100,
  };
}
