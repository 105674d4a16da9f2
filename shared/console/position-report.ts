/** Open positions as they are shown: what our fills have made, held against the broker's last word. Pure. */
import type { Decimal } from "decimal.js";
import { toIso } from "../platform/instant.ts";
import type { Lot } from "../trading/ledger/records.ts";
import { valueLots } from "../trading/ledger/value-account.ts";
import type { PositionRecord } from "../trading/records.ts";
import type { ApiPosition } from "./trading-api.ts";
import type { AccountBooks } from "./trading-books.ts";

/** Ids of bots of the configuration. */
export interface BotsOfAccount {
  /** Those that trade on the account now. */
  readonly here: ReadonlySet<string>;
  /** Those that would, had nobody switched them to paper. */
  readonly switched: ReadonlySet<string>;
}

/** Each lot of the ledger, and each position of the broker's that is in no lot; the oldest first. */
export function reportPositions(books: AccountBooks, bots: BotsOfAccount): ApiPosition[] {
  const lots = books.ledger?.lots ?? [];
  const known = new Set(lots.map((lot) => lot.positionId));
  const strange = books.positions.filter((one) => !known.has(one.positionId)).map(lotOf);
  return [...lots, ...strange]
    .map((lot) => {
      const atBroker = books.positions.find((one) => one.positionId === lot.positionId);
      const isFormer = lot.bot !== undefined && !bots.here.has(lot.bot);
      const isSwitched = lot.bot !== undefined && bots.switched.has(lot.bot);
      return {
        ...reportPosition(books, lot, atBroker),
        ...(isFormer && { isBotFormer: true }),
        ...(isSwitched && { isBotSwitched: true }),
      };
    })
    .toSorted((one, other) => (one.openedAt < other.openedAt ? -1 : 1));
}

function lotOf({ positionId, instrument, side, quantity, price, openedAt, commission }: PositionRecord): Lot {
  return { positionId, instrument, side, quantity, price, openedAt, fees: commission };
}

function reportPosition(books: AccountBooks, lot: Lot, atBroker: PositionRecord | undefined): ApiPosition {
  const { positionId, instrument, side, quantity, price, bot, openedAt } = lot;
  const quote = books.view.quote(instrument);
  const value = valueLots([lot], books.prices);
  const stop = stopOf(books, lot, atBroker);
  const mark = side === "buy" ? quote?.bid : quote?.ask;
  return {
    ...{ account: books.account.id, positionId, instrument, side, isAtBroker: atBroker !== undefined },
    ...{ quantity: quantity.toFixed(), price: price.toFixed(), openedAt: toIso(openedAt) },
    ...(bot !== undefined && { bot }),
    ...(quote !== undefined &&
      mark !== undefined && { mark: { price: mark.toFixed(), at: toIso(quote.at) } }),
    ...(value.unvalued.length === 0 && { unrealised: value.unrealised.toFixed() }),
    ...(stop !== undefined && { stop: { price: stop.price.toFixed(), where: stop.where } }),
    ...(atBroker?.takeProfit !== undefined && { takeProfit: atBroker.takeProfit.toFixed() }),
  };
}

/** Only the broker can say that a stop rests there. */
function stopOf(
  { record }: AccountBooks,
  lot: Lot,
  atBroker: PositionRecord | undefined,
): { readonly price: Decimal; readonly where: "broker" | "wanted" } | undefined {
  const resting = record?.working.find(
    (order) => order.protects === lot.positionId && order.stopPrice !== undefined,
  );
  const price = atBroker?.stopLoss ?? resting?.stopPrice;
  if (price !== undefined) return { price, where: "broker" };
  return lot.stopLoss && { price: lot.stopLoss, where: "wanted" };
}
