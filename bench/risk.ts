/**
 * One check of an order by every control, without I/O, in microseconds: on an account with six positions and six
 * working orders, as many as an account may have by default, beside the same questions asked of bare numbers, which is what decimals and reasons cost.
 */
import type { Decimal } from "decimal.js";
import { z } from "zod";
import { accountRecordSchema } from "../shared/trading/account-record.ts";
import { accountLedgerSchema, botLedgerSchema } from "../shared/trading/ledger/records.ts";
import { orderSchema } from "../shared/trading/records.ts";
import { checkOrder, type RiskFacts, type RiskQuestion } from "../shared/trading/risk/check-order.ts";
import { accountRiskSchema, botRiskSchema, type Reservation } from "../shared/trading/risk/records.ts";
import {
  ACCOUNT,
  aLot,
  anOrder,
  aPeriod,
  aQuestion,
  aReservation,
  BOT_LEDGER,
  d,
  goldWith,
  LEDGER,
  MONDAY,
  NOW,
  RECORD,
  someFacts,
  TODAY,
} from "../tests/support/risk-facts.ts";
import { type Print, summarize, tableOf } from "./summary.ts";

const ROUNDS = 15;
const CHECKS_A_ROUND = 10_000;
const INSTRUMENTS = ["EURUSD", "GBPUSD", "PALMOIL", "XAGUSD", "USDJPY"];
const TARGET_US = 20;

/** Prints the microseconds of a check that passes and of one that is denied, and of the bare numbers. */
export async function runRisk(print: Print): Promise<void> {
  const question = aQuestion({ bot: goldWith({ openPositions: 5, workingOrders: 10 }) });
  const facts = busyFacts();
  const halted: RiskFacts = { ...facts, rejectionsInRow: 99 };
  const numbers = inNumbers(question, facts);
  const verdict = checkOrder(question, facts);
  if (verdict.kind !== "passed")
    throw new Error(`The order of the benchmark is denied: ${JSON.stringify(verdict.denials)}`);
  if (checkOrder(question, halted).kind !== "denied")
    throw new Error("The order of the benchmark is not denied.");
  if (!checkNumbers(numbers)) throw new Error("The bare numbers deny the order of the benchmark.");

  const contestants = {
    "check that passes": () => checkOrder(question, facts).kind === "passed",
    "check that is denied": () => checkOrder(question, halted).kind === "denied",
    "bare numbers": () => checkNumbers(numbers),
  };
  const samples = new Map<string, number[]>();
  // In turns, so that whatever else the machine does hits all of them.
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const us = timed(run);
      if (round >= 0) samples.set(name, [...(samples.get(name) ?? []), us]);
    }
  }
  const bare = summarize(samples.get("bare numbers") ?? []).p50;
  const rows = [...samples].map(([name, each]) => {
    const { p50, p95, max } = summarize(each);
    return [name, ...[p50, p95, max].map((us) => us.toFixed(2)), `${(p50 / bare).toFixed(0)} ×`];
  });
  print(
    `One check, in µs of the processor, without I/O; ${ROUNDS} rounds of ${CHECKS_A_ROUND}, in turns; to be at most ${TARGET_US}:`,
  );
  print(
    `6 positions and 6 working orders in 6 instruments, 2 of them partly filled; every control is asked.`,
  );
  for (const line of tableOf([["", "p50", "p95", "max", "of bare"], ...rows])) print(line);
}

/** Microseconds of the processor a check: time in which others had it is not counted, that of its garbage is. */
function timed(run: () => boolean): number {
  const from = process.cpuUsage();
  let yes = 0;
  for (let index = 0; index < CHECKS_A_ROUND; index += 1) yes += run() ? 1 : 0;
  const { user, system } = process.cpuUsage(from);
  if (yes !== CHECKS_A_ROUND) throw new Error("A check of the benchmark changed its mind.");
  return (user + system) / CHECKS_A_ROUND;
}

/** An account in the middle of a day, as it comes out of the store. */
function busyFacts(): RiskFacts {
  const lots = INSTRUMENTS.map((instrument, index) =>
    aLot({ instrument, bot: "other", clientOrderId: `l${index}`, quantity: d("12.5"), price: d("101.25") }),
  );
  lots.push(aLot({ positionId: "p9", side: "sell", price: d("2010.35") }));
  const reservations = INSTRUMENTS.map(
    (instrument, index): Reservation =>
      aReservation({
        clientOrderId: `r${index}`,
        instrument,
        bot: "other",
        quantity: d("4.5"),
        unitValue: d("99.1875"),
      }),
  );
  reservations.push(aReservation({ clientOrderId: "r9", side: "sell" }));
  const base = someFacts();
  const recent = Array.from({ length: 3 }, (_, index) => NOW.subtract({ seconds: 10 + index }));
  const counts = { day: TODAY, notional: d("31234.55"), trades: 9, recent };
  const config = base.config as NonNullable<typeof base.config>;
  const again = <Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>): z.output<Schema> =>
    schema.parse(z.encode(schema, value));
  return {
    ...base,
    config: { ...config, limits: { ...config.limits, openPositions: 40, workingOrders: 40 } },
    record: again(accountRecordSchema, {
      ...RECORD,
      equity: d("9876.54"),
      peakEquity: d("10321.09"),
      balance: d("9934.11"),
    }),
    ledger: again(accountLedgerSchema, { ...LEDGER, lots }),
    botLedger: again(botLedgerSchema, {
      ...BOT_LEDGER,
      day: aPeriod(TODAY, { realised: d("-35.5"), fees: d("-2.13"), unrealisedBefore: d("4.25") }),
      week: aPeriod(MONDAY, { realised: d("81.25"), fees: d("-14.07"), swap: d("-1.05") }),
      total: aPeriod(MONDAY, { realised: d("315.75"), fees: d("-44.2"), swap: d("-3.3") }),
    }),
    marks: new Map(
      INSTRUMENTS.map((one) => [one, { bid: d("99.9875"), ask: d("100.0125"), conversion: d("1.08315") }]),
    ),
    risk: again(accountRiskSchema, { account: ACCOUNT, reservations, counts }),
    botRisk: again(botRiskSchema, { ...base.botRisk, counts, peakProfit: d("120.35") }),
    reserved: new Map(
      reservations.map(({ clientOrderId }, index) => [
        clientOrderId,
        again(orderSchema, anOrder({ clientOrderId, filledQuantity: d(index < 2 ? "0.5" : 0) })),
      ]),
    ),
  };
}

interface Numbers {
  readonly lots: readonly {
    readonly quantity: number;
    readonly price: number;
    readonly mark: number;
    readonly isOwn: boolean;
  }[];
  readonly reservations: readonly {
    readonly quantity: number;
    readonly filled: number;
    readonly unitValue: number;
  }[];
  readonly recent: readonly number[];
  /** Of each comparison, what is used and what is allowed. */
  readonly limits: readonly (readonly [used: number, allowed: number])[];
  readonly now: number;
  readonly equity: number;
}

/** The same sums and as many comparisons, with nothing told: what it would cost without decimals and reasons. */
function checkNumbers({ lots, reservations, recent, limits, now, equity }: Numbers): boolean {
  let gross = 0;
  let unrealised = 0;
  for (const lot of lots) {
    gross += lot.quantity * lot.mark;
    if (lot.isOwn) unrealised += lot.quantity * (lot.mark - lot.price);
  }
  for (const one of reservations) gross += (one.quantity - one.filled) * one.unitValue;
  let count = 0;
  for (const at of recent) if (now - at < 60_000) count += 1;
  let fits = gross * 100 <= equity * 300 && -unrealised * 100 < equity * 3 && count < 4;
  for (const [used, allowed] of limits) fits = used <= allowed && fits;
  return fits;
}

function inNumbers(
  { bot, now, ticket }: RiskQuestion,
  { ledger, risk, reserved, record }: RiskFacts,
): Numbers {
  const numberOf = (value: Decimal | undefined) => value?.toNumber() ?? 0;
  return {
    lots: (ledger?.lots ?? []).map(({ quantity, price, instrument, bot: owner }) => ({
      quantity: quantity.toNumber(),
      price: price.toNumber(),
      mark: instrument === ticket.instrument ? 2_000.1 : 108.3,
      isOwn: owner === bot.id,
    })),
    reservations: risk.reservations.map(({ clientOrderId, quantity, unitValue }) => ({
      quantity: quantity.toNumber(),
      filled: numberOf(reserved.get(clientOrderId)?.filledQuantity),
      unitValue: unitValue.toNumber(),
    })),
    recent: risk.counts.recent.map((at) => at.epochMilliseconds),
    limits: Array.from({ length: 45 }, (_, index) => [index, 100 + index] as const),
    now: now.epochMilliseconds,
    equity: numberOf(record?.equity),
  };
}
