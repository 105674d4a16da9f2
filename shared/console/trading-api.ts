/**
 * What `GET /api/trading`, `GET /api/trading/equity` and `GET /api/trading/why` answer. Decimals are text, money is
 * in the account's currency, instants are ISO 8601 in UTC. What is not known is left out and never a zero.
 */
import { z } from "zod";

const iso = z.iso.datetime();
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

/** `paper`: simulated fills · `demo`: a broker's play money · `live`: real money. */
/** `live` is real money, and real money is never anything else; `simulated` is what would be live at a real broker. */
const badgeSchema = z.enum(["paper", "demo", "simulated", "live"]);

const stateSchema = z.enum(["active", "reducing", "halted"]);

/** One thing that keeps a scope from trading freely. */
const holdSchema = z.strictObject({
  /** `all`, an account's id, or `bot:ID`. */
  scope: z.string(),
  state: z.enum(["reducing", "halted"]),
  /** Who did it: `page`, `terminal`, `telegram` or `system`. */
  who: z.string(),
  why: z.string(),
  at: iso,
  /** The kill whose receipt tells what came of it. */
  kill: z.string().optional(),
  /** When it may be resumed at the earliest. */
  resumableAt: iso,
  /** What a person types to resume it. */
  phrase: z.string(),
});

/** What a day has brought, open positions included, and how much may be lost in it; an account without bots has no limit. */
const daySchema = z.strictObject({
  /** New York's. */
  date: z.iso.date(),
  net: decimal.optional(),
  /** Money that may be lost; reaching it lets only close. */
  lossLimit: decimal.optional(),
  lossLimitPercent: decimal.optional(),
  /** How much of it is lost, in percent; 0 on a day without a loss. */
  usedPercent: z.number().min(0).optional(),
});

/** `limit` is missing where nothing limits it. */
const countSchema = z.strictObject({ count: z.int().min(0), limit: z.int().min(0).optional() });

const tickSchema = z.strictObject({
  instant: iso,
  /** A code of the table of reasons, what it means, and what a person can do. */
  reason: z.string(),
  summary: z.string().optional(),
  next: z.string().optional(),
  /** What the strategy or a control said. */
  text: z.string(),
  orders: z.int().min(0),
  instruments: z
    .array(z.strictObject({ instrument: z.string(), reason: z.string(), text: z.string() }))
    .optional(),
});

const switchedSchema = z.strictObject({
  at: iso,
  /** Who did it: `page`, `terminal` or `telegram`. */
  who: z.string(),
  why: z.string(),
  /** When it may go back to live at the earliest. */
  liveAgainAt: iso,
  /** What a person types to bring it back. */
  phrase: z.string(),
});

export const botReportSchema = z.strictObject({
  id: z.string(),
  strategy: z.string(),
  instruments: z.array(z.string()),
  account: z.string(),
  badge: badgeSchema,
  currency: z.string().optional(),
  /** Whether the bot's own session is under way; `text`: when it begins or why there is none. */
  session: z.strictObject({ isOpen: z.boolean(), text: z.string().optional() }),
  state: stateSchema,
  /** A live bot that a person has switched to paper; missing of one that trades as it is configured. */
  switched: switchedSchema.optional(),
  lastTick: tickSchema.optional(),
  nextTick: iso.optional(),
  /** Since when it is looked whether it is due; missing while it never was. */
  firstSeen: iso.optional(),
  day: daySchema,
  positions: countSchema,
  workingOrders: countSchema,
  tradesToday: countSchema,
});

export const accountReportSchema = z.strictObject({
  id: z.string(),
  label: z.string(),
  badge: badgeSchema,
  state: stateSchema,
  /** What its worker last wrote down; without it no worker has led the account yet. */
  money: z
    .strictObject({
      currency: z.string(),
      equity: decimal,
      balance: decimal,
      unrealised: decimal,
      at: iso,
      /** False where its worker has been silent for longer than it ever should be. */
      isCurrent: z.boolean(),
    })
    .optional(),
  /** `unknown`: no worker has compared the books yet, or none does now. */
  books: z.enum(["agree", "break", "unknown"]),
  break: z.strictObject({ code: z.string(), text: z.string(), since: iso }).optional(),
  day: daySchema,
  positions: countSchema,
  workingOrders: countSchema,
});

export const positionReportSchema = z.strictObject({
  account: z.string(),
  positionId: z.string(),
  /** Missing where no bot opened it. */
  bot: z.string().optional(),
  /** The configuration has no such bot on this account any more: nobody decides its exits. */
  isBotFormer: z.boolean().optional(),
  /** It is so because the bot was switched to paper. */
  isBotSwitched: z.boolean().optional(),
  instrument: z.string(),
  side: z.enum(["buy", "sell"]),
  quantity: decimal,
  /** Average price at which it was opened. */
  price: decimal,
  /** At what it could be closed now, and when that price came. */
  mark: z.strictObject({ price: decimal, at: iso }).optional(),
  /** In the account's currency, before costs of closing. */
  unrealised: decimal.optional(),
  /** `broker`: it rests there · `wanted`: the order asked for it, and nothing says that it rests at the broker. */
  stop: z.strictObject({ price: decimal, where: z.enum(["broker", "wanted"]) }).optional(),
  takeProfit: decimal.optional(),
  openedAt: iso,
  /** False where our books have it and the broker's last word does not. */
  isAtBroker: z.boolean(),
});

export const orderReportSchema = z.strictObject({
  account: z.string(),
  /** Ours; an order without one was placed by somebody else, or is a position's stop or take profit. */
  clientOrderId: z.string().optional(),
  bot: z.string().optional(),
  instrument: z.string(),
  side: z.enum(["buy", "sell"]),
  type: z.enum(["market", "limit", "stop"]),
  quantity: decimal,
  filledQuantity: decimal.optional(),
  /** Average price of its fills, where it is known. */
  filledPrice: decimal.optional(),
  /** The limit or the stop. */
  price: decimal.optional(),
  /** A state of an order's record; `working` of one that only the broker tells of. */
  state: z.string(),
  /** Why it was wanted. */
  why: z.string().optional(),
  refusal: z.strictObject({ code: z.string(), text: z.string() }).optional(),
  /** It closes a position, or protects one. */
  closes: z.boolean(),
  at: iso.optional(),
});

export const tradeReportSchema = z.strictObject({
  id: z.string(),
  account: z.string(),
  /** Missing where it was no bot's. */
  bot: z.string().optional(),
  instrument: z.string(),
  /** Of the position: `buy` is long. */
  side: z.enum(["buy", "sell"]),
  quantity: decimal,
  /** Average; missing where nobody told of the opening. */
  entryPrice: decimal.optional(),
  exitPrice: decimal,
  /** With all that it has cost; of `currency`, where that is known. */
  net: decimal,
  currency: z.string().optional(),
  openedAt: iso.optional(),
  closedAt: iso,
  /** `openbell`: a stop that could not rest; missing where it was closed at the broker and nobody knows by what. */
  closedBy: z.enum(["stop", "target", "strategy", "you", "openbell"]).optional(),
});

export const tradingSchema = z.strictObject({
  now: iso,
  /** Of everything: what the kill button stops. */
  state: stateSchema,
  /** Everything that is not active, the widest scope first. */
  holds: z.array(holdSchema),
  bots: z.array(botReportSchema),
  accounts: z.array(accountReportSchema),
  positions: z.array(positionReportSchema),
  orders: z.strictObject({
    /** Those that may still trade. */
    working: z.array(orderReportSchema),
    /** There are more than are listed. */
    isCut: z.boolean(),
    /** Those that are over, the latest first. */
    last: z.array(orderReportSchema),
  }),
  trades: z.strictObject({
    /** Today, by New York's date. */
    date: z.iso.date(),
    /** What was closed in it, the latest first. */
    closed: z.array(tradeReportSchema),
    /** There is more than is listed. */
    isCut: z.boolean(),
  }),
  /** Sums over accounts of one badge and currency: play money and real money are never added. */
  totals: z.array(
    z.strictObject({
      badge: badgeSchema,
      currency: z.string(),
      equity: decimal,
      /** Missing where it is not known of every one of the accounts. */
      dayNet: decimal.optional(),
      accounts: z.int().positive(),
    }),
  ),
});

export const equitySchema = z.strictObject({
  account: z.string(),
  currency: z.string().optional(),
  /** The first instant that was asked for. */
  from: iso,
  /** Oldest first; of many, each stretch's lowest and highest. */
  points: z.array(z.strictObject({ at: iso, equity: decimal })),
});

export const whySchema = z.strictObject({
  bot: z.string(),
  /** New York's. */
  date: z.iso.date(),
  due: z.int().min(0),
  /** Ticks that nobody ran. */
  missed: z.int().min(0),
  /** Why it was due at no time of the day. */
  closed: z.string().optional(),
  /** Most frequent first. */
  reasons: z.array(
    z.strictObject({
      reason: z.string(),
      count: z.int().positive(),
      summary: z.string().optional(),
      next: z.string().optional(),
    }),
  ),
  /** Latest first. */
  latest: z.array(tickSchema),
});

export type ApiBadge = z.output<typeof badgeSchema>;
export type ApiTradingState = z.output<typeof stateSchema>;
export type ApiHold = z.output<typeof holdSchema>;
export type ApiTradingDay = z.output<typeof daySchema>;
export type ApiTick = z.output<typeof tickSchema>;
export type ApiBot = z.output<typeof botReportSchema>;
export type ApiAccount = z.output<typeof accountReportSchema>;
export type ApiPosition = z.output<typeof positionReportSchema>;
export type ApiOrder = z.output<typeof orderReportSchema>;
export type ApiTrade = z.output<typeof tradeReportSchema>;
export type ApiTrading = z.output<typeof tradingSchema>;
export type ApiEquity = z.output<typeof equitySchema>;
export type ApiWhy = z.output<typeof whySchema>;
