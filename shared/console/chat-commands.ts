/**
 * Trading by the owner's chat. What stops acts at once; what closes or switches to paper asks for a tap, and what
 * lets trading go on, or go live again, for the typed phrase, a reason, and a tap.
 */
import { fail, type Result } from "../platform/result.ts";
import type { TradingControl } from "../trading/control/command-trading.ts";
import { type Announce, liftedText, stillHaltedText, tellReceipt } from "../trading/control/notices.ts";
import { resumePhrase, scopeText } from "../trading/control/scopes.ts";
import { EVERYTHING } from "../trading/trading-state.ts";
import { type ChatAnswer, offer, readPhrase, refuse, say, upperFirst } from "./chat-answers.ts";
import { askForLivePhrase, askToSwitch, goLive, switchNow, takeLivePhrase } from "./chat-paper.ts";
import {
  askToConfirm,
  type ConfirmationDeps,
  type ConfirmedWish,
  takeConfirmation,
} from "./confirmations.ts";
import type { ApiTrading, ApiWhy } from "./trading-api.ts";
import {
  botsText,
  holdLine,
  ordersText,
  pnlText,
  positionsText,
  tradesText,
  whyText,
} from "./trading-text.ts";
import { waitWords } from "./wait-words.ts";

/** The commands by their words; each takes a scope or a bot behind it. */
export const TRADE_COMMANDS = [
  "kill",
  "reduce",
  "resume",
  "close",
  "paper",
  "live",
  "positions",
  "orders",
  "trades",
  "pnl",
  "why",
  "bots",
] as const;
export type TradeCommand = (typeof TRADE_COMMANDS)[number];

/** What an update asks for. */
export interface ChatWish {
  /** What stands behind the command. */
  readonly rest: string;
  /** Telegram's number of the update: the same for every delivery of it. */
  readonly update: number;
}

export interface ChatDeps extends ConfirmationDeps {
  readonly announce: Announce;
  control(): Promise<TradingControl>;
  trading(): Promise<ApiTrading>;
  why(question: { readonly bot: string }): Promise<Result<ApiWhy>>;
}

export interface ChatCommands {
  answer(command: TradeCommand, wish: ChatWish): Promise<ChatAnswer>;
  /** A line that begins with RESUME or LIVE. */
  phrase(text: string): Promise<ChatAnswer>;
  /** A tap on a button of ours; `nonce` stood behind its colon. */
  confirm(nonce: string, update: number): Promise<ChatAnswer>;
}

const TELEGRAM = { kind: "telegram" } as const;
/** Telegram brings nothing else before this update is dealt with. */
const RECEIPT_WITHIN_MS = 2_500;
const OTHERS = /(^|\s)including others(\s|$)/i;

export function createChatCommands(deps: ChatDeps): ChatCommands {
  const asking = {
    kill: (wish: ChatWish) => kill(deps, wish),
    reduce: (wish: ChatWish) => reduce(deps, wish),
    resume: (wish: ChatWish) => askForPhrase(deps, wish),
    close: (wish: ChatWish) => askToClose(deps, wish),
    paper: (wish: ChatWish) => askToSwitch(deps, wish.rest),
    live: (wish: ChatWish) => askForLivePhrase(deps, wish.rest),
    positions: async () => say(positionsText(await deps.trading())),
    orders: async () => say(ordersText(await deps.trading())),
    trades: async () => say(tradesText(await deps.trading())),
    pnl: async () => say(pnlText(await deps.trading())),
    bots: async () => say(botsText(await deps.trading())),
    why: (wish: ChatWish) => why(deps, wish),
  } satisfies Record<TradeCommand, (wish: ChatWish) => Promise<ChatAnswer>>;
  return {
    answer: (command, wish) => asking[command](wish),
    phrase: (text) => (/^\s*live\b/i.test(text) ? takeLivePhrase(deps, text) : takePhrase(deps, text)),
    confirm: (nonce, update) => confirm(deps, nonce, update),
  };
}

/** The halt comes first; the answer, and the receipt after it, wait for nobody's messenger. */
async function kill(deps: ChatDeps, { rest, update }: ChatWish): Promise<ChatAnswer> {
  const control = await deps.control();
  const wish = { scope: rest, actor: TELEGRAM, why: "by /kill", requestId: `telegram-${update}` };
  const killed = await control.kill(wish);
  if (!killed.ok) return refuse(killed);
  const { id, scope } = killed.value.kill;
  if (!killed.value.isHalted) return say(liftedText(killed.value.kill));
  return {
    message: {
      text: `🛑 ${upperFirst(scopeText(scope))} is halted. No new order leaves; what works is being cancelled.\nThe receipt follows when the brokers have confirmed it.`,
    },
    isDone: true,
    async after() {
      const seen = await control.watchKill(id, RECEIPT_WITHIN_MS).catch(() => undefined);
      if (seen?.ok === true) await tellReceipt(deps, seen.value).catch(() => undefined);
    },
  };
}

async function reduce(deps: ChatDeps, { rest }: ChatWish): Promise<ChatAnswer> {
  const reduced = await (await deps.control()).reduce({ scope: rest, actor: TELEGRAM, why: "by /reduce" });
  if (!reduced.ok) return refuse(reduced);
  const { scope, state } = reduced.value;
  const what = upperFirst(scopeText(scope));
  return say(
    state === "halted"
      ? `🛑 ${what} is halted already, which is stricter: nothing goes at all.`
      : `⚠️ ${what} only closes now. What would open is being cancelled.`,
  );
}

async function askForPhrase(deps: ChatDeps, { rest }: ChatWish): Promise<ChatAnswer> {
  const known = await (await deps.control()).scopeOf(rest);
  if (!known.ok) return refuse(known);
  const { scope, phrase } = known.value;
  const { holds } = await deps.trading();
  const hold = holds.find((one) => one.scope === scope);
  if (hold === undefined) {
    const others = scope === EVERYTHING ? holds : [];
    const lines = others.map((one) => `${holdLine(one)}. To let it go on: ${one.phrase} because …`);
    return say([`${upperFirst(scopeText(scope))} is not stopped.`, ...lines].join("\n").slice(0, 4_000));
  }
  const { waitSeconds = 0 } = (await (await deps.control()).holdOf(scope)) ?? {};
  if (waitSeconds > 0) {
    const when = `It can go on ${waitWords(waitSeconds)}; answer then`;
    return say(`${holdLine(hold)}.\n${when} with the phrase and why it is safe:\n${phrase} because …`);
  }
  return say(
    `${holdLine(hold)}.\nTo let it go on, answer with the phrase and why it is safe:\n${phrase} because …`,
  );
}

/** `RESUME ALL because …`: the phrase is the first two words. */
async function takePhrase(deps: ChatDeps, text: string): Promise<ChatAnswer> {
  const { name, reason } = readPhrase(text);
  const known = await (await deps.control()).scopeOf(name);
  if (name === "" || !known.ok) return known.ok ? say(`Type ${resumePhrase("all")} and why.`) : refuse(known);
  const { scope, phrase } = known.value;
  const held = await (await deps.control()).holdOf(scope);
  // Neither the reason nor the tap would be of use yet.
  if (held === undefined) return say(`${upperFirst(scopeText(scope))} is not stopped.`);
  const { waitSeconds: seconds } = held;
  if (seconds > 0) return refuse(fail("RESUME_TOO_SOON", { seconds }));
  if (reason === "") return say(`Say also why it is safe:\n${phrase} because …`);
  const nonce = await askToConfirm(deps, { kind: "resume", scope, phrase, reason });
  const what = scopeText(scope);
  return offer(`Let ${what} go on? The button is good for a minute.`, `Yes, resume ${what}`, nonce);
}

async function askToClose(deps: ChatDeps, { rest }: ChatWish): Promise<ChatAnswer> {
  const includesOthers = OTHERS.test(rest);
  const known = await (await deps.control()).scopeOf(rest.replace(OTHERS, " "));
  if (!known.ok) return refuse(known);
  const { scope } = known.value;
  const nonce = await askToConfirm(deps, { kind: "close", scope, includesOthers });
  const text = `Close ${positionsOf(scope, includesOthers)} at the market? It opens nothing any more then. The button is good for a minute.`;
  return offer(text, "Yes, close them", nonce);
}

function positionsOf(scope: string, includesOthers: boolean): string {
  const where = scope === EVERYTHING ? "" : ` of ${scopeText(scope)}`;
  return `every position${where}${includesOthers ? ", also what is not ours," : " that is ours"}`;
}

async function confirm(deps: ChatDeps, nonce: string, update: number): Promise<ChatAnswer> {
  const wish = await takeConfirmation(deps, nonce, update);
  if (wish === undefined) return say("This button was used already or is older than a minute. Ask again.");
  switch (wish.kind) {
    case "close":
      return close(deps, wish);
    case "paper":
      return switchNow(deps, wish, nonce);
    case "live":
      return goLive(deps, wish);
    default:
      return resume(deps, wish);
  }
}

async function close(deps: ChatDeps, wish: Extract<ConfirmedWish, { kind: "close" }>): Promise<ChatAnswer> {
  const { scope, includesOthers } = wish;
  const closed = await (await deps.control()).closeAll({
    scope,
    includesOthers,
    actor: TELEGRAM,
    why: "by /close",
  });
  if (!closed.ok) return refuse(closed);
  const { accounts } = closed.value;
  if (accounts.length === 0)
    return say(`${upperFirst(scopeText(scope))} has no position. It only closes from now on.`);
  const lines = accounts.map(({ account, orders, left }) => {
    const kept = left === 0 ? "" : `, ${left} left alone: not ours`;
    return `${account}: ${orders.length} closing${kept}`;
  });
  return say(`⚠️ Closing ${scopeText(scope)}:\n${lines.join("\n")}\n/orders shows what becomes of it.`);
}

async function resume(deps: ChatDeps, wish: Extract<ConfirmedWish, { kind: "resume" }>): Promise<ChatAnswer> {
  const { scope, phrase, reason } = wish;
  const resumed = await (await deps.control()).resume({ scope, phrase, reason, actor: TELEGRAM });
  if (!resumed.ok) return refuse(resumed);
  const { stillHalted = [] } = resumed.value;
  if (stillHalted.length === 0) return say(`✅ ${upperFirst(scopeText(scope))} trades again.`);
  return say(["⚠️ It trades again, but not everywhere.", ...stillHalted.map(stillHaltedText)].join("\n"));
}

async function why(deps: ChatDeps, { rest }: ChatWish): Promise<ChatAnswer> {
  const bot = rest.trim();
  if (bot === "") return say(botsText(await deps.trading()));
  const told = await deps.why({ bot });
  return told.ok ? say(whyText(told.value)) : refuse(told);
}
