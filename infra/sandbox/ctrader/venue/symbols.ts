/** The instruments of the simulated broker, with rules such as real ones have. */
import type {
  ProtoOAHoliday,
  ProtoOAInterval,
  ProtoOALightSymbol,
  ProtoOASymbol,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { ASSET_IDS } from "./assets.ts";

/** An optional field of the protocol that this broker always fills. */
type Filled = "minVolume" | "maxVolume" | "stepVolume" | "lotSize" | "leverageId" | "scheduleTimeZone";

/** The rules of a symbol, with what the venue itself needs always there. */
export type SymbolRules = ProtoOASymbol & Required<Pick<ProtoOASymbol, Filled>>;

export interface VenueSymbol {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly baseAssetId: number;
  readonly quoteAssetId: number;
  readonly categoryId: number;
  readonly rules: SymbolRules;
  /** The price around which the simulated one wanders, and how far it does: 1 is the restlessness of a currency pair. */
  readonly basePrice: number;
  readonly restlessness: number;
  /** The usual spread, in points of the last decimal. */
  readonly spreadPoints: number;
}

const ZONE = "Europe/Moscow";
const intervals = (...pairs: readonly (readonly [number, number])[]): readonly ProtoOAInterval[] =>
  pairs.map(([startSecond, endSecond]) => ({ startSecond, endSecond }));

const CURRENCY_HOURS = intervals(
  [86_700, 172_500],
  [173_100, 258_900],
  [259_500, 345_300],
  [345_900, 431_700],
  [432_300, 518_100],
);
const METAL_HOURS = intervals(
  [90_300, 172_200],
  [176_700, 258_600],
  [263_100, 345_000],
  [349_500, 431_400],
  [435_900, 517_800],
);
/** Two sessions a day from Monday to Friday: 05:30 to 07:30 and 09:30 to 13:00 in the zone of the schedule. */
const PALM_OIL_HOURS = intervals(
  ...[1, 2, 3, 4, 5].flatMap((day): [number, number][] => [
    [day * 86_400 + 19_800, day * 86_400 + 27_000],
    [day * 86_400 + 34_200, day * 86_400 + 46_800],
  ]),
);

const HOLIDAYS: readonly ProtoOAHoliday[] = [
  {
    holidayId: 71,
    name: "New Year's Day",
    description: "",
    scheduleTimeZone: ZONE,
    holidayDate: 20_089,
    isRecurring: true,
    startSecond: 0,
    endSecond: 86_400,
  },
  {
    holidayId: 72,
    name: "Christmas Day",
    description: "",
    scheduleTimeZone: ZONE,
    holidayDate: 20_447,
    isRecurring: true,
    startSecond: 0,
    endSecond: 86_400,
  },
];

/** What all symbols of this broker have alike. */
const COMMON = {
  enableShortSelling: true,
  guaranteedStopLoss: false,
  maxExposure: 100_000_000_000_000,
  commission: 0,
  minCommission: 0,
  minCommissionType: "CURRENCY",
  minCommissionAsset: "USD",
  preciseMinCommission: 0,
  slDistance: 0,
  tpDistance: 0,
  gslDistance: 0,
  gslCharge: 0,
  distanceSetIn: "SYMBOL_DISTANCE_IN_POINTS",
  rolloverCommission: 0,
  skipRolloverDays: 0,
  rolloverCommission3Days: "MONDAY",
  scheduleTimeZone: ZONE,
  tradingMode: "ENABLED",
  swapPeriod: 24,
  swapTime: 1_259,
  skipSWAPPeriods: 0,
  chargeSwapAtWeekends: false,
  holiday: HOLIDAYS,
} as const;

const EURUSD: VenueSymbol = {
  id: 1,
  name: "EURUSD",
  description: "Euro vs US Dollar",
  baseAssetId: ASSET_IDS.EUR,
  quoteAssetId: ASSET_IDS.USD,
  categoryId: 11,
  basePrice: 1.1198,
  restlessness: 1,
  spreadPoints: 7,
  rules: {
    ...COMMON,
    symbolId: 1,
    digits: 5,
    pipPosition: 4,
    lotSize: 10_000_000,
    minVolume: 100_000,
    stepVolume: 100_000,
    maxVolume: 5_000_000_000,
    schedule: CURRENCY_HOURS,
    commissionType: "USD_PER_LOT",
    preciseTradingCommissionRate: 250_000_000,
    swapRollover3Days: "WEDNESDAY",
    swapCalculationType: "PIPS",
    swapLong: -0.62,
    swapShort: 0.21,
    pnlConversionFeeRate: 0,
    leverageId: 1,
    measurementUnits: "",
  },
};

const USDJPY: VenueSymbol = {
  id: 4,
  name: "USDJPY",
  description: "US Dollar vs Japanese Yen",
  baseAssetId: ASSET_IDS.USD,
  quoteAssetId: ASSET_IDS.JPY,
  categoryId: 11,
  basePrice: 151.4,
  restlessness: 1.2,
  spreadPoints: 9,
  rules: {
    ...EURUSD.rules,
    symbolId: 4,
    digits: 3,
    pipPosition: 2,
    commissionType: "USD_PER_MILLION_USD",
    preciseTradingCommissionRate: 3_000_000_000,
    swapLong: 0.44,
    swapShort: -1.05,
    pnlConversionFeeRate: 70,
  },
};

const XAUUSD: VenueSymbol = {
  id: 41,
  name: "XAUUSD",
  description: "Gold vs US Dollar",
  baseAssetId: ASSET_IDS.XAU,
  quoteAssetId: ASSET_IDS.USD,
  categoryId: 12,
  basePrice: 2_655,
  restlessness: 2,
  spreadPoints: 18,
  rules: {
    ...COMMON,
    symbolId: 41,
    digits: 2,
    pipPosition: 1,
    lotSize: 10_000,
    minVolume: 100,
    stepVolume: 100,
    maxVolume: 1_000_000,
    schedule: METAL_HOURS,
    commissionType: "PERCENTAGE_OF_VALUE",
    preciseTradingCommissionRate: 70,
    swapRollover3Days: "WEDNESDAY",
    swapCalculationType: "PIPS",
    swapLong: -3.1,
    swapShort: 1.4,
    pnlConversionFeeRate: 70,
    leverageId: 2,
    measurementUnits: "oz",
  },
};

const PALMOIL: VenueSymbol = {
  id: 1_187,
  name: "PALMOIL",
  description: "Crude Palm Oil CFD",
  baseAssetId: ASSET_IDS.PALMOIL,
  quoteAssetId: ASSET_IDS.USD,
  categoryId: 13,
  basePrice: 1_024,
  restlessness: 3,
  spreadPoints: 45,
  rules: {
    ...COMMON,
    symbolId: 1_187,
    digits: 2,
    pipPosition: 1,
    lotSize: 2_500,
    minVolume: 100,
    stepVolume: 100,
    maxVolume: 250_000,
    schedule: PALM_OIL_HOURS,
    commissionType: "QUOTE_CCY_PER_LOT",
    preciseTradingCommissionRate: 120_000_000,
    slDistance: 20,
    tpDistance: 20,
    swapRollover3Days: "FRIDAY",
    swapCalculationType: "PERCENTAGE",
    swapLong: -6.5,
    swapShort: -2.5,
    pnlConversionFeeRate: 50,
    leverageId: 3,
    measurementUnits: "Tonnes",
  },
};

const US500: VenueSymbol = {
  id: 1_203,
  name: "US500",
  description: "US 500 Index CFD",
  baseAssetId: ASSET_IDS.US500,
  quoteAssetId: ASSET_IDS.USD,
  categoryId: 14,
  basePrice: 5_930,
  restlessness: 1.8,
  spreadPoints: 5,
  rules: {
    ...COMMON,
    symbolId: 1_203,
    digits: 1,
    pipPosition: 0,
    lotSize: 100,
    minVolume: 1,
    stepVolume: 1,
    maxVolume: 50_000,
    schedule: METAL_HOURS,
    commissionType: "PERCENTAGE_OF_VALUE",
    preciseTradingCommissionRate: 0,
    swapRollover3Days: "FRIDAY",
    swapCalculationType: "POINTS",
    swapLong: -11.2,
    swapShort: 2.7,
    pnlConversionFeeRate: 50,
    leverageId: 1,
    measurementUnits: "Contracts",
  },
};

/** All symbols, by id. */
export const SYMBOLS: ReadonlyMap<number, VenueSymbol> = new Map(
  [EURUSD, USDJPY, XAUUSD, PALMOIL, US500].map((symbol) => [symbol.id, symbol]),
);

/** A symbol that must be there. Throws for an unknown id, which a check before should have found. */
export function symbolOf(id: number): VenueSymbol {
  const symbol = SYMBOLS.get(id);
  if (symbol === undefined) throw new RangeError(`The simulated broker has no symbol ${id}.`);
  return symbol;
}

/** The short form that the list of symbols has. */
export function lightSymbol(symbol: VenueSymbol): Required<ProtoOALightSymbol> {
  return {
    symbolId: symbol.id,
    symbolName: symbol.name,
    enabled: true,
    baseAssetId: symbol.baseAssetId,
    quoteAssetId: symbol.quoteAssetId,
    symbolCategoryId: symbol.categoryId,
    description: symbol.description,
    sortingNumber: symbol.id,
  };
}
