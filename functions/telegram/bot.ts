import { Bot, type Context, GrammyError, HttpError } from "grammy";
import type { UserFromGetMe } from "grammy/types";
import type { Messenger, OutgoingMessage } from "../../shared/alerts/messenger.ts";
import { type ChatAnswer, CONFIRM } from "../../shared/console/chat-answers.ts";
import { type ChatCommands, TRADE_COMMANDS } from "../../shared/console/chat-commands.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { Secret } from "../../shared/platform/secret.ts";
import { telegramClientOptions } from "./telegram-client-options.ts";
import type { UpdateLedger } from "./update-ledger.ts";

/** Makes the answers to the owner's commands. Called once an answer; a repeated call must be harmless. */
export interface BotCommands {
  start(): Promise<OutgoingMessage>;
  status(): Promise<OutgoingMessage>;
  /** What is said about trading; loaded with its first use. */
  trade(): Promise<ChatCommands>;
  /** Brings an answer as soon as the messenger takes it; once an update. A link is made anew then. */
  later(update: number, answer: LateAnswer): Promise<void>;
}

export type LateAnswer = { readonly kind: "link" } | { readonly kind: "answer"; readonly text: string };

/** The update was not dealt with and nothing went out: Telegram shall bring it again. */
export class BringAgain extends Error {
  override readonly name = "BringAgain";
  readonly afterSeconds: number | undefined;

  constructor(afterSeconds?: number) {
    super("The update shall come again.");
    this.afterSeconds = afterSeconds;
  }
}

const HELP: OutgoingMessage = {
  text: [
    "This is what I know.",
    "/status: how your connections are",
    "/start: a fresh link to your page",
    "/kill: halts everything at once; /kill and an account or a bot halts that",
    "/reduce: only closes from now on",
    "/close: closes what is open",
    "/resume: lets it go on",
    "/paper: what trades live trades on paper from now on; /live brings it back",
    "/positions, /orders, /trades, /pnl, /bots, /why: how trading stands",
  ].join("\n"),
  buttons: [
    [
      { label: "Status", action: "status" },
      { label: "Fresh link", action: "start" },
    ],
  ],
};

/** However it is typed in a hurry: in capitals, without its stroke, with the bot's name. */
const KILL = /^\s*\/?kill(?:@\w+)?(?:\s+(.*))?$/is;

const BUSY_SECONDS = 5;

/**
 * The bot: answers the owner's chat and no other, each update once.
 * A button's action is the name of a command; other actions are only acknowledged.
 */
export function createBot(
  deps: {
    readonly log: Log;
    readonly ledger: UpdateLedger;
    readonly messenger: Messenger;
    readonly commands: BotCommands;
  },
  options: {
    readonly token: Secret;
    readonly botInfo: UserFromGetMe;
    readonly ownerChatId: number;
    readonly apiRoot?: string;
    readonly callTimeoutMs: number;
  },
): Bot {
  const { log, commands } = deps;
  const bot = new Bot(options.token.reveal(), {
    // Known beforehand, or the first request of every process, even an uninvited one, would call getMe.
    botInfo: options.botInfo,
    client: telegramClientOptions({ ...options, timeoutMs: options.callTimeoutMs }),
  });
  const answer = (context: Context, message: OutgoingMessage, late?: LateAnswer) =>
    send(deps, context.update.update_id, message, late);
  const start = async (context: Context) => answer(context, await commands.start(), { kind: "link" });
  const status = async (context: Context) => answer(context, await commands.status());

  bot.use(async (context, next) => {
    if (context.chat?.id === options.ownerChatId) await next();
    else log.info("stranger-ignored", { update: context.update.update_id });
  });
  // Before the ledger: a kill waits for no process that may have died over the same update, and doing it again
  // changes nothing.
  bot.hears(KILL, async (context) => {
    const update = context.update.update_id;
    const rest = context.match[1] ?? "";
    const killed = await (await commands.trade()).answer("kill", { rest, update });
    // Who is at it has halted too, and the receipt comes by itself: nothing is to be brought again.
    await answerOnce(deps, update, () => answerTrade(deps, update, killed), { isBusyFine: true });
  });
  bot.use((context, next) => answerOnce(deps, context.update.update_id, next));
  bot.command("start", start);
  bot.command("status", status);
  addTrading(bot, deps);
  bot.on("callback_query:data", async (context) => {
    await acknowledge(context, log);
    const action = context.callbackQuery.data;
    if (action === "start") await start(context);
    if (action === "status") await status(context);
  });
  bot.on("message", (context) => answer(context, HELP));
  return bot;
}

/** Everything about trading but the kill. */
function addTrading(
  bot: Bot,
  deps: { readonly log: Log; readonly messenger: Messenger; readonly commands: BotCommands },
): void {
  const { log, commands } = deps;
  for (const command of TRADE_COMMANDS.filter((one) => one !== "kill")) {
    bot.command(command, async (context) => {
      const trade = await commands.trade();
      const update = context.update.update_id;
      await answerTrade(deps, update, await trade.answer(command, { rest: context.match, update }));
    });
  }
  bot.hears(/^\s*(resume|live)\b/i, async (context) => {
    const trade = await commands.trade();
    await answerTrade(deps, context.update.update_id, await trade.phrase(context.msg.text ?? ""));
  });
  bot.callbackQuery(new RegExp(`^${CONFIRM}`), async (context) => {
    const trade = await commands.trade();
    const nonce = context.callbackQuery.data.slice(CONFIRM.length);
    const done = await trade.confirm(nonce, context.update.update_id);
    await acknowledge(context, log);
    await answerTrade(deps, context.update.update_id, done);
  });
}

async function answerOnce(
  deps: { readonly log: Log; readonly ledger: UpdateLedger },
  update: number,
  next: () => Promise<void>,
  { isBusyFine = false } = {},
): Promise<void> {
  const { ledger, log } = deps;
  const claim = await ledger.claim(update);
  if (claim === "busy" && !isBusyFine) throw new BringAgain(BUSY_SECONDS);
  if (claim === "answered" || claim === "busy") {
    log.info("update-known", { update });
    return;
  }
  try {
    await next();
  } catch (error) {
    await claim.release();
    throw error;
  }
  await claim.finish();
}

interface Sending {
  readonly messenger: Messenger;
  readonly log: Log;
  readonly commands: Pick<BotCommands, "later">;
}

async function answerTrade(
  deps: Sending,
  update: number,
  { message, isDone, after }: ChatAnswer,
): Promise<void> {
  if (isDone === true) {
    const sent = await deps.messenger.send(message);
    if (!sent.ok) deps.log.warn("answer-not-sent", { code: sent.code });
  } else {
    await send(deps, update, message);
  }
  await after?.();
}

/**
 * An answer that could not be sent is left to be brought later. The update itself is dealt with: while one comes
 * again and again, Telegram brings none behind it, and that might be a kill. An answer that may have arrived, or
 * that Telegram will never take, is not sent a second time.
 */
async function send(
  { messenger, commands }: Sending,
  update: number,
  message: OutgoingMessage,
  late: LateAnswer = { kind: "answer", text: textOf(message) },
): Promise<void> {
  const sent = await messenger.send(message);
  if (sent.ok) return;
  if (sent.code === "MESSENGER_UNREACHABLE" || sent.code === "MESSENGER_RATE_LIMITED") {
    await commands.later(update, late);
  }
}

/** A button that was good for a minute is not brought later. */
function textOf({ text, buttons = [] }: OutgoingMessage): string {
  const isAsking = buttons.flat().some((one) => "action" in one && one.action.startsWith(CONFIRM));
  return isAsking ? "Telegram was busy when you asked, and nothing was done. Ask again." : text;
}

/** Ends the waiting sign on the button. A tap that is too old for it is none the worse. */
async function acknowledge(context: Context, log: Log): Promise<void> {
  try {
    await context.answerCallbackQuery();
  } catch (error) {
    if (!(error instanceof GrammyError || error instanceof HttpError)) throw error;
    log.warn("tap-not-acknowledged", { update: context.update.update_id, fault: error.name });
  }
}
