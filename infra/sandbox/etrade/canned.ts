import { CANNED_CANCEL, CANNED_ORDERS, CANNED_PLACE, CANNED_PREVIEW } from "./canned-orders.ts";
import type { DataTarget } from "./data-paths.ts";
import { type Dress, good, nothing, refuse } from "./dress.ts";
import type { Reply } from "./http-words.ts";
import type { Plain } from "./markup.ts";

/** What the sandbox host answers whatever it is asked: the keys and names as reported, all figures made up. */
type Document = { readonly [root: string]: Plain };

const ROWS = [
  ["dBZOKt9xDrtRSAOl4MSiiA", "NickName-1", "IRA", "MARGIN", "ACTIVE"],
  ["vQMsebA1H5WltUfDkJP48g", "NickName-2", "CASH", "INDIVIDUAL", "ACTIVE"],
  ["6_Dpy0rmuQ9cu9IbTfvF2A", "NickName-3", "CASH", "INDIVIDUAL", "ACTIVE"],
  ["xj1Dc18FTqWPqkEEVUr5rw", "", "CASH", "CASH", "CLOSED"],
] as const;

/** The sandbox's account list. */
const CANNED_ACCOUNTS: Document = {
  AccountListResponse: {
    Accounts: {
      Account: ROWS.map(([accountIdKey, accountName, accountMode, accountType, accountStatus], index) => ({
        accountId: `8000000${index + 1}0`,
        accountIdKey,
        accountMode,
        accountDesc: accountMode === "IRA" ? "Brokerage" : "INDIVIDUAL",
        accountName,
        accountType,
        institutionType: "BROKERAGE",
        accountStatus,
        closedDate: accountStatus === "CLOSED" ? 1_520_000_000 : 0,
        shareWorksAccount: false,
        fcManagedMssbClosedAccount: false,
      })),
    },
  },
};

/** The sandbox's balance, the same for every account. */
const CANNED_BALANCE: Document = {
  BalanceResponse: {
    accountId: "800000090",
    accountType: "MARGIN",
    optionLevel: "LEVEL_4",
    accountDescription: "",
    Cash: { fundsForOpenOrdersCash: 0, moneyMktBalance: 0 },
    Computed: {
      cashAvailableForInvestment: 0,
      cashAvailableForWithdrawal: 0,
      netCash: -740.5,
      cashBalance: 0,
      settledCashForInvestment: 0,
      unSettledCashForInvestment: 0,
      fundsWithheldFromPurchasePower: 0,
      fundsWithheldFromWithdrawal: 0,
      OpenCalls: { cashCall: 0 },
      RealTimeValues: { totalAccountValue: 0, netMv: -454.2, netMvLong: 0 },
    },
  },
};

/** The sandbox's quote: Google in June 2012. */
const CANNED_QUOTE: Document = {
  QuoteResponse: {
    QuoteData: [
      {
        dateTime: "16:00:00 EDT 06-20-2012",
        dateTimeUTC: 1_340_222_400,
        quoteStatus: "REALTIME",
        ahFlag: "false",
        All: {
          adjustedFlag: false,
          ask: 579.7,
          askSize: 100,
          askTime: "16:00:00 EDT 06-20-2012",
          bid: 574,
          bidExchange: "",
          bidSize: 100,
          bidTime: "16:00:00 EDT 06-20-2012",
          changeClose: 0,
          changeClosePercentage: 0,
          companyName: "GOOGLE INC CL A",
          dirLast: "1",
          high: 0,
          high52: 670.3,
          lastTrade: 577.5,
          low: 0,
          low52: 473,
          open: 0,
          previousClose: 577.5,
          previousDayVolume: 2_400_000,
          primaryExchange: "NASDAQ NM",
          symbolDescription: "GOOGLE INC CL A",
          totalVolume: 0,
          nextEarningDate: "",
          timeOfLastTrade: 1_340_222_400,
          averageVolume: 13_900_000,
        },
        Product: { symbol: "GOOG", securityType: "EQ" },
      },
    ],
  },
};

/** The sandbox's answer, the same to all who ask. */
export function answerCanned({ endpoint }: DataTarget, dress: Dress): Reply {
  switch (endpoint) {
    case "accounts/list":
      return good(CANNED_ACCOUNTS, dress);
    case "accounts/balance":
      return good(CANNED_BALANCE, dress);
    case "accounts/portfolio":
    case "accounts/lots":
    case "accounts/transactions":
      return nothing();
    case "market/quote":
      return good(CANNED_QUOTE, dress);
    case "orders/list":
      return good(CANNED_ORDERS, dress);
    case "orders/details":
      return refuse({ status: 500, code: 100, message: UNAVAILABLE }, dress);
    case "orders/preview":
    case "orders/change-preview":
      return good(CANNED_PREVIEW, dress);
    case "orders/place":
    case "orders/change-place":
      return good(CANNED_PLACE, dress);
    case "orders/cancel":
      return good(CANNED_CANCEL, dress);
    default:
      return endpoint satisfies never;
  }
}

const UNAVAILABLE = "The requested service is not currently available, please try after sometime.";
