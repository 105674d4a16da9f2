import type { HttpFunction, Request, Response } from "@google-cloud/functions-framework";
import { BotError, webhookCallback } from "grammy";
import type { Update, UserFromGetMe } from "grammy/types";
import { z } from "zod";
import { createTelegramMessenger } from "../../shared/alerts/telegram/telegram-messenger.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import type { Http } from "../../shared/platform/http.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { Random } from "../../shared/platform/random.ts";
import type { Secret } from "../../shared/platform/secret.ts";
import type { Store } from "../../shared/platform/store.ts";
import { failureAnswer } from "../http/failure-answer.ts";
import { faultFields } from "../http/fault.ts";
import { type BotCommands, BringAgain, createBot } from "./bot.ts";
import { createUpdateLedger } from "./update-ledger.ts";

const CALL_TIMEOUT_MS = 4000;
const ANSWER_TIMEOUT_MS = 9500;

const chatSchema = z.looseObject({ id: z.int() });
const messageSchema = z.looseObject({
  message_id: z.int(),
  chat: chatSchema,
  text: z.string().optional(),
  entities: z
    .array(z.looseObject({ type: z.string(), offset: z.int().min(0), length: z.int().min(0) }))
    .optional(),
});
const updateSchema = z.looseObject({
  update_id: z.int().min(0),
  message: messageSchema.optional(),
  callback_query: z
    .looseObject({
      id: z.string(),
      from: chatSchema,
      data: z.string().optional(),
      message: messageSchema.optional(),
    })
    .optional(),
});

/** The body is no update. */
class NoUpdate extends Error {
  override readonly name = "NoUpdate";
}

export interface TelegramHandlerDeps {
  readonly botToken: Secret;
  /** What Telegram sends back in `X-Telegram-Bot-Api-Secret-Token`; 1 to 256 of `A-Z a-z 0-9 _ -`. */
  readonly webhookSecret: Secret;
  /** What `getMe` answers for this bot. */
  readonly botInfo: UserFromGetMe;
  /** Telegram's own unless given. */
  readonly apiRoot?: string;
  readonly ownerChatId: number;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly http: Http;
  readonly commands: BotCommands;
  /** For one call to Telegram, 4,000 by default; an answer may need two. */
  readonly callTimeoutMs?: number;
}

/**
 * The bot's web hook. 200: dealt with, or not for us. 401 and nothing else: not Telegram. 400: not an update.
 * 503 and 500: bring it again; nothing was answered.
 */
export function createTelegramHandler(deps: TelegramHandlerDeps): HttpFunction {
  const api = deps.apiRoot === undefined ? {} : { apiRoot: deps.apiRoot };
  const timeoutMs = deps.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const messenger = createTelegramMessenger(deps, {
    token: deps.botToken,
    chatId: deps.ownerChatId,
    timeoutMs,
    ...api,
  });
  const bot = createBot(
    { ...deps, messenger, ledger: createUpdateLedger(deps) },
    { ...deps, ...api, token: deps.botToken, callTimeoutMs: timeoutMs },
  );
  const takeUpdate = webhookCallback(bot, adapt, {
    secretToken: deps.webhookSecret.reveal(),
    timeoutMilliseconds: ANSWER_TIMEOUT_MS,
    // A late answer would only bring the update again while the first is still at work.
    onTimeout: "return",
  });
  return async function telegram(request, response) {
    response.set("cache-control", "no-store");
    try {
      await takeUpdate(request, response);
    } catch (error) {
      answerFailure(deps.log, response, error);
    }
  };
}

/** Between grammY and functions-framework, whose parser has read the body already. */
function adapt(request: Request, response: Response) {
  const header = request.header("x-telegram-bot-api-secret-token");
  return {
    ...(header !== undefined && { header }),
    // Read by grammY once the secret is known to be right.
    get update(): Update {
      const update = updateSchema.safeParse(request.body);
      if (!update.success) throw new NoUpdate();
      return update.data as unknown as Update;
    },
    end: () => response.status(200).end(),
    respond: (json: string) => response.status(200).type("application/json").send(json),
    unauthorized: () => response.status(401).end(),
  };
}

function answerFailure(log: Log, response: Response, thrown: unknown): void {
  const error = thrown instanceof BotError ? thrown.error : thrown;
  if (error instanceof BringAgain) {
    if (error.afterSeconds !== undefined) response.set("retry-after", String(error.afterSeconds));
    response.status(503).end();
    return;
  }
  if (error instanceof NoUpdate) {
    const { status, body } = failureAnswer("REQUEST_MALFORMED");
    response.status(status).type("application/json").send(body);
    return;
  }
  log.error("update-failed", faultFields(error));
  response.status(500).end();
}
