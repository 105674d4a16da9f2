/** Words for how trading stands. */
import type { ApiKillReceipt } from "../../shared/console/control-api.ts";
import type {
  ApiAccount,
  ApiBadge,
  ApiBot,
  ApiHold,
  ApiTrade,
  ApiTrading,
} from "../../shared/console/trading-api.ts";
import { counted } from "./figures.ts";
import type { TradingState } from "./trading-state.ts";
import { type Standing, spellCode, type Tone } from "./words.ts";

/** An answer older than this is not told as if it were of now. */
export const STALE_AFTER_MS = 45_000;

export const BADGES = {
  paper: { word: "PAPER", means: "simulated fills, no money" },
  demo: { word: "DEMO", means: "a broker’s play money" },
  simulated: { word: "SIMULATED", means: "a simulated broker, no money" },
  live: { word: "LIVE", means: "real money" },
} as const satisfies Record<ApiBadge, { word: string; means: string }>;

/** Whether a report vouches for how things are now. */
export function isStale(report: ApiTrading, nowMs: number): boolean {
  return nowMs - Date.parse(report.now) > STALE_AFTER_MS;
}

/** How trading as a whole stands. */
export function describeTrading(
  report: ApiTrading | undefined,
  nowMs: number,
): { readonly tone: Tone; readonly title: string } {
  if (report === undefined) return { tone: "neutral", title: "Not known yet" };
  const last = isStale(report, nowMs) ? "Last known: " : "";
  const tone = (fresh: Tone): Tone => (last === "" ? fresh : "neutral");
  if (report.state === "halted") return { tone: "trouble", title: `${last}trading is stopped` };
  if (report.state === "reducing") return { tone: "pending", title: `${last}only closing` };
  if (report.bots.length === 0) return { tone: "neutral", title: `${last}no bots` };
  if (report.holds.length > 0) return { tone: "pending", title: `${last}partly stopped` };
  return { tone: tone("good"), title: `${last}trading is on` };
}

/** How a bot stands: what stops it comes before what it waits for. */
export function describeBot(bot: ApiBot, account: ApiAccount | undefined): Standing {
  if (bot.state === "halted") {
    return { tone: "trouble", title: "Stopped", note: "It sends nothing until somebody lets it go on." };
  }
  if (account?.books === "break") {
    return { tone: "trouble", title: "Books disagree", note: "Nothing opens until they agree again." };
  }
  if (account?.money?.isCurrent !== true) {
    return { tone: "pending", title: "No worker", note: "Nobody leads its account now: nothing is sent." };
  }
  if (bot.state === "reducing") {
    return { tone: "pending", title: "Only closing", note: "It opens nothing new." };
  }
  if (!bot.session.isOpen) {
    return { tone: "neutral", title: "Outside its session", note: bot.session.text ?? "" };
  }
  if (bot.lastTick?.reason === "MARKET_CLOSED") {
    return { tone: "neutral", title: "Market closed", note: "The broker does not trade it now." };
  }
  return { tone: "good", title: "Trading", note: "Its session is open." };
}

/** What a reason's code says: `No signal`. */
export function reasonTitle(code: string): string {
  const words = spellCode(code);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The name of a scope as a person reads it. */
export function scopeName(scope: string): string {
  if (scope === "all") return "Everything";
  return scope.startsWith("bot:") ? `The bot ${scope.slice(4)}` : `The account ${scope}`;
}

const ACTORS: Record<string, string> = {
  page: "on this page",
  terminal: "in the terminal",
  telegram: "on the phone",
  system: "by Openbell itself",
};

/** Who stopped something, and why. */
export function holdText({ state, who, why }: ApiHold): string {
  const what = state === "halted" ? "Stopped" : "Only closing";
  return `${what} ${ACTORS[who] ?? who}: ${why}`;
}

/** Who has switched a bot to paper, and why. */
export function switchedText({ who, why }: NonNullable<ApiBot["switched"]>): string {
  return `Switched to paper ${ACTORS[who] ?? who}: ${why}`;
}

const CLOSERS = {
  stop: "its stop",
  target: "its target",
  strategy: "its strategy",
  you: "you",
  openbell: "Openbell",
} as const satisfies Record<NonNullable<ApiTrade["closedBy"]>, string>;

/** Whose a closed trade was, and by what it was closed, where that is known. */
export function closedText({ bot, closedBy }: ApiTrade): string {
  const owner = bot ?? "Not a bot’s";
  return closedBy === undefined ? owner : `${owner} · closed by ${CLOSERS[closedBy]}`;
}

/** What a kill has come to, in one line. */
export function receiptTitle({ isOpen, seconds, parts }: ApiKillReceipt): string {
  const waiting = parts.filter(({ state }) => state === "waiting").length;
  if (isOpen) return `Stopped. ${counted(waiting, "account")} of ${parts.length} not confirmed yet.`;
  const taken =
    seconds === undefined ? "" : ` within ${Math.max(0.1, Math.ceil(seconds * 10) / 10).toFixed(1)} s`;
  return `Stopped. No order works any more: confirmed${taken}.`;
}

/** What became of one account in a kill. */
export function receiptLine(part: ApiKillReceipt["parts"][number]): string {
  const { state, found, cancelled, filled, positions, protective, trouble } = part;
  if (state === "waiting") return trouble ?? "Waiting for its worker.";
  const orders =
    found === 0
      ? "No order was working"
      : `${counted(found, "order")}: ${cancelled} cancelled, ${filled} filled`;
  const stays =
    positions === 0
      ? "no position open"
      : `${counted(positions, "position")} open, ${counted(protective, "stop or target", "stops and targets")} left resting`;
  return `${orders}; ${stays}.`;
}

/** What the bar with the kill button says beside it. */
export interface BarWords {
  readonly tone: Tone;
  readonly title: string;
  readonly note: string;
  /**
   * `stop`: a press can stop trading · `off`: it could not · `details`: it is stopped · `none`: outside, where a
   * button that can do nothing would be no button.
   */
  readonly button: "stop" | "off" | "details" | "none";
}

interface BarFacts {
  readonly trading: Pick<TradingState, "report" | "kill" | "problem">;
  readonly door: "inside" | "outside" | "unreachable";
  readonly isOnline: boolean;
  readonly nowMs: number;
}

/** Truthful about whether the button reaches anything: it cannot stop what it cannot reach. */
export function describeBar({ trading, door, isOnline, nowMs }: BarFacts): BarWords {
  if (door === "outside") {
    return {
      ...{ tone: "neutral", button: "none", title: "Signed out" },
      note: "This page cannot stop trading. /kill in your chat can.",
    };
  }
  if (!isOnline) {
    return {
      ...{ tone: "trouble", button: door === "inside" ? "off" : "none", title: "Offline" },
      note: "No stop leaves this device. Use another, or the broker’s app.",
    };
  }
  if (door === "unreachable") {
    return {
      ...{ tone: "trouble", button: "none", title: "Openbell does not answer" },
      note: "No stop gets through. Try /kill, or the broker’s app.",
    };
  }
  const report = trading.report.value;
  const { title, tone } = describeTrading(report, nowMs);
  const button = report?.state === "halted" ? "details" : "stop";
  const capital = title.charAt(0).toUpperCase() + title.slice(1);
  if (trading.problem.value?.kind === "unreachable") {
    return {
      tone: "trouble",
      button: "stop",
      title: "Openbell does not answer",
      note: "A stop may not get through.",
    };
  }
  return { tone, button, title: capital, note: barNote(report) };
}

function barNote(report: ApiTrading | undefined): string {
  if (report === undefined) return "A stop works all the same.";
  if (report.state === "halted") return "Nothing new goes out.";
  const { positions, orders } = report;
  return `${counted(positions.length, "position")}, ${counted(orders.working.length, "working order")}`;
}

const LOOKED_BACK_MS = 4 * 24 * 3_600_000;

/** Of a bot without a tick: that is news only where somebody was there to run it for so long. */
export function noTickText({ firstSeen }: Pick<ApiBot, "firstSeen">, nowMs: number): string {
  const isNew = firstSeen === undefined || nowMs - Date.parse(firstSeen) < LOOKED_BACK_MS;
  return isNew ? "No tick yet" : "No tick in four days";
}
