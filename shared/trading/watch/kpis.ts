/** The figures by which an owner sees whether all goes well, and which of them are out of bounds. Pure. */
import type { Decimal } from "decimal.js";
import type { KpiThresholds } from "../../config/kpis.ts";
import type { AccountRecord } from "../account-record.ts";
import type { Performance } from "../ledger/performance.ts";
import { figure, money, share } from "../risk/findings.ts";
import type { DayCounts } from "./records.ts";

export interface KpiFacts {
  /** New York's. */
  readonly date: string;
  readonly counts: DayCounts | undefined;
  readonly accounts: readonly Pick<AccountRecord, "account" | "currency" | "equity" | "dayEquity" | "day">[];
  /** Of the trades of the last 30 days. */
  readonly performance: Performance;
  /** Breakers that have tripped in the day. */
  readonly trips: number;
  /** Of the worker; undefined where it has not said. */
  readonly memoryMb: number | undefined;
}

export interface KpiAlarm {
  readonly name: keyof KpiThresholds;
  /** A connection, an account, or `all`. */
  readonly subject: string;
  /** One sentence with the figure and its bound. */
  readonly text: string;
}

/** A share of fewer minutes than that says nothing. */
const MINUTES_ENOUGH = 60;
/** A worker that is replaced, or a broker that closes a connection, costs a minute or two of any day. */
const MINUTES_LOST_ENOUGH = 5;
const TRADES_ENOUGH = 25;

/** Every figure that is out of bounds. What is not known raises no alarm: other alarms tell of what is silent. */
export function kpiAlarms(facts: KpiFacts, bounds: KpiThresholds): readonly KpiAlarm[] {
  return [
    ...connectionAlarms(facts, bounds),
    ...accountAlarms(facts, bounds),
    ...winRateAlarms(facts, bounds),
    ...tripAlarms(facts, bounds),
    ...memoryAlarms(facts, bounds),
  ];
}

function connectionAlarms({ counts }: KpiFacts, bounds: KpiThresholds): readonly KpiAlarm[] {
  return Object.entries(counts?.connections ?? {}).flatMap(([subject, { wanted, ready, lagMs, lags }]) => {
    const alarms: KpiAlarm[] = [];
    const uptime = (ready * 100) / wanted;
    const isEnough = wanted >= MINUTES_ENOUGH && wanted - ready >= MINUTES_LOST_ENOUGH;
    if (isEnough && uptime < bounds.uptimePercent) {
      const text = `${subject} was ready in ${uptime.toFixed(1)} % of the day's minutes; ${bounds.uptimePercent} % are expected.`;
      alarms.push({ name: "uptimePercent", subject, text });
    }
    const average = lagMs / lags;
    if (lags >= MINUTES_ENOUGH && average > bounds.latencyMs) {
      const text = `${subject} took ${average.toFixed(0)} ms on average today; ${bounds.latencyMs} ms are expected at most.`;
      alarms.push({ name: "latencyMs", subject, text });
    }
    return alarms;
  });
}

function accountAlarms({ accounts, date }: KpiFacts, bounds: KpiThresholds): readonly KpiAlarm[] {
  return accounts.flatMap(({ account, currency, equity, dayEquity, day }) => {
    const lost: Decimal = dayEquity.minus(equity);
    if (day !== date || lost.lte(0) || lost.times(100).lt(dayEquity.times(bounds.dayLossPercent))) return [];
    const text = `${account} has lost ${money(lost, currency)} today, ${share(lost, dayEquity)}; you want to know from ${bounds.dayLossPercent} % on.`;
    return [{ name: "dayLossPercent" as const, subject: account, text }];
  });
}

function winRateAlarms({ performance }: KpiFacts, bounds: KpiThresholds): readonly KpiAlarm[] {
  const { trades, winRate } = performance;
  if (trades < TRADES_ENOUGH || winRate === undefined || winRate.gte(bounds.winRatePercent)) return [];
  const text = `Of the ${trades} trades of 30 days ${figure(winRate.toDecimalPlaces(1))} % won; ${bounds.winRatePercent} % are expected.`;
  return [{ name: "winRatePercent", subject: "all", text }];
}

function tripAlarms({ trips }: KpiFacts, bounds: KpiThresholds): readonly KpiAlarm[] {
  if (trips <= bounds.tripsPerDay) return [];
  const text = `${trips} breakers tripped today; ${bounds.tripsPerDay} are expected at most.`;
  return [{ name: "tripsPerDay", subject: "all", text }];
}

function memoryAlarms({ memoryMb }: KpiFacts, bounds: KpiThresholds): readonly KpiAlarm[] {
  if (memoryMb === undefined || memoryMb <= bounds.memoryMb) return [];
  const text = `The worker takes ${memoryMb.toFixed(0)} MB of memory; ${bounds.memoryMb} are expected at most.`;
  return [{ name: "memoryMb", subject: "worker", text }];
}
