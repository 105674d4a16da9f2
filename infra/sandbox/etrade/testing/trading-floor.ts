import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { accountsOf } from "../accounts.ts";
import { type Faults, initialFaults } from "../faults.ts";
import { weekdaySession } from "../market-hours.ts";
import { createPriceBook } from "../prices.ts";
import { createSeal } from "../seal.ts";
import { createOrderDesk, type OrderAnswer } from "../trading/order-desk.ts";
import { TradingBook } from "../trading/trading-book.ts";
import { actOnPrices } from "../trading/trading-state.ts";
import { keptLog } from "./rig.ts";
import { requestOf, type Ticket } from "./trader.ts";

/** The simulated trading without HTTP: one book, one account, and a clock to move. */
export interface Floor {
  now: Temporal.Instant;
  faults: Faults;
  readonly book: () => TradingBook;
  /** The account's trading as of now. */
  trading(): ReturnType<TradingBook["at"]>;
  /** Previews and places; the order's id, or the code of the refusal. */
  order(
    ticket: Ticket,
    changes?: number,
  ): { readonly orderId: number } | { readonly code: number | undefined };
  cancel(orderId: number): OrderAnswer;
  move(symbol: string, price: number, hold?: boolean): void;
  /** Throws the book away and reads it again from what it wrote. */
  restart(): void;
}

/** `account`: 0 is the margin account, 1 the cash account. */
export function openFloor(options: { seed?: string; now: string; account?: number }): Floor {
  const seal = createSeal(
    new Uint8Array(
      createHash("sha256")
        .update(options.seed ?? "seed")
        .digest(),
    ),
  );
  const account = accountsOf(seal, "trader")[options.account ?? 0];
  if (account === undefined) throw new Error("no such account");
  let kept: string | undefined;
  const openBook = () =>
    new TradingBook({
      seal,
      log: keptLog(),
      prices: createPriceBook(seal.hex("prices", 8)),
      sessionOn: weekdaySession,
      storage: {
        load: () => kept,
        save: (text) => {
          kept = text;
        },
      },
      faults: () => floor.faults,
    });
  let book = openBook();
  const deskOf = () => createOrderDesk({ book, faults: () => floor.faults });
  const floor: Floor = {
    now: Temporal.Instant.from(options.now),
    faults: initialFaults(),
    book: () => book,
    trading: () => book.at(account, floor.now),
    order(ticket, changes) {
      const call = { account, now: floor.now, orderId: changes };
      const request = requestOf(ticket);
      const preview = deskOf().preview({ ...call, body: { PreviewOrderRequest: request } });
      if (!preview.ok) return { code: preview.refusal.code };
      const { PreviewIds } = preview.document.PreviewOrderResponse as { PreviewIds: object[] };
      const placed = deskOf().place({ ...call, body: { PlaceOrderRequest: { ...request, PreviewIds } } });
      if (!placed.ok) return { code: placed.refusal.code };
      const { OrderIds } = placed.document.PlaceOrderResponse as { OrderIds: [{ orderId: number }] };
      return { orderId: OrderIds[0].orderId };
    },
    cancel: (orderId) =>
      deskOf().cancel({ account, now: floor.now, body: { CancelOrderRequest: { orderId } } }),
    move(symbol, price, hold = false) {
      floor.faults = actOnPrices(book, { ...floor.faults, movePrice: { symbol, price, hold } }, floor.now);
    },
    restart() {
      book.save();
      book = openBook();
    },
  };
  return floor;
}
