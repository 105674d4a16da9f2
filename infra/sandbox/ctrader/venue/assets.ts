/** What the simulated broker counts in, and how it sorts its symbols. */
import type {
  ProtoOAAsset,
  ProtoOAAssetClass,
  ProtoOADynamicLeverage,
  ProtoOASymbolCategory,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";

/** Ids of the assets by name. */
export const ASSET_IDS = {
  EUR: 4,
  USD: 6,
  JPY: 8,
  XAU: 19,
  PALMOIL: 214,
  US500: 231,
} as const;

export const ASSETS: readonly ProtoOAAsset[] = [
  { assetId: ASSET_IDS.EUR, name: "EUR", displayName: "EUR", digits: 2 },
  { assetId: ASSET_IDS.USD, name: "USD", displayName: "USD", digits: 2 },
  { assetId: ASSET_IDS.JPY, name: "JPY", displayName: "JPY", digits: 0 },
  { assetId: ASSET_IDS.XAU, name: "XAU", displayName: "Gold", digits: 2 },
  { assetId: ASSET_IDS.PALMOIL, name: "PALMOIL", displayName: "Palm Oil", digits: 2 },
  { assetId: ASSET_IDS.US500, name: "US500", displayName: "US 500", digits: 2 },
];

export const ASSET_CLASSES: readonly ProtoOAAssetClass[] = [
  { id: 1, name: "Forex", sortingNumber: 1 },
  { id: 2, name: "Metals", sortingNumber: 2 },
  { id: 3, name: "Commodities", sortingNumber: 3 },
  { id: 4, name: "Indices", sortingNumber: 4 },
];

export const CATEGORIES: readonly ProtoOASymbolCategory[] = [
  { id: 11, assetClassId: 1, name: "Majors", sortingNumber: 1 },
  { id: 12, assetClassId: 2, name: "Spot metals", sortingNumber: 2 },
  { id: 13, assetClassId: 3, name: "Softs", sortingNumber: 3 },
  { id: 14, assetClassId: 4, name: "Indices", sortingNumber: 4 },
];

/** Tiers by the exposure of one side in cents of a dollar; leverage times 100, since 1:3.33 is seen in the wild. */
export const LEVERAGES: readonly ProtoOADynamicLeverage[] = [
  {
    leverageId: 1,
    tiers: [
      { volume: 500_000_000, leverage: 10_000 },
      { volume: 5_000_000_000, leverage: 5_000 },
    ],
  },
  {
    leverageId: 2,
    tiers: [
      { volume: 200_000_000, leverage: 5_000 },
      { volume: 1_000_000_000, leverage: 2_000 },
    ],
  },
  { leverageId: 3, tiers: [{ volume: 100_000_000, leverage: 1_000 }] },
];
