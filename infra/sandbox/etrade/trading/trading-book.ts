/** Keeps all accounts' trading, moves it forward in time, and writes it down. */
import { Temporal } from "temporal-polyfill";
import type { Log } from "../../../../shared/platform/log.ts";
import type { SimulatedAccount } from "../accounts.ts";
import type { Faults } from "../faults.ts";
import type { SessionOn } from "../market-hours.ts";
import type { PriceBook } from "../prices.ts";
import type { Seal } from "../seal.ts";
import type { BookStorage } from "../token-book.ts";
import { createMarketView, type MarketView } from "./market-view.ts";
import { createPriceTape } from "./price-tape.ts";
import { type AccountTrading, type Preview, type SavedTrading, savedTradingSchema } from "./records.ts";
import { walkTo } from "./walk.ts";

interface BookDeps {
  readonly seal: Seal;
  readonly log: Log;
  readonly prices: PriceBook;
  readonly sessionOn: SessionOn;
  readonly storage: BookStorage | undefined;
  faults(): Faults;
}

/** The constant end of every preview's number. */
const PREVIEW_TAIL = "106";
const FIRST_PREVIEW = 1_026_000_001;
const PREVIEWS_KEPT = 500;
/** When the shares that an account starts with were bought. */
const FIRST_BOUGHT = Temporal.Instant.from("2025-06-02T15:00:00Z");

/** All accounts' trading. Whoever reads an account sees it as of the moment that he names. */
export class TradingBook {
  readonly #deps: BookDeps;
  readonly #saved: SavedTrading;
  readonly market: MarketView;

  constructor(deps: BookDeps) {
    this.#deps = deps;
    this.#saved = this.#load();
    this.market = createMarketView(createPriceTape(deps.prices, this.#saved), deps.sessionOn);
  }

  /** An account's trading at `now`. */
  at(account: SimulatedAccount, now: Temporal.Instant): AccountTrading {
    const { accountIdKey } = account;
    this.#saved.accounts[accountIdKey] ??= this.#open(account);
    const found = this.#saved.accounts[accountIdKey];
    if (walkTo(found, now.epochMilliseconds, this.market, this.#deps.faults())) this.save();
    return found;
  }

  /** Brings every account that has traded to `now`, before something changes for all of them. */
  settleAll(now: Temporal.Instant): void {
    const faults = this.#deps.faults();
    const walked = Object.values(this.#saved.accounts).map((account) =>
      walkTo(account, now.epochMilliseconds, this.market, faults),
    );
    if (walked.includes(true)) this.save();
  }

  /** Writes a preview down and gives its number: 13 digits with a constant end. */
  addPreview(preview: Omit<Preview, "previewId" | "isSpent">): Preview {
    const previewId = Number(`${this.#saved.nextPreview}${PREVIEW_TAIL}`);
    this.#saved.nextPreview += 7;
    const added = { ...preview, previewId, isSpent: false };
    this.#saved.previews = [...this.#saved.previews.slice(1 - PREVIEWS_KEPT), added];
    this.save();
    return added;
  }

  preview(previewId: number): Preview | undefined {
    return this.#saved.previews.find((one) => one.previewId === previewId);
  }

  /** A fixed number from 0 up to 1 for an order and a subject. */
  fateOf(account: string, orderId: number, subject: string): number {
    return this.market.tape.trait(account, `order|${orderId}|${subject}`);
  }

  save(): void {
    this.#deps.storage?.save(JSON.stringify(this.#saved));
  }

  #open(account: SimulatedAccount): AccountTrading {
    const lots = Object.entries(account.holdings).map(([symbol, quantity], index) => ({
      lotId: index + 1,
      symbol,
      quantity,
      cents: Math.round(100 * this.#deps.prices.price(symbol, FIRST_BOUGHT)),
      acquiredAt: FIRST_BOUGHT.epochMilliseconds,
    }));
    return {
      cashCents: Math.round(account.cash * 100),
      lots,
      orders: [],
      transactions: [],
      // Small and different from account to account, so that one taken for another is noticed.
      nextOrderId: 400 + 137 * (Number(account.accountId) % 97),
      nextLotId: lots.length + 1,
    };
  }

  #load(): SavedTrading {
    const check = this.#deps.seal.hex("trading-check", 16);
    const empty: SavedTrading = {
      version: 1,
      check,
      accounts: {},
      previews: [],
      nextPreview: FIRST_PREVIEW,
      marks: {},
      freezes: [],
    };
    const text = this.#deps.storage?.load();
    if (text === undefined) return empty;
    const saved = readSaved(text);
    if (saved?.check === check) return saved;
    this.#deps.log.warn("simulator-state-left-behind", { reason: saved ? "other-key" : "unreadable" });
    return empty;
  }
}

function readSaved(text: string): SavedTrading | undefined {
  try {
    return savedTradingSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
