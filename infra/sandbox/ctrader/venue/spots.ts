/** What one seat has subscribed: prices, bars as they grow, and the book. It ends with the seat. */
import type {
  Messages,
  ProtoOATrendbar,
  ProtoOATrendbarPeriod,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VenueMessage } from "../venue.ts";
import { bookOf } from "./book-of.ts";
import { badRequest, type Floor, type Refusal } from "./floor.ts";
import { dressBar } from "./history.ts";
import { lastTradedAt } from "./schedule.ts";
import { SYMBOLS, symbolOf } from "./symbols.ts";
import type { TwoSides } from "./tape.ts";

interface SpotFeed {
  readonly hasTimestamp: boolean;
  last: TwoSides;
  readonly periods: Set<ProtoOATrendbarPeriod>;
}

export class Subscriptions {
  readonly #floor: Floor;
  readonly #ctidTraderAccountId: number;
  readonly #send: (message: VenueMessage) => void;
  readonly #spots = new Map<number, SpotFeed>();
  /** The ids of the quotes told of each book. */
  readonly #books = new Map<number, Set<number>>();
  readonly #stop: () => void;

  constructor(floor: Floor, ctidTraderAccountId: number, send: (message: VenueMessage) => void) {
    this.#floor = floor;
    this.#ctidTraderAccountId = ctidTraderAccountId;
    this.#send = send;
    this.#stop = floor.market.listen((symbolId, quote) => this.#hear(symbolId, quote));
  }

  subscribe(request: Messages["ProtoOASubscribeSpotsReq"]): Refusal | undefined {
    const against = this.#checkNew(request.symbolId, this.#spots);
    if (against !== undefined) return against;
    const hasTimestamp = request.subscribeToSpotTimestamp ?? false;
    for (const id of request.symbolId) {
      this.#spots.set(id, { hasTimestamp, last: this.#floor.market.quote(id), periods: new Set() });
    }
    return undefined;
  }

  /** Tells the last prices of symbols just subscribed, also of those that are not traded now. */
  greet(symbolIds: readonly number[]): void {
    for (const id of symbolIds) {
      const feed = this.#spots.get(id);
      if (feed !== undefined) this.#sendSpot(id, feed, feed.last);
    }
  }

  unsubscribe(symbolIds: readonly number[]): Refusal | undefined {
    const missing = symbolIds.find((id) => !this.#spots.has(id));
    if (missing !== undefined) return badRequest(`No subscription for symbol ${missing}.`);
    for (const id of symbolIds) this.#spots.delete(id);
    return undefined;
  }

  subscribeBars(symbolId: number, period: ProtoOATrendbarPeriod): Refusal | undefined {
    const feed = this.#spots.get(symbolId);
    const { noSpotsCode, alreadySubscribedCode } = this.#floor.unsure();
    if (feed === undefined) return badRequest(`No subscription for symbol ${symbolId}.`, noSpotsCode);
    if (feed.periods.has(period)) {
      return badRequest(`Already subscribed to ${period} of symbol ${symbolId}.`, alreadySubscribedCode);
    }
    feed.periods.add(period);
    return undefined;
  }

  unsubscribeBars(symbolId: number, period: ProtoOATrendbarPeriod): Refusal | undefined {
    const hadIt = this.#spots.get(symbolId)?.periods.delete(period) ?? false;
    return hadIt ? undefined : badRequest(`No subscription for symbol ${symbolId}.`);
  }

  subscribeDepth(symbolIds: readonly number[]): Refusal | undefined {
    const against = this.#checkNew(symbolIds, this.#books);
    if (against !== undefined) return against;
    for (const id of symbolIds) this.#books.set(id, new Set());
    return undefined;
  }

  /** Tells the whole book of symbols just subscribed. */
  greetDepth(symbolIds: readonly number[]): void {
    for (const id of symbolIds) this.#sendDepth(id, this.#floor.market.quote(id));
  }

  unsubscribeDepth(symbolIds: readonly number[]): Refusal | undefined {
    const missing = symbolIds.find((id) => !this.#books.has(id));
    if (missing !== undefined) return badRequest(`No subscription for symbol ${missing}.`);
    for (const id of symbolIds) this.#books.delete(id);
    return undefined;
  }

  end(): void {
    this.#stop();
    this.#spots.clear();
    this.#books.clear();
  }

  /** One unknown or known already, and the whole request fails. */
  #checkNew(symbolIds: readonly number[], known: ReadonlyMap<number, unknown>): Refusal | undefined {
    for (const id of symbolIds) {
      if (!SYMBOLS.has(id)) return badRequest(`Symbol not found with id ${id}`, "SYMBOL_NOT_FOUND");
      if (!known.has(id)) continue;
      return badRequest(`Already subscribed to symbol ${id}.`, this.#floor.unsure().alreadySubscribedCode);
    }
    return undefined;
  }

  #hear(symbolId: number, quote: TwoSides): void {
    const feed = this.#spots.get(symbolId);
    if (feed !== undefined) {
      const changed = {
        ...(quote.bid === feed.last.bid ? {} : { bid: quote.bid }),
        ...(quote.ask === feed.last.ask ? {} : { ask: quote.ask }),
      };
      feed.last = quote;
      if (Object.keys(changed).length > 0) this.#sendSpot(symbolId, feed, changed);
    }
    this.#sendDepth(symbolId, quote);
  }

  #sendSpot(symbolId: number, feed: SpotFeed, changed: Partial<TwoSides>): void {
    const { market } = this.#floor;
    const timestamp = feed.hasTimestamp ? { timestamp: market.now() } : {};
    const trendbar = [...feed.periods].flatMap((period) => this.#liveBar(symbolId, period));
    const body = {
      ctidTraderAccountId: this.#ctidTraderAccountId,
      symbolId,
      ...changed,
      trendbar,
      ...timestamp,
    };
    this.#send({ name: "ProtoOASpotEvent", body });
  }

  /** The bar so far: with its period, without a close, which is the current bid. */
  #liveBar(symbolId: number, period: ProtoOATrendbarPeriod): ProtoOATrendbar[] {
    const { market, history } = this.#floor;
    const at = lastTradedAt(symbolOf(symbolId), market.now());
    const bar = history.maker.bar(symbolId, period, at, at + 1);
    return bar === undefined ? [] : [{ ...dressBar(bar), period }];
  }

  #sendDepth(symbolId: number, quote: TwoSides): void {
    const told = this.#books.get(symbolId);
    if (told === undefined) return;
    const book = bookOf(symbolOf(symbolId), quote);
    const newQuotes = book.filter(({ id }) => !told.has(id));
    const current = new Set(book.map(({ id }) => id));
    const deletedQuotes = [...told].filter((id) => !current.has(id));
    if (newQuotes.length === 0 && deletedQuotes.length === 0) return;
    this.#books.set(symbolId, current);
    const ctidTraderAccountId = this.#ctidTraderAccountId;
    this.#send({
      name: "ProtoOADepthEvent",
      body: { ctidTraderAccountId, symbolId, newQuotes, deletedQuotes },
    });
  }
}
