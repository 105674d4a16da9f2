import { Decimal } from "decimal.js";
import { expect, test } from "vitest";
import {
  ACCOUNT,
  aLot,
  anOrder,
  aPeriod,
  aQuestion,
  aReservation,
  BOT_LEDGER,
  d,
  GOLD,
  goldWith,
  LEDGER,
  MONDAY,
  NOW,
  RECORD,
  RULES,
  someFacts,
  TODAY,
} from "../../../tests/support/risk-facts.ts";
import { type AccountId, accountId } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { AccountLimits } from "../../config/limits.ts";
import type { AccountRecord } from "../account-record.ts";
import type { StoredTicket } from "../records.ts";
import { checkOrder, type RiskFacts, type RiskQuestion } from "./check-order.ts";
import { CONTROLS, type ControlCode } from "./controls.ts";
import { emptyAccountRisk, emptyBotRisk } from "./records.ts";

interface Given {
  readonly question?: Partial<RiskQuestion>;
  readonly ticket?: Partial<StoredTicket>;
  readonly limits?: Partial<BotConfig["limits"]>;
  readonly facts?: Partial<RiskFacts>;
}

/** What is refused, and what is nearest to it and passes. `also`: what cannot but be refused with it. */
interface Case {
  readonly code: ControlCode;
  readonly of: string;
  readonly refused: Given;
  readonly passed: Given;
  readonly also?: readonly ControlCode[];
}

const BASE = someFacts();
const RECENT = (count: number) =>
  Array.from({ length: count }, (_, index) => NOW.subtract({ seconds: index + 1 }));
const counts = (over: Partial<RiskFacts["risk"]["counts"]>) => ({
  day: TODAY,
  notional: d(0),
  trades: 0,
  recent: [],
  ...over,
});
const risk = (over: Partial<RiskFacts["risk"]>) => ({ risk: { ...emptyAccountRisk(ACCOUNT), ...over } });
const botRisk = (over: Partial<RiskFacts["botRisk"]>) => ({
  botRisk: { ...emptyBotRisk(ACCOUNT, GOLD.id), ...over },
});
const record = (over: Partial<AccountRecord>) => ({ record: { ...RECORD, ...over } });
const rules = (over: Partial<typeof RULES>) => ({ rules: { ...RULES, ...over } });
const lots = (...all: Parameters<typeof aLot>[0][]) => ({ ledger: { ...LEDGER, lots: all.map(aLot) } });
const account = (limits: Partial<AccountLimits>): Partial<RiskFacts> => ({
  config: {
    ...(BASE.config as NonNullable<typeof BASE.config>),
    limits: { ...(BASE.config as NonNullable<typeof BASE.config>).limits, ...limits },
  },
});
/** A paper account whose worst draw is so many percent. */
const slipping = (worst: number): Partial<RiskFacts> => {
  const config = BASE.config as NonNullable<typeof BASE.config>;
  const paper = config.paper as NonNullable<typeof config.paper>;
  return { config: { ...config, paper: { ...paper, slippagePercent: [0, worst] } } };
};
const without = <T extends object>(whole: T, name: keyof T): T => {
  const { [name]: _gone, ...rest } = whole;
  return rest as T;
};
/** The bot in live, on the broker's own account. */
const LIVE: BotConfig = { ...GOLD, mode: "live" };
const LIVE_ACCOUNT: AccountId = accountId(GOLD.connection, "live");
const live = (over: Partial<RiskFacts> = {}): Given => ({
  question: { bot: LIVE, account: LIVE_ACCOUNT },
  facts: {
    config: { ...(BASE.config as NonNullable<typeof BASE.config>), mode: "live" },
    record: { ...RECORD, account: LIVE_ACCOUNT, mode: "live", environment: "demo" },
    ledger: { ...LEDGER, account: LIVE_ACCOUNT },
    botLedger: { ...BOT_LEDGER, account: LIVE_ACCOUNT },
    risk: emptyAccountRisk(LIVE_ACCOUNT),
    botRisk: emptyBotRisk(LIVE_ACCOUNT, GOLD.id),
    ...over,
  },
});
const LIMIT = {
  type: "limit",
  limitPrice: d(2_000),
  stopLoss: { price: d(1_990) },
  takeProfit: { price: d(2_020) },
} as const;
const OTHERS = { instrument: "EURUSD", bot: "other", clientOrderId: undefined } as const;
const EURUSD = new Map([["EURUSD", { bid: d("1.0999"), ask: d("1.1"), conversion: d(1) }]]);
const ADDS = { addsToPosition: true, openPositions: 9, workingOrders: 9 } as const;
const working = (over: Partial<AccountRecord["working"][number]> = {}) => ({
  brokerOrderId: "b1",
  instrument: "EURUSD",
  side: "buy" as const,
  quantity: d(1_000),
  ...over,
});

const CASES: readonly Case[] = [
  ...[...Object.keys(GOLD.limits)].map(
    (name): Case => ({
      code: "LIMIT_MISSING",
      of: `the bot's limit ${name}`,
      refused: {
        question: { bot: { ...GOLD, limits: without(GOLD.limits, name as keyof BotConfig["limits"]) } },
      },
      passed: {},
    }),
  ),
  ...Object.keys((BASE.config as NonNullable<typeof BASE.config>).limits).map((name): Case => {
    const config = BASE.config as NonNullable<typeof BASE.config>;
    return {
      code: "LIMIT_MISSING",
      of: `the account's limit ${name}`,
      refused: {
        facts: { config: { ...config, limits: without(config.limits, name as keyof AccountLimits) } },
      },
      passed: {},
    };
  }),
  ...(["config", "rules", "conversion", "ledger", "botLedger"] as const).map(
    (name): Case => ({
      code: "LIMIT_MISSING",
      of: `what is known as ${name}`,
      refused: { facts: { [name]: undefined } },
      passed: {},
    }),
  ),
  {
    code: "LIMIT_MISSING",
    of: "a limit that is no number",
    refused: { limits: { positionQuantity: new Decimal(Number.NaN) } },
    passed: {},
  },
  {
    code: "LIMIT_MISSING",
    of: "the account's money",
    refused: { facts: { record: undefined } },
    passed: {},
    also: ["NOT_RECONCILED"],
  },
  {
    code: "LIMIT_MISSING",
    of: "the price of another position",
    refused: { facts: lots({ ...OTHERS, quantity: d(100), price: d("1.1") }) },
    passed: { facts: { ...lots({ ...OTHERS, quantity: d(100), price: d("1.1") }), marks: EURUSD } },
  },
  {
    code: "LIMIT_MISSING",
    of: "the price of another's order",
    refused: { facts: record({ working: [working()] }) },
    passed: { facts: { ...record({ working: [working()] }), marks: EURUSD } },
  },
  {
    code: "QUANTITY_INVALID",
    of: "the broker's smallest order",
    refused: { facts: rules({ minimumQuantity: d(2) }) },
    passed: { ticket: { quantity: d(2) }, facts: rules({ minimumQuantity: d(2) }) },
  },
  {
    code: "QUANTITY_INVALID",
    of: "the broker's largest order",
    refused: { ticket: { quantity: d(3) }, facts: rules({ maximumQuantity: d(2) }) },
    passed: { ticket: { quantity: d(2) }, facts: rules({ maximumQuantity: d(2) }) },
  },
  {
    code: "QUANTITY_INVALID",
    of: "the bot's largest order",
    refused: { ticket: { quantity: d(3) }, limits: { orderQuantity: d(2) } },
    passed: { ticket: { quantity: d(2) }, limits: { orderQuantity: d(2) } },
  },
  {
    code: "QUANTITY_INVALID",
    of: "the broker's step",
    refused: { ticket: { quantity: d("1.5") } },
    passed: { ticket: { quantity: d("1.5") }, facts: rules({ quantityStep: d("0.5") }) },
  },
  {
    code: "QUANTITY_INVALID",
    of: "nothing at all",
    refused: { ticket: { quantity: d(0) }, facts: rules({ minimumQuantity: d(0) }) },
    passed: { facts: rules({ minimumQuantity: d(0) }) },
  },
  {
    code: "NOTIONAL_TOO_LARGE",
    of: "quantity × price",
    refused: { ticket: { quantity: d(2) }, limits: { orderNotional: d("4000.19") } },
    passed: { ticket: { quantity: d(2) }, limits: { orderNotional: d("4000.2") } },
  },
  {
    code: "NOTIONAL_TOO_LARGE",
    of: "money of another currency",
    refused: { facts: { conversion: d("1.5") }, limits: { orderNotional: d(3_000) } },
    passed: { facts: { conversion: d("1.4") }, limits: { orderNotional: d(3_000) } },
  },
  {
    code: "PRICE_OFF_STEP",
    of: "a limit price",
    refused: { ticket: { ...LIMIT, limitPrice: d("2000.005") } },
    passed: { ticket: { ...LIMIT, limitPrice: d("2000.01") } },
  },
  {
    code: "PRICE_OFF_STEP",
    of: "a limit order without its price",
    refused: { ticket: { type: "limit" } },
    passed: { ticket: LIMIT },
  },
  {
    code: "PRICE_OFF_STEP",
    of: "a stop loss",
    refused: { ticket: { stopLoss: { distance: d("9.999") } } },
    passed: { ticket: { stopLoss: { distance: d("9.99") } } },
  },
  {
    code: "PRICE_OFF_STEP",
    of: "a take profit",
    refused: { ticket: { takeProfit: { distance: d("20.001") } } },
    passed: { ticket: { takeProfit: { distance: d("20.01") } } },
  },
  {
    code: "PRICE_OFF_STEP",
    of: "a stop loss too near for the broker",
    refused: { ticket: { stopLoss: { distance: d("0.49") } } },
    passed: { ticket: { stopLoss: { distance: d("0.5") } } },
  },
  {
    code: "PRICE_OUTSIDE_COLLAR",
    of: "a limit price below",
    refused: {
      ticket: {
        ...LIMIT,
        limitPrice: d(1_980),
        stopLoss: { price: d(1_970) },
        takeProfit: { price: d(2_000) },
      },
    },
    passed: {
      ticket: {
        ...LIMIT,
        limitPrice: d("1980.1"),
        stopLoss: { price: d(1_971) },
        takeProfit: { price: d(2_000) },
      },
    },
  },
  {
    code: "PRICE_OUTSIDE_COLLAR",
    of: "a limit price above",
    refused: {
      ticket: {
        ...LIMIT,
        limitPrice: d("2020.06"),
        takeProfit: { price: d(2_070) },
        stopLoss: { price: d(2_010) },
      },
    },
    passed: {
      ticket: {
        ...LIMIT,
        limitPrice: d("2020.05"),
        takeProfit: { price: d(2_070) },
        stopLoss: { price: d(2_010) },
      },
    },
  },
  {
    code: "PRICE_OUTSIDE_COLLAR",
    of: "a stop price",
    refused: { ticket: { type: "stop", stopPrice: d(2_021) }, limits: { orderTypes: ["stop"] } },
    passed: { ticket: { type: "stop", stopPrice: d(2_020) }, limits: { orderTypes: ["stop"] } },
  },
  { code: "QUOTE_STALE", of: "no price", refused: { facts: { quote: undefined } }, passed: {} },
  {
    code: "QUOTE_STALE",
    of: "an old price",
    refused: {
      facts: { quote: { bid: d(2_000), ask: d(2_000), at: NOW.subtract({ milliseconds: 60_001 }) } },
    },
    passed: { facts: { quote: { bid: d(2_000), ask: d(2_000), at: NOW.subtract({ seconds: 60 }) } } },
  },
  {
    code: "QUOTE_STALE",
    of: "a price from ahead",
    refused: { facts: { quote: { bid: d(2_000), ask: d(2_000), at: NOW.add({ seconds: 61 }) } } },
    passed: { facts: { quote: { bid: d(2_000), ask: d(2_000), at: NOW.add({ seconds: 1 }) } } },
  },
  {
    code: "QUOTE_STALE",
    of: "an ask below the bid",
    refused: { facts: { quote: { bid: d(2_000), ask: d(1_999), at: NOW } } },
    passed: { facts: { quote: { bid: d(2_000), ask: d(2_000), at: NOW } } },
  },
  {
    code: "QUOTE_STALE",
    of: "a price of nothing",
    refused: { facts: { quote: { bid: d(0), ask: d(2_000), at: NOW } } },
    passed: {},
  },
  {
    code: "SPREAD_TOO_WIDE",
    of: "bid and ask",
    refused: { facts: { quote: { bid: d(1_995), ask: d("2005.01"), at: NOW } } },
    passed: { facts: { quote: { bid: d(1_995), ask: d("2004.98"), at: NOW } } },
  },
  {
    code: "ORDER_DUPLICATE",
    of: "the same order again",
    refused: {
      facts: botRisk({ last: { likeness: "XAUUSD buy 1 market", at: NOW.subtract({ seconds: 29 }) } }),
    },
    passed: {
      facts: botRisk({ last: { likeness: "XAUUSD buy 1 market", at: NOW.subtract({ seconds: 30 }) } }),
    },
  },
  {
    code: "ORDER_DUPLICATE",
    of: "another order soon after",
    refused: { facts: botRisk({ last: { likeness: "XAUUSD buy 1 market", at: NOW } }) },
    passed: { facts: botRisk({ last: { likeness: "XAUUSD sell 1 market", at: NOW } }) },
  },
  {
    code: "ORDER_DUPLICATE",
    of: "a position that is there",
    refused: { facts: lots({}), limits: { openPositions: 2 } },
    passed: { facts: lots({}), limits: { openPositions: 2, addsToPosition: true } },
  },
  {
    code: "ORDER_DUPLICATE",
    of: "a position that is the other way",
    refused: { facts: lots({}), limits: { openPositions: 2 } },
    passed: { facts: lots({ side: "sell" }), limits: { openPositions: 2 } },
  },
  {
    code: "ORDER_DUPLICATE",
    of: "a position on its way",
    refused: { facts: risk({ reservations: [aReservation()] }), limits: { openPositions: 2 } },
    passed: {
      facts: {
        ...risk({ reservations: [aReservation()] }),
        reserved: new Map([["r1", anOrder({ state: "cancelled" })]]),
      },
    },
  },
  {
    code: "ORDER_DUPLICATE",
    of: "an id that was given",
    refused: { facts: risk({ reservations: [aReservation({ clientOrderId: "n1", bot: "other" })] }) },
    passed: { facts: risk({ reservations: [aReservation({ clientOrderId: "n2", bot: "other" })] }) },
  },
  {
    code: "ORDER_RATE",
    of: "the bot",
    refused: { facts: botRisk({ counts: counts({ recent: RECENT(4) }) }) },
    passed: { facts: botRisk({ counts: counts({ recent: RECENT(3) }) }) },
  },
  {
    code: "ORDER_RATE",
    of: "the minute",
    refused: {
      facts: botRisk({ counts: counts({ recent: [...RECENT(3), NOW.subtract({ milliseconds: 59_999 })] }) }),
    },
    passed: { facts: botRisk({ counts: counts({ recent: [...RECENT(3), NOW.subtract({ seconds: 60 })] }) }) },
  },
  {
    code: "ORDER_RATE",
    of: "the account",
    refused: { facts: risk({ counts: counts({ recent: RECENT(20) }) }) },
    passed: { facts: risk({ counts: counts({ recent: RECENT(19) }) }) },
  },
  {
    code: "REPEAT_THROTTLE",
    of: "a run of the same order",
    refused: { facts: botRisk({ counts: counts({}), repeats: 20, alike: "XAUUSD buy 1 market" }) },
    passed: { facts: botRisk({ counts: counts({}), repeats: 19, alike: "XAUUSD buy 1 market" }) },
  },
  {
    code: "REPEAT_THROTTLE",
    of: "a run of another order",
    refused: { facts: botRisk({ counts: counts({}), repeats: 20, alike: "XAUUSD buy 1 market" }) },
    passed: { facts: botRisk({ counts: counts({}), repeats: 20, alike: "XAUUSD buy 2 market" }) },
  },
  {
    code: "REPEAT_THROTTLE",
    of: "a run of yesterday",
    refused: { facts: botRisk({ counts: counts({}), repeats: 20, alike: "XAUUSD buy 1 market" }) },
    passed: {
      facts: botRisk({ counts: counts({ day: "2026-03-03" }), repeats: 20, alike: "XAUUSD buy 1 market" }),
    },
  },
  {
    code: "REJECTIONS_IN_A_ROW",
    of: "the broker's refusals",
    refused: { facts: { rejectionsInRow: 5 } },
    passed: { facts: { rejectionsInRow: 4 } },
  },
  {
    code: "WORKING_ORDERS",
    of: "the bot",
    refused: {
      facts: risk({ reservations: [aReservation({ side: "sell" })] }),
      limits: { workingOrders: 1, openPositions: 2 },
    },
    passed: {
      facts: risk({ reservations: [aReservation({ side: "sell", bot: "other" })] }),
      limits: { workingOrders: 1, openPositions: 2 },
    },
  },
  {
    code: "WORKING_ORDERS",
    of: "an order that closes",
    refused: {
      facts: risk({ reservations: [aReservation({ opens: false })] }),
      limits: { workingOrders: 1 },
    },
    passed: { facts: risk({ reservations: [aReservation({ opens: false })] }), limits: { workingOrders: 2 } },
  },
  {
    code: "WORKING_ORDERS",
    of: "the account, orders of others included",
    refused: {
      facts: { ...record({ working: [working()] }), marks: EURUSD, ...account({ workingOrders: 1 }) },
    },
    passed: {
      facts: {
        ...record({ working: [working({ protects: "p9" })] }),
        marks: EURUSD,
        ...account({ workingOrders: 1 }),
      },
    },
  },
  {
    code: "WORKING_ORDERS",
    of: "an order that is reserved and at the broker",
    refused: {
      facts: {
        ...risk({ reservations: [aReservation({ bot: "other" })] }),
        ...record({ working: [working({ clientOrderId: "r2" })] }),
        marks: EURUSD,
        ...account({ workingOrders: 2 }),
      },
    },
    passed: {
      facts: {
        ...risk({ reservations: [aReservation({ bot: "other" })] }),
        ...record({ working: [working({ clientOrderId: "r1" })] }),
        ...account({ workingOrders: 2 }),
      },
    },
  },
  {
    code: "OPEN_POSITIONS",
    of: "the bot",
    refused: { facts: lots({ side: "sell" }) },
    passed: { facts: lots({ side: "sell", bot: "other" }) },
  },
  {
    code: "OPEN_POSITIONS",
    of: "the account",
    refused: {
      facts: { ...lots({ bot: undefined, clientOrderId: undefined }), ...account({ openPositions: 1 }) },
    },
    passed: {
      facts: { ...lots({ bot: undefined, clientOrderId: undefined }), ...account({ openPositions: 2 }) },
    },
  },
  {
    code: "OPEN_POSITIONS",
    of: "an order on its way",
    refused: { facts: risk({ reservations: [aReservation({ side: "sell" })] }) },
    passed: {
      facts: {
        ...risk({ reservations: [aReservation({ side: "sell" })] }),
        reserved: new Map([["r1", anOrder({ state: "rejected" })]]),
      },
    },
  },
  {
    code: "OPEN_POSITIONS",
    of: "an order that is partly a position",
    refused: {
      facts: {
        ...risk({ reservations: [aReservation({ side: "sell" })] }),
        ...lots({ side: "sell", clientOrderId: "r0", quantity: d(1) }),
      },
      limits: { openPositions: 2 },
    },
    passed: {
      facts: {
        ...risk({ reservations: [aReservation({ side: "sell" })] }),
        ...lots({ side: "sell", clientOrderId: "r1", quantity: d(1) }),
      },
      limits: { openPositions: 2 },
    },
  },
  {
    code: "POSITION_TOO_LARGE",
    of: "position and order",
    refused: { ticket: { quantity: d(2) }, facts: lots({ quantity: d(9) }), limits: ADDS },
    passed: { facts: lots({ quantity: d(9) }), limits: ADDS },
  },
  {
    code: "POSITION_TOO_LARGE",
    of: "what is held by hand",
    refused: {
      facts: {
        ...lots({ bot: undefined, clientOrderId: undefined, quantity: d(10) }),
        ...account({ grossExposurePercent: d(900) }),
      },
    },
    passed: {
      facts: {
        ...lots({ bot: undefined, clientOrderId: undefined, quantity: d(9) }),
        ...account({ grossExposurePercent: d(900) }),
      },
    },
  },
  {
    code: "POSITION_TOO_LARGE",
    of: "what works by hand",
    refused: { facts: record({ working: [working({ instrument: "XAUUSD", quantity: d(10) })] }) },
    passed: { facts: record({ working: [working({ instrument: "XAUUSD", quantity: d(9) })] }) },
  },
  {
    code: "POSITION_TOO_LARGE",
    of: "what is left of an order",
    refused: { facts: risk({ reservations: [aReservation({ quantity: d(10) })] }), limits: ADDS },
    passed: {
      facts: {
        ...risk({ reservations: [aReservation({ quantity: d(10) })] }),
        ...lots({ quantity: d(4), clientOrderId: "r1" }),
        reserved: new Map([
          [
            "r1",
            anOrder({
              state: "partially-filled",
              filledQuantity: d(5),
              ticket: { ...aQuestion().ticket, quantity: d(10) },
            }),
          ],
        ]),
      },
      limits: ADDS,
    },
  },
  {
    code: "POSITION_TOO_LARGE",
    of: "an order that is called filled before its fills came",
    refused: {
      facts: {
        ...risk({ reservations: [aReservation({ quantity: d(10) })] }),
        reserved: new Map([
          [
            "r1",
            anOrder({ state: "filled", filledQuantity: d(0), changedAt: NOW.subtract({ seconds: 59 }) }),
          ],
        ]),
      },
      limits: ADDS,
    },
    passed: {
      facts: {
        ...risk({ reservations: [aReservation({ quantity: d(10) })] }),
        reserved: new Map([
          [
            "r1",
            anOrder({ state: "filled", filledQuantity: d(0), changedAt: NOW.subtract({ seconds: 60 }) }),
          ],
        ]),
      },
      limits: ADDS,
    },
  },
  {
    code: "GROSS_EXPOSURE",
    of: "positions and orders",
    refused: {
      facts: {
        ...lots({ ...OTHERS, quantity: d("25454.5") }),
        marks: EURUSD,
        ...account({ grossExposurePercent: d(300) }),
      },
    },
    passed: {
      facts: {
        ...lots({ ...OTHERS, quantity: d(25_454) }),
        marks: EURUSD,
        ...account({ grossExposurePercent: d(300) }),
      },
    },
  },
  {
    code: "GROSS_EXPOSURE",
    of: "what is left of another bot's order",
    refused: { facts: { ...risk({ reservations: [aReservation({ bot: "other", unitValue: d(14_000) })] }) } },
    passed: {
      facts: { ...risk({ reservations: [aReservation({ bot: "other", unitValue: d("13999.95") })] }) },
    },
  },
  {
    code: "DAILY_NOTIONAL",
    of: "the bot",
    refused: { facts: botRisk({ counts: counts({ notional: d("97999.91") }) }) },
    passed: { facts: botRisk({ counts: counts({ notional: d("97999.9") }) }) },
  },
  {
    code: "DAILY_NOTIONAL",
    of: "the account",
    refused: { facts: risk({ counts: counts({ notional: d("197999.91") }) }) },
    passed: { facts: risk({ counts: counts({ notional: d("197999.9") }) }) },
  },
  {
    code: "DAILY_NOTIONAL",
    of: "the day before",
    refused: { facts: botRisk({ counts: counts({ notional: d(99_000) }) }) },
    passed: { facts: botRisk({ counts: counts({ notional: d(99_000), day: "2026-03-03" }) }) },
  },
  {
    code: "DAILY_LOSS",
    of: "the account",
    refused: { facts: record({ equity: d(9_500) }) },
    passed: { facts: record({ equity: d("9500.01") }) },
  },
  {
    code: "DAILY_LOSS",
    of: "the bot, realised",
    refused: {
      facts: {
        botLedger: { ...BOT_LEDGER, day: aPeriod(TODAY, { realised: d(-290), fees: d(-8), swap: d(-2) }) },
      },
    },
    passed: {
      facts: {
        botLedger: {
          ...BOT_LEDGER,
          day: aPeriod(TODAY, { realised: d(-290), fees: d(-8), swap: d("-1.99") }),
        },
      },
    },
  },
  {
    code: "DAILY_LOSS",
    of: "the bot, open positions included",
    refused: { facts: lots({ side: "buy", price: d(2_150) }), limits: ADDS },
    passed: { facts: lots({ side: "buy", price: d("2149.9") }), limits: ADDS },
  },
  {
    code: "DAILY_LOSS",
    of: "what was lost before the day began",
    refused: { facts: lots({ price: d(2_150) }), limits: ADDS },
    passed: {
      facts: {
        ...lots({ price: d(2_150) }),
        botLedger: { ...BOT_LEDGER, day: aPeriod(TODAY, { unrealisedBefore: d(-100) }) },
      },
      limits: ADDS,
    },
  },
  {
    code: "DAILY_LOSS",
    of: "a sold position",
    refused: { facts: lots({ side: "sell", price: d("1850.1") }), limits: ADDS },
    passed: { facts: lots({ side: "sell", price: d("1850.2") }), limits: ADDS },
  },
  {
    code: "DAILY_LOSS",
    of: "a ledger that has not begun the day",
    refused: {
      facts: {
        ...lots({ price: d(2_150) }),
        botLedger: { ...BOT_LEDGER, day: aPeriod("2026-03-03", { realised: d(900) }) },
      },
      limits: ADDS,
    },
    passed: { facts: { botLedger: { ...BOT_LEDGER, day: aPeriod("2026-03-03", { realised: d(-900) }) } } },
  },
  {
    code: "DAILY_LOSS",
    of: "equity that is gone",
    refused: { facts: record({ dayEquity: d(0) }) },
    passed: {},
  },
  {
    code: "DRAWDOWN",
    of: "the account",
    refused: {
      facts: record({ peakEquity: d(10_000), equity: d(8_500), dayEquity: d(8_500), weekEquity: d(8_500) }),
    },
    passed: {
      facts: record({
        peakEquity: d(10_000),
        equity: d("8500.01"),
        dayEquity: d(8_500),
        weekEquity: d(8_500),
      }),
    },
  },
  {
    code: "DRAWDOWN",
    of: "the bot",
    refused: {
      facts: {
        botLedger: { ...BOT_LEDGER, total: aPeriod(MONDAY, { realised: d(-500) }) },
        ...botRisk({ peakProfit: d(500) }),
      },
    },
    passed: {
      facts: {
        botLedger: { ...BOT_LEDGER, total: aPeriod(MONDAY, { realised: d("-499.99") }) },
        ...botRisk({ peakProfit: d(500) }),
      },
    },
  },
  {
    code: "DRAWDOWN",
    of: "a bot that never was ahead",
    refused: { facts: { botLedger: { ...BOT_LEDGER, total: aPeriod(MONDAY, { realised: d(-1_000) }) } } },
    passed: { facts: { botLedger: { ...BOT_LEDGER, total: aPeriod(MONDAY, { realised: d(-999) }) } } },
  },
  {
    code: "WEEKLY_LOSS",
    of: "the account",
    refused: { facts: record({ equity: d(9_000), dayEquity: d(9_000) }) },
    passed: { facts: record({ equity: d("9000.01"), dayEquity: d(9_000) }) },
  },
  {
    code: "WEEKLY_LOSS",
    of: "the bot",
    refused: { facts: { botLedger: { ...BOT_LEDGER, week: aPeriod(MONDAY, { realised: d(-600) }) } } },
    passed: { facts: { botLedger: { ...BOT_LEDGER, week: aPeriod(MONDAY, { realised: d("-599.99") }) } } },
  },
  {
    code: "WEEKLY_LOSS",
    of: "the week before",
    refused: { facts: { botLedger: { ...BOT_LEDGER, week: aPeriod(MONDAY, { realised: d(-600) }) } } },
    passed: { facts: { botLedger: { ...BOT_LEDGER, week: aPeriod("2026-02-23", { realised: d(-600) }) } } },
  },
  {
    code: "TRADES_PER_DAY",
    of: "the bot",
    refused: { facts: botRisk({ counts: counts({ trades: 50 }) }) },
    passed: { facts: botRisk({ counts: counts({ trades: 49 }) }) },
  },
  {
    code: "RISK_PER_TRADE",
    of: "distance × quantity",
    refused: {
      ticket: { quantity: d(10), stopLoss: { distance: d("10.01") }, takeProfit: { distance: d(30) } },
    },
    passed: { ticket: { quantity: d(10), stopLoss: { distance: d(10) }, takeProfit: { distance: d(30) } } },
  },
  {
    code: "RISK_PER_TRADE",
    of: "a stop by its price",
    refused: { ticket: { stopLoss: { price: d("1900.09") }, takeProfit: { distance: d(200) } } },
    passed: { ticket: { stopLoss: { price: d("1900.1") }, takeProfit: { distance: d(200) } } },
  },
  {
    code: "RISK_PER_TRADE",
    of: "what entry and stop slip on paper",
    refused: {
      ticket: { quantity: d(10), stopLoss: { distance: d("2") } },
      limits: { riskPerTradePercent: d("1.00003") },
      facts: slipping(0.2),
    },
    // Ten times 2 and 0.4 % of 2,000.10.
    passed: {
      ticket: { quantity: d(10), stopLoss: { distance: d("2") } },
      limits: { riskPerTradePercent: d("1.00004") },
      facts: slipping(0.2),
    },
  },
  {
    code: "RISK_PER_TRADE",
    of: "what the stop of a limit order slips, which enters at its price",
    refused: { ticket: LIMIT, limits: { riskPerTradePercent: d("0.1399") }, facts: slipping(0.2) },
    // 10 and 0.2 % of 2,000.
    passed: { ticket: LIMIT, limits: { riskPerTradePercent: d("0.14") }, facts: slipping(0.2) },
  },
  {
    code: "RISK_PER_TRADE",
    of: "what was measured in live",
    refused: { ...live({ slippagePercent: d("0.1") }), limits: { riskPerTradePercent: d("0.14") } },
    passed: { ...live({ slippagePercent: d("0.1") }), limits: { riskPerTradePercent: d("0.140002") } },
  },
  {
    code: "RISK_PER_TRADE",
    of: "luck that was measured in live, which is not counted on",
    refused: { ...live({ slippagePercent: d(-5) }), limits: { riskPerTradePercent: d("0.0999") } },
    passed: { ...live({ slippagePercent: d(-5) }), limits: { riskPerTradePercent: d("0.1") } },
  },
  {
    code: "RISK_PER_TRADE",
    of: "an order without a stop",
    refused: {
      ticket: { stopLoss: undefined },
      limits: { stopRequired: false, rewardToRisk: 0, riskPerTradePercent: d(20) },
    },
    passed: {
      ticket: { stopLoss: undefined },
      limits: { stopRequired: false, rewardToRisk: 0, riskPerTradePercent: d(21) },
    },
  },
  {
    code: "REWARD_TO_RISK",
    of: "the two levels",
    refused: { ticket: { takeProfit: { distance: d("9.99") } } },
    passed: { ticket: { takeProfit: { distance: d(10) } } },
  },
  {
    code: "REWARD_TO_RISK",
    of: "levels by their prices",
    refused: { ticket: { side: "sell", stopLoss: { price: d(2_010) }, takeProfit: { price: d("1990.01") } } },
    passed: { ticket: { side: "sell", stopLoss: { price: d(2_010) }, takeProfit: { price: d(1_990) } } },
  },
  {
    code: "REWARD_TO_RISK",
    of: "no take profit",
    refused: { ticket: { takeProfit: undefined } },
    passed: { ticket: { takeProfit: undefined }, limits: { rewardToRisk: 0 } },
  },
  {
    code: "STOP_MISSING",
    of: "a stop that is required",
    refused: { ticket: { stopLoss: undefined }, limits: { rewardToRisk: 0, riskPerTradePercent: d(50) } },
    passed: {
      ticket: { stopLoss: undefined },
      limits: { rewardToRisk: 0, riskPerTradePercent: d(50), stopRequired: false },
    },
  },
  {
    code: "STOP_MISSING",
    of: "a stop on the wrong side",
    refused: {
      ticket: { stopLoss: { price: d("2000.1") } },
      facts: rules({ minimumLevelDistance: d(0) }),
      limits: { rewardToRisk: 0, riskPerTradePercent: d(50), stopRequired: false },
    },
    passed: {
      ticket: { stopLoss: { price: d("2000.09") } },
      facts: rules({ minimumLevelDistance: d(0) }),
      limits: { rewardToRisk: 0, riskPerTradePercent: d(50), stopRequired: false },
    },
  },
  {
    code: "INSTRUMENT_NOT_LISTED",
    of: "the bot's instruments",
    refused: { question: { bot: { ...GOLD, instruments: ["EURUSD"] } } },
    passed: { question: { bot: { ...GOLD, instruments: ["EURUSD", "XAUUSD"] } } },
  },
  {
    code: "INSTRUMENT_RESTRICTED",
    of: "the account's list",
    refused: { facts: account({ restricted: ["XAUUSD"] }) },
    passed: { facts: account({ restricted: ["EURUSD"] }) },
  },
  {
    code: "INSTRUMENT_RESTRICTED",
    of: "the broker",
    refused: { facts: rules({ isTradable: false }) },
    passed: { facts: rules({ isTradable: true }) },
  },
  {
    code: "INSTRUMENT_RESTRICTED",
    of: "selling short",
    refused: { ticket: { side: "sell" }, facts: rules({ canSell: false }) },
    passed: { facts: rules({ canSell: false }) },
  },
  {
    code: "INSTRUMENT_RESTRICTED",
    of: "another's rules",
    refused: { facts: rules({ instrument: "EURUSD" }) },
    passed: {},
  },
  {
    code: "MARKET_CLOSED",
    of: "the session",
    refused: { facts: { closedBecause: "The exchange is closed: Good Friday." } },
    passed: { facts: { closedBecause: undefined } },
  },
  {
    code: "ORDER_TYPE",
    of: "limit orders only",
    refused: { limits: { orderTypes: ["limit"] } },
    passed: { ticket: LIMIT, limits: { orderTypes: ["limit"] } },
  },
  {
    code: "SLIPPAGE",
    of: "the paper account's worst draw",
    refused: { limits: { slippagePercent: d("0.19") }, facts: slipping(0.2) },
    passed: { limits: { slippagePercent: d("0.2") }, facts: slipping(0.2) },
  },
  {
    code: "SLIPPAGE",
    of: "a limit order, which has none",
    refused: { limits: { slippagePercent: d("0.1") }, facts: slipping(0.2) },
    passed: { ticket: LIMIT, limits: { slippagePercent: d("0.1") }, facts: slipping(0.2) },
  },
  {
    code: "SLIPPAGE",
    of: "what was measured in live",
    refused: live({ slippagePercent: d("0.31") }),
    passed: live({ slippagePercent: d("0.3") }),
  },
  {
    code: "SLIPPAGE",
    of: "half the spread in live where nothing was measured",
    refused: {
      ...live({ quote: { bid: d(1_994), ask: d("2006.1"), at: NOW } }),
      limits: { spreadPercent: d(2) },
    },
    passed: {
      ...live({ quote: { bid: d(1_994), ask: d(2_005), at: NOW } }),
      limits: { spreadPercent: d(2) },
    },
  },
  {
    code: "BALANCE_TOO_LOW",
    of: "the balance",
    refused: { facts: record({ balance: d("999.99") }) },
    passed: { facts: record({ balance: d(1_000) }) },
  },
  {
    code: "BALANCE_TOO_LOW",
    of: "the equity",
    refused: { facts: { ...record({ equity: d(9_990) }), ...account({ minimumBalance: d(9_991) }) } },
    passed: { facts: { ...record({ equity: d(9_991) }), ...account({ minimumBalance: d(9_991) }) } },
  },
  {
    code: "TOKEN_NOT_READY",
    of: "no token",
    refused: { facts: { token: undefined } },
    passed: { facts: { token: "not-needed" } },
  },
  {
    code: "TOKEN_NOT_READY",
    of: "a token that the worker has not confirmed",
    refused: { facts: { token: { isAcknowledged: false, expiresAt: NOW.add({ hours: 8 }) } } },
    passed: { facts: { token: { isAcknowledged: true, expiresAt: NOW.add({ hours: 8 }) } } },
  },
  {
    code: "TOKEN_NOT_READY",
    of: "a token that ends soon",
    refused: {
      facts: { token: { isAcknowledged: true, expiresAt: NOW.add({ milliseconds: 15 * 60_000 - 1 }) } },
    },
    passed: { facts: { token: { isAcknowledged: true, expiresAt: NOW.add({ minutes: 15 }) } } },
  },
  {
    code: "NOT_RECONCILED",
    of: "a break",
    refused: {
      facts: record({
        isReconciled: false,
        break: { code: "X", text: "The broker has an order more.", since: NOW },
      }),
    },
    passed: { facts: record({ isReconciled: true }) },
  },
  {
    code: "NOT_RECONCILED",
    of: "an account that nobody has looked at for minutes",
    refused: { facts: record({ at: NOW.subtract({ milliseconds: 5 * 60_000 + 1 }) }) },
    passed: { facts: record({ at: NOW.subtract({ minutes: 5 }) }) },
  },
  {
    code: "CLOCK_DRIFT",
    of: "a clock that is behind",
    refused: { facts: { clockDriftMs: -1_001 } },
    passed: { facts: { clockDriftMs: -1_000 } },
  },
  {
    code: "CLOCK_DRIFT",
    of: "a clock that nobody has compared",
    refused: live({ clockDriftMs: undefined }),
    passed: { facts: { clockDriftMs: undefined } },
  },
  {
    code: "CLOCK_DRIFT",
    of: "a comparison that is no number",
    refused: { facts: { clockDriftMs: Number.NaN } },
    passed: { facts: { clockDriftMs: 0 } },
  },
  { code: "TRADING_STATE", of: "a halt", refused: { facts: { tradingState: "halted" } }, passed: {} },
  { code: "TRADING_STATE", of: "reducing", refused: { facts: { tradingState: "reducing" } }, passed: {} },
  { code: "LIVE_NOT_EARNED", of: "live", refused: live({ mayTradeLive: false }), passed: live() },
  {
    code: "LIVE_NOT_EARNED",
    of: "paper, which needs none",
    refused: live({ mayTradeLive: false }),
    passed: { facts: { mayTradeLive: false } },
  },
  {
    code: "ENVIRONMENT_MISMATCH",
    of: "a bot on paper with the live account",
    refused: { ...live(), question: { bot: GOLD, account: LIVE_ACCOUNT } },
    passed: live(),
    also: Array(2).fill("ENVIRONMENT_MISMATCH"),
  },
  {
    code: "ENVIRONMENT_MISMATCH",
    of: "a live bot with the paper account",
    refused: { question: { bot: LIVE } },
    passed: {},
    also: Array(2).fill("ENVIRONMENT_MISMATCH"),
  },
  {
    code: "ENVIRONMENT_MISMATCH",
    of: "a paper account that is not simulated",
    refused: { facts: record({ environment: "live" }) },
    passed: {},
  },
  {
    code: "ENVIRONMENT_MISMATCH",
    of: "another account's ledger",
    refused: { facts: { ledger: { ...LEDGER, account: LIVE_ACCOUNT } } },
    passed: {},
  },
  {
    code: "ENVIRONMENT_MISMATCH",
    of: "another bot's ledger",
    refused: { facts: { botLedger: { ...BOT_LEDGER, bot: "other" } } },
    passed: {},
  },
  {
    code: "BUILD_MISMATCH",
    of: "another build",
    refused: { facts: { builds: { here: "b1", worker: "b2" } } },
    passed: { facts: { builds: { here: "b2", worker: "b2" } } },
  },
  {
    code: "BUILD_MISMATCH",
    of: "no worker",
    refused: { facts: { builds: { here: "b1", worker: undefined } } },
    passed: {},
  },
];

function ask({ question = {}, ticket = {}, limits, facts = {} }: Given) {
  const bot = question.bot ?? GOLD;
  const asked = {
    ...question,
    bot: limits === undefined ? bot : goldWith({ ...bot.limits, ...limits }, bot),
  };
  return checkOrder(
    aQuestion({ ...asked, bot: { ...asked.bot, limits: { ...asked.bot.limits } } }, ticket),
    someFacts(facts),
  );
}

test.each(CASES)("$code stops $of", ({ code, refused, also = [] }) => {
  const verdict = ask(refused);

  expect(verdict.kind === "denied" ? verdict.denials.map((one) => one.code).sort() : "passed").toEqual(
    [code, ...also].sort(),
  );
});

test.each(CASES)("$code lets go what is next to $of", ({ passed }) => {
  const verdict = ask(passed);

  expect(verdict.kind === "denied" ? verdict.denials : verdict.kind).toBe("passed");
});

test("every control has a refusal and a pass, and every refusal is one of a control", () => {
  expect(new Set<string>(CASES.map(({ code }) => code))).toEqual(new Set(Object.keys(CONTROLS)));
  expect(Object.keys(CONTROLS)).toHaveLength(36);
});

test("every refusal tells a figure or a reason in one sentence, with no number that is none", () => {
  for (const { refused } of CASES) {
    const verdict = ask(refused);
    if (verdict.kind === "passed") continue;
    for (const { text } of verdict.denials) {
      expect(text).toMatch(/^[A-Z0-9].*\.$/u);
      expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/u);
    }
  }
});

test("codes do not change: records and alerts name them", () => {
  expect(Object.keys(CONTROLS)).toEqual([
    "LIMIT_MISSING",
    "QUANTITY_INVALID",
    "NOTIONAL_TOO_LARGE",
    "PRICE_OFF_STEP",
    "PRICE_OUTSIDE_COLLAR",
    "QUOTE_STALE",
    "SPREAD_TOO_WIDE",
    "ORDER_DUPLICATE",
    "ORDER_RATE",
    "REPEAT_THROTTLE",
    "REJECTIONS_IN_A_ROW",
    "WORKING_ORDERS",
    "OPEN_POSITIONS",
    "POSITION_TOO_LARGE",
    "GROSS_EXPOSURE",
    "DAILY_NOTIONAL",
    "DAILY_LOSS",
    "DRAWDOWN",
    "WEEKLY_LOSS",
    "TRADES_PER_DAY",
    "RISK_PER_TRADE",
    "REWARD_TO_RISK",
    "STOP_MISSING",
    "INSTRUMENT_NOT_LISTED",
    "INSTRUMENT_RESTRICTED",
    "MARKET_CLOSED",
    "ORDER_TYPE",
    "SLIPPAGE",
    "BALANCE_TOO_LOW",
    "TOKEN_NOT_READY",
    "NOT_RECONCILED",
    "CLOCK_DRIFT",
    "TRADING_STATE",
    "LIVE_NOT_EARNED",
    "ENVIRONMENT_MISMATCH",
    "BUILD_MISMATCH",
  ]);
});

test.each(Object.entries(CONTROLS))("%s is written for a person", (code, control) => {
  expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/u);
  expect(control.name).not.toMatch(/\d/u);
  for (const sentence of [control.summary, control.next]) expect(sentence).toMatch(/^[A-Z].*\.$/u);
});
