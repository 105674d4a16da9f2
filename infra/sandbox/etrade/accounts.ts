import type { Plain } from "./markup.ts";
import type { Seal } from "./seal.ts";

type Fields = { readonly [name: string]: Plain };

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

/** An account's money at a moment, in cents. */
export interface AccountMoney {
  readonly cashCents: number;
  readonly longCents: number;
  /** What was sold short, at today's prices; never below 0. */
  readonly shortCents: number;
  /** What working orders have taken out of the buying power. */
  readonly reservedCents: number;
}

/** Body of `/v1/accounts/{key}/balance`. */
export function accountBalance(
  account: SimulatedAccount,
  money: AccountMoney,
  { isRealTime }: { readonly isRealTime: boolean },
): { readonly [root: string]: Plain } {
  const cash = money.cashCents / 100;
  const reserved = money.reservedCents / 100;
  const free = Math.max(0, (money.cashCents - money.reservedCents) / 100);
  const [long, short] = [money.longCents / 100, -money.shortCents / 100];
  const net = (money.longCents - money.shortCents) / 100;
  const total = (money.cashCents + money.longCents - money.shortCents) / 100;
  const realTime = {
    ...{ totalAccountValue: total, netMv: net, netMvLong: long, netMvShort: short === 0 ? 0 : short },
  };
  return {
    BalanceResponse: {
      accountId: account.accountId,
      accountType: account.mode === "MARGIN" ? "MARGIN" : "CASH",
      optionLevel: account.mode === "MARGIN" ? "LEVEL_2" : "LEVEL_1",
      accountDescription: account.description.toUpperCase(),
      quoteMode: 0,
      dayTraderStatus: "NO_PDT",
      accountMode: account.mode,
      Cash: { fundsForOpenOrdersCash: reserved, moneyMktBalance: cash },
      Computed: {
        cashAvailableForInvestment: free,
        cashAvailableForWithdrawal: free,
        totalAvailableForWithdrawal: free,
        netCash: cash,
        cashBalance: 0,
        settledCashForInvestment: free,
        unSettledCashForInvestment: 0,
        fundsWithheldFromPurchasePower: 0,
        fundsWithheldFromWithdrawal: 0,
        cashBuyingPower: free,
        accountBalance: cash,
        ...(account.mode === "MARGIN" ? marginFields(money) : {}),
        OpenCalls: { minEquityCall: 0, fedCall: 0, cashCall: 0, houseCall: 0 },
        ...(isRealTime ? { RealTimeValues: realTime } : {}),
      },
      ...(account.mode === "MARGIN"
        ? { Margin: { dtCashOpenOrderReserve: 0, dtMarginOpenOrderReserve: reserved } }
        : {}),
    },
  };
}

function marginFields({ cashCents, longCents, shortCents, reservedCents }: AccountMoney): Fields {
  const equityCents = cashCents + longCents - shortCents;
  const powerCents = 2 * equityCents - longCents - shortCents - reservedCents;
  return {
    marginBuyingPower: Math.max(0, powerCents) / 100,
    dtMarginBuyingPower: 0,
    dtCashBuyingPower: 0,
    marginBalance: Math.min(0, cashCents) / 100,
    shortAdjustBalance: shortCents / 100,
    regtEquity: equityCents / 100,
    regtEquityPercent: 100,
  };
}
