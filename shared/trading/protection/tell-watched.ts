/** How the owner hears of a lot whose stop does not rest at the broker. */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import { toIso } from "../../platform/instant.ts";
import type { Log } from "../../platform/log.ts";
import type { Transaction } from "../../platform/store.ts";
import type { Announce } from "../control/notices.ts";
import { riskEvents } from "../control/records.ts";
import type { TradedAccount } from "../traded-account.ts";
import type { ProtectionStep } from "./decide-protection.ts";
import { type LotName, type ProtectionRecord, protectionId } from "./records.ts";

const EVENTS_KEPT = Temporal.Duration.from({ hours: 24 * 400 });
/** A stop is tried again every minute: a refusal that stays the same is told again no sooner. */
const TOLD_AGAIN = Temporal.Duration.from({ hours: 1 });

/** A lot that is watched, and why. */
export type Watch = Extract<ProtectionStep, { kind: "watch" }>;

/** Whether the owner is to hear of it: it is told anew after it was at rest, for another reason, or an hour later. */
export function isNews(told: ProtectionRecord["told"], { code }: Watch, now: Temporal.Instant): boolean {
  return told?.code !== code || Temporal.Instant.compare(now, told.at.add(TOLD_AGAIN)) >= 0;
}

/** Writes it down as a risk event. */
export function noteWatched(
  transaction: Transaction,
  account: TradedAccount,
  {
    name,
    instrument,
    step,
    now,
  }: {
    readonly name: LotName;
    readonly instrument: string;
    readonly step: Watch;
    readonly now: Temporal.Instant;
  },
): void {
  transaction.set(riskEvents, `${toIso(now)}:${protectionId(account.id, name)}:stop`, {
    ...{ at: now, account: account.id, bot: name.bot, kind: "warned", code: "STOP_NOT_RESTING" },
    text: `The stop loss of ${instrument} does not rest at the broker and is watched: ${step.text}`,
    keptUntil: now.add(EVENTS_KEPT),
  });
}

const BY_OPENBELL = "Openbell looks at the price and closes it when the stop is passed.";
const BY_HAND = "To close it in the halt: /close on the phone, or `openbell close` in the terminal.";

interface TellDeps {
  readonly account: TradedAccount;
  readonly announce: Announce;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sends the owner a message; what becomes of it holds nothing up. */
export function tellWatched(
  { account, announce, clock, log }: TellDeps,
  name: LotName,
  { code, text }: Watch,
): void {
  const notice = {
    sign: "warning" as const,
    title: `Watched, not resting: the stop loss of ${name.bot} in ${name.positionId}`,
    lines: [`${code}: ${text}`, code === "TRADING_HALTED" ? BY_HAND : BY_OPENBELL],
  };
  const id = `stop:${protectionId(account.id, name)}:${toIso(clock.now())}`;
  void announce(id, notice).catch((error: unknown) =>
    log.error("stop-not-announced", { account: account.id, error }),
  );
}
