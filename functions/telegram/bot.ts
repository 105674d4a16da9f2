import { Bot, type Context, GrammyError, HttpError } from "grammy";
import type { UserFromGetMe } from "grammy/types";
import type { Messenger, OutgoingMessage } from "../../shared/alerts/messenger.ts";
import {
  type ChatAnswer,
  type ChatCommands,
  CONFIRM,
  TRADE_COMMANDS,
} from "../../shared/console/chat-commands.ts";
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
}

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
    "/positions, /orders, /pnl, /bots, /why: how trading stands",
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
  const answer = async (message: OutgoingMessage) => send(deps.messenger, message);

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
    await answerOnce(deps, update, () => answerTrade(deps, killed));
  });
  bot.use((context, next) => answerOnce(deps, context.update.update_id, next));
  bot.command("start", async () => answer(await commands.start()));
  bot.command("status", async () => answer(await commands.status()));
  addTrading(bot, deps);
  bot.on("callback_query:data", async (context) => {
    await acknowledge(context, log);
    const action = context.callbackQuery.data;
    if (action === "start" || action === "status") await answer(await commands[action]());
  });
  bot.on("message", () => answer(HELP));
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
      const wish = { rest: context.match, update: context.update.update_id };
      await answerTrade(deps, await trade.answer(command, wish));
    });
  }
  bot.hears(/^\s*resume\b/i, async (context) => {
    const trade = await commands.trade();
    await answerTrade(deps, await trade.phrase(context.msg.text ?? ""));
  });
  bot.callbackQuery(new RegExp(`^${CONFIRM}`), async (context) => {
    const trade = await commands.trade();
    const nonce = context.callbackQuery.data.slice(CONFIRM.length);
    const done = await trade.confirm(nonce, context.update.update_id);
    await acknowledge(context, log);
    await answerTrade(deps, done);
  });
}

async function answerOnce(
  deps: { readonly log: Log; readonly ledger: UpdateLedger },
  update: number,
  next: () => Promise<void>,
): Promise<void> {
  const { ledger, log } = deps;
  const claim = await ledger.claim(update);
  if (claim === "busy") throw new BringAgain(BUSY_SECONDS);
  if (claim === "answered") {
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

/** What is done already, and is told in another way too, is not asked for again because a messenger is busy. */
async function answerTrade(
  { messenger, log }: { readonly messenger: Messenger; readonly log: Log },
  { message, isDone, after }: ChatAnswer,
): Promise<void> {
  if (isDone === true) {
    const sent = await messenger.send(message);
    if (!sent.ok) log.warn("answer-not-sent", { code: sent.code });
  } else {
    await send(messenger, message);
  }
  await after?.();
}

/** A message that may have arrived, or that Telegram will never take, is not worth a second update. */
async function send(messenger: Messenger, message: OutgoingMessage): Promise<void> {
  const sent = await messenger.send(message);
  if (sent.ok) return;
  if (sent.code === "MESSENGER_UNREACHABLE" || sent.code === "MESSENGER_RATE_LIMITED") {
    throw new BringAgain(Number(sent.detail.retryAfterSeconds) || undefined);
  }
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
