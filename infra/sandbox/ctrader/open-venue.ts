import type { Clock } from "../../../shared/platform/clock.ts";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import type { Timers } from "../../../shared/platform/timers.ts";
import { DEFAULT_ACCOUNTS, freshAccount } from "./venue/accounts.ts";
import { dressDeal, dressOrder, dressPosition } from "./venue/dress.ts";
import { fillSoon } from "./venue/execute.ts";
import { LIKELY, NO_VENUE_FAULTS } from "./venue/faults.ts";
import type { Floor, Ids, Origin } from "./venue/floor.ts";
import { createHistory } from "./venue/history.ts";
import { lookAt } from "./venue/look.ts";
import { createMarket, type Market } from "./venue/market.ts";
import { type AccountState, type AccountTerms, workingOrders } from "./venue/records.ts";
import { deposit, isInExecution } from "./venue/requests.ts";
import { restoreAccount, type SavedAccount, saveAccount } from "./venue/saved.ts";
import { createSeat } from "./venue/seat.ts";
import type { TapeMark } from "./venue/tape.ts";
import type {
  Venue,
  VenueAccount,
  VenueFaults,
  VenueMessage,
  VenueSeat,
  VenueSeatEvents,
  VenueSnapshot,
  VenueTruth,
} from "./venue.ts";

export interface VenueDeps {
  /** The market's time; it may stand or jump. */
  readonly clock: Clock;
  /** The machine's: drives looks at the market, fills and protective orders. */
  readonly timers: Timers;
  /** Decides the faults. */
  readonly random: Random;
  readonly log: Log;
}

export interface VenueOptions {
  /** Names the path of all prices. Default: `openbell`. */
  readonly seed?: string;
  /** Milliseconds between two looks at the market. Default: 250. */
  readonly tickMs?: number;
  /** How many price changes, of 1, move one side alone. Default: 0.6. */
  readonly oneSidedShare?: number;
  /** Default: {@link DEFAULT_ACCOUNTS}. */
  readonly accounts?: readonly AccountTerms[];
  /** An account whose equity falls below this share of its margin, in percent, loses positions. Default: 30. */
  readonly stopOutPercent?: number;
  readonly faults?: VenueFaults;
  /** What an earlier venue knew; its prices go on where the seed is the same. Accounts it did not have start fresh. */
  readonly restore?: VenueSnapshot;
}

/** Opens the simulated broker's trading side. It runs until `close`. */
export function createVenue(deps: VenueDeps, options: VenueOptions = {}): Venue {
  return new OpenVenue(deps, options);
}

class OpenVenue implements Venue {
  readonly #deps: VenueDeps;
  readonly #market: Market;
  readonly #accounts = new Map<number, AccountState>();
  readonly #seats = new Map<number, Set<VenueSeatEvents>>();
  readonly #pending = new Set<() => void>();
  readonly #floor: Floor;
  #faults: VenueFaults;

  constructor(deps: VenueDeps, options: VenueOptions) {
    this.#deps = deps;
    this.#faults = options.faults ?? NO_VENUE_FAULTS;
    const { seed = "openbell", tickMs = 250, oneSidedShare = 0.6 } = options;
    const { restore } = options;
    const saved =
      restore === undefined ? {} : { saved: restore.market as Record<string, readonly TapeMark[]> };
    this.#market = createMarket(deps, { seed, tickMs, oneSidedShare, ...saved });
    const known = (restore?.accounts ?? []) as readonly SavedAccount[];
    for (const terms of options.accounts ?? DEFAULT_ACCOUNTS) {
      const { ctidTraderAccountId: id } = terms;
      const found = known.find((one) => one.ctidTraderAccountId === id);
      const account =
        found === undefined ? freshAccount(terms, this.#market.now()) : restoreAccount(terms, found);
      this.#accounts.set(id, account);
    }
    this.#floor = this.#openFloor({ ...(restore?.ids ?? FIRST_IDS) }, options.stopOutPercent ?? 30);
    this.#market.listen((symbolId, quote) => lookAt(this.#floor, symbolId, quote));
    this.#resume();
  }

  /** Fills the orders that were on their way when the venue was written down. */
  #resume(): void {
    for (const account of this.#accounts.values()) {
      const underWay = workingOrders(account).filter(isInExecution);
      for (const order of underWay) fillSoon(this.#floor, { account, order, origin: undefined });
    }
  }

  accounts(): readonly VenueAccount[] {
    return [...this.#accounts.values()].map(({ terms }) => terms);
  }

  sit(ctidTraderAccountId: number, events: VenueSeatEvents): VenueSeat {
    const account = this.#account(ctidTraderAccountId);
    const place: VenueSeatEvents = { send: (message, clientMsgId) => events.send(message, clientMsgId) };
    const places = this.#seats.get(ctidTraderAccountId) ?? new Set();
    this.#seats.set(ctidTraderAccountId, places.add(place));
    const seat = createSeat(this.#floor, account, place);
    return {
      handle: (message, clientMsgId) => seat.handle(message, clientMsgId),
      leave() {
        places.delete(place);
        seat.leave();
      },
    };
  }

  truth(ctidTraderAccountId: number): VenueTruth {
    const account = this.#account(ctidTraderAccountId);
    return {
      orders: [...account.orders.values()].map(dressOrder),
      positions: [...account.positions.values()].map(dressPosition),
      deals: account.deals.map((deal) => dressDeal(deal)),
      balance: account.balance,
      balanceVersion: account.balanceVersion,
      received: Object.fromEntries(account.received),
    };
  }

  setFaults(faults: VenueFaults): void {
    this.#faults = faults;
  }

  moveTo(symbolId: number, bid: number): void {
    this.#market.moveTo(symbolId, bid);
  }

  freeze(isFrozen: boolean): void {
    this.#market.freeze(isFrozen);
  }

  deposit(ctidTraderAccountId: number, cents: number): void {
    deposit(this.#floor, this.#account(ctidTraderAccountId), cents);
  }

  snapshot(): VenueSnapshot {
    return {
      version: 1,
      ids: { ...this.#floor.ids },
      market: this.#market.snapshot(),
      accounts: [...this.#accounts.values()].map(saveAccount),
    };
  }

  close(): void {
    this.#market.close();
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
    this.#seats.clear();
  }

  #account(ctidTraderAccountId: number): AccountState {
    const account = this.#accounts.get(ctidTraderAccountId);
    if (account === undefined) throw new RangeError("The simulated broker has no such account.");
    return account;
  }

  #openFloor(ids: Ids, stopOutPercent: number): Floor {
    return {
      market: this.#market,
      history: createHistory(this.#market),
      ids,
      stopOutPercent,
      accounts: this.#accounts,
      faults: () => this.#faults,
      unsure: () => ({ ...LIKELY, ...this.#faults.unsure }),
      draw: () => drawFrom(this.#deps.random),
      later: (ms, run) => this.#later(ms, run),
      tell: (account, message, origin) => this.#tell(account, message, origin),
      answer: (message, origin) => {
        if (!origin.isSilent) this.#send(origin.seat, message, origin.clientMsgId);
      },
    };
  }

  #later(ms: number, run: () => void): void {
    const cancel = this.#deps.timers.after(ms, () => {
      this.#pending.delete(cancel);
      run();
    });
    this.#pending.add(cancel);
  }

  #tell(account: AccountState, message: VenueMessage, origin: Origin | undefined): void {
    const places = this.#seats.get(account.terms.ctidTraderAccountId) ?? [];
    for (const place of [...places]) {
      const isOwn = place === origin?.seat;
      if (isOwn && origin.isSilent) continue;
      this.#send(place, message, isOwn ? origin.clientMsgId : undefined);
    }
  }

  #send(place: VenueSeatEvents, message: VenueMessage, clientMsgId: string | undefined): void {
    const isSeated = [...this.#seats.values()].some((places) => places.has(place));
    if (isSeated) place.send(message, clientMsgId);
  }
}

/** Far from 0 and from each other, so that one id taken for another is noticed. */
const FIRST_IDS: Ids = { order: 612_400_000, position: 377_100_000, deal: 701_900_000, balance: 90_000_000 };

/** A number from 0 up to 1. */
function drawFrom(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32;
}
