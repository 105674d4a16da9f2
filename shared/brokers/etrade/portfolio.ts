/** What an account holds. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { fail, type Result, succeed } from "../../platform/result.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type { AccountIdKey } from "./accounts.ts";
import type { Calls } from "./calls.ts";
import {
  decimalSchema,
  given,
  optionalDecimalSchema,
  optionalTextSchema,
  wholeNumberSchema,
} from "./json.ts";
import { canonicalSymbol, productSymbol } from "./quote-symbol.ts";
import type { TokenPair } from "./token.ts";
import { encodePathSegment } from "./url.ts";

/** One row: the broker may tell a symbol in several. Money in US dollars. */
export interface EtradeHolding {
  readonly symbol: string;
  /** `EQ` for stocks. */
  readonly securityType: string;
  /** Negative where it is short. */
  readonly quantity: Decimal;
  /** Of one share, as paid. */
  readonly price: Decimal;
  readonly commission: Decimal;
  readonly marketValue?: Decimal;
  /** Profit or loss since it was opened. */
  readonly totalGain?: Decimal;
  /** Missing where the broker does not know. */
  readonly acquiredAt?: Temporal.Instant;
}

/** Reads all pages of an account's holdings; an empty account has none. */
export type PortfolioReader = (
  token: TokenPair,
  accountIdKey: AccountIdKey,
) => Promise<Result<readonly EtradeHolding[], BrokerCallFailure>>;

const ROWS_A_PAGE = 200;
/** More than any account has; what goes on after that is a page that names itself as the next. */
const MOST_PAGES = 50;

const rowSchema = z.object({
  quantity: decimalSchema,
  positionType: optionalTextSchema,
  pricePaid: optionalDecimalSchema,
  costPerShare: optionalDecimalSchema,
  commissions: optionalDecimalSchema,
  otherFees: optionalDecimalSchema,
  marketValue: optionalDecimalSchema,
  totalGain: optionalDecimalSchema,
  dateAcquired: optionalDecimalSchema,
  symbolDescription: optionalTextSchema,
  Product: z
    .object({
      symbol: optionalTextSchema,
      securityType: optionalTextSchema,
      callPut: z.string().nullish(),
      expiryYear: decimalSchema.nullish(),
      expiryMonth: decimalSchema.nullish(),
      expiryDay: decimalSchema.nullish(),
      strikePrice: decimalSchema.nullish(),
    })
    .nullish(),
});

const portfolioSchema = z.object({
  PortfolioResponse: z.object({
    AccountPortfolio: z
      .array(z.object({ totalPages: wholeNumberSchema.nullish(), Position: z.array(rowSchema).nullish() }))
      .nullish(),
  }),
});

export function createPortfolioReader(calls: Calls): PortfolioReader {
  return async (token, accountIdKey) => {
    const holdings: EtradeHolding[] = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const read = await calls.read({
        module: "accounts",
        path: `/v1/accounts/${encodePathSegment(accountIdKey)}/portfolio.json`,
        query: { count: String(ROWS_A_PAGE), pageNumber: String(page) },
        token,
        schema: portfolioSchema,
      });
      if (!read.ok) return read;
      const parts = read.value.value?.PortfolioResponse.AccountPortfolio ?? [];
      const rows = parts.flatMap((part) => part.Position ?? []);
      holdings.push(...rows.map(holdingOf));
      const pages = Math.max(1, ...parts.map((part) => part.totalPages ?? 1));
      if (rows.length === 0 || page >= pages) return succeed(holdings);
    }
    return fail("BROKER_REPLY_UNREADABLE", { module: "accounts" });
  };
}

function holdingOf(row: z.output<typeof rowSchema>): EtradeHolding {
  const { Product: product } = row;
  const isStock = product == null || product.securityType === "" || product.securityType === "EQ";
  const symbol = product == null || product.symbol === "" ? row.symbolDescription : product.symbol;
  const isShort = row.positionType.toUpperCase() === "SHORT";
  return {
    symbol: isStock || product == null ? canonicalSymbol(symbol) : productSymbol({ ...product, symbol }),
    securityType: product?.securityType || "EQ",
    // The sign is usually told, and the word always.
    quantity: isShort ? row.quantity.abs().neg() : row.quantity,
    price: row.pricePaid ?? row.costPerShare ?? new Decimal(0),
    commission: (row.commissions ?? new Decimal(0)).plus(row.otherFees ?? 0),
    ...given({
      marketValue: row.marketValue,
      totalGain: row.totalGain,
      acquiredAt: acquired(row.dateAcquired),
    }),
  };
}

/** In milliseconds; a negative number stands for "not known". */
function acquired(ms: Decimal | undefined): Temporal.Instant | undefined {
  if (ms === undefined) return undefined;
  const isKnown = ms.isInteger() && ms.gt(0) && ms.lt(4_102_444_800_000);
  return isKnown ? Temporal.Instant.fromEpochMilliseconds(ms.toNumber()) : undefined;
}
