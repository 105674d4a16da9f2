/** The accounts that the simulated broker opens by itself. */
import type { ProtoOAMarginCall } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { ASSET_IDS } from "./assets.ts";
import type { AccountState, AccountTerms } from "./records.ts";

const COMMON = {
  user: "trader",
  brokerTitle: "Simulated Broker",
  accessRights: "FULL_ACCESS",
  marginCalculation: "MAX",
  depositAssetId: ASSET_IDS.USD,
  startingBalance: 1_000_000,
  leverageInCents: 10_000,
  isLive: false,
  isNetted: false,
} as const;

/** Hedged and netted, demo and live, and one that may be looked at only; all of them one user's. */
export const DEFAULT_ACCOUNTS: readonly AccountTerms[] = [
  { ...COMMON, ctidTraderAccountId: 30_100_001, traderLogin: 5_100_001 },
  {
    ...COMMON,
    ctidTraderAccountId: 30_100_002,
    traderLogin: 5_100_002,
    isNetted: true,
    depositAssetId: ASSET_IDS.EUR,
    marginCalculation: "NET",
  },
  {
    ...COMMON,
    ctidTraderAccountId: 40_200_001,
    traderLogin: 6_200_001,
    isLive: true,
    startingBalance: 2_500_000,
    leverageInCents: 5_000,
  },
  { ...COMMON, ctidTraderAccountId: 30_100_003, traderLogin: 5_100_003, accessRights: "NO_TRADING" },
];

const MARGIN_CALLS: readonly ProtoOAMarginCall[] = [
  { marginCallType: "MARGIN_LEVEL_THRESHOLD_1", marginLevelThreshold: 100 },
  { marginCallType: "MARGIN_LEVEL_THRESHOLD_2", marginLevelThreshold: 75 },
  { marginCallType: "MARGIN_LEVEL_THRESHOLD_3", marginLevelThreshold: 50 },
];

/** An account without any history. `now`: milliseconds since 1970. */
export function freshAccount(terms: AccountTerms, now: number): AccountState {
  return {
    terms,
    balance: terms.startingBalance,
    balanceVersion: 1,
    registeredAt: now,
    orders: new Map(),
    positions: new Map(),
    working: new Set(),
    live: new Set(),
    deals: [],
    offsets: [],
    cashFlow: [],
    received: new Map(),
    marginCalls: MARGIN_CALLS.map((call) => ({ ...call, utcLastUpdateTimestamp: now })),
  };
}
