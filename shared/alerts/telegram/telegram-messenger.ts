import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Api, GrammyError, HttpError } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Log } from "../../platform/log.ts";
import { type Failure, type FailureDetail, fail, succeed } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { MessageButton, Messenger, MessengerFailure, OutgoingMessage } from "../messenger.ts";

const TELEGRAM = "https://api.telegram.org";

/** Faults that end a connection before a byte of the message has left. Every other one may come too late. */
const NOTHING_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/**
 * What Telegram says, in words that may be shown. Its own descriptions repeat the address of a button, and
 * with it a one-time code, so nothing else of them is passed on.
 */
const REASONS = [
  "Unauthorized",
  "Not Found",
  "chat not found",
  "bot was blocked by the user",
  "bot can't initiate conversation with a user",
  "user is deactivated",
  "message is too long",
  "text is empty",
  "BUTTON_DATA_INVALID",
  "BUTTON_URL_INVALID",
  "Wrong HTTP URL",
] as const;

/**
 * Sends to one Telegram chat. Every call is made once: repeating is the business of the caller, who knows what
 * a repetition costs. Failures tell `retryAfterSeconds` when Telegram names it, `status` and `reason` when it
 * refuses; the token and the message never show in them or in the log.
 * `apiRoot`: Telegram's own unless given. `timeoutMs`: for the whole call, 8,000 by default.
 */
export function createTelegramMessenger(
  deps: { readonly log: Log },
  options: {
    readonly token: Secret;
    readonly chatId: number;
    readonly apiRoot?: string;
    readonly timeoutMs?: number;
  },
): Messenger {
  const api = new Api(options.token.reveal(), telegramClientOptions(options));
  return {
    async send(message) {
      try {
        const sent = await api.sendMessage(options.chatId, message.text, toExtras(message));
        return succeed({ messageId: String(sent.message_id) });
      } catch (error) {
        const failure = classify(error);
        deps.log.warn("message-not-sent", { code: failure.code, ...failure.detail });
        return failure;
      }
    },
  };
}

/**
 * Options of grammY's client for a process that may sleep between two calls: each call opens its own
 * connection, since a kept one may be dead by then, and ends after `timeoutMs` (8,000 by default).
 */
export function telegramClientOptions(options: { readonly apiRoot?: string; readonly timeoutMs?: number }) {
  const apiRoot = options.apiRoot ?? TELEGRAM;
  const agent = apiRoot.startsWith("https:") ? new HttpsAgent() : new HttpAgent();
  return { apiRoot, timeoutSeconds: (options.timeoutMs ?? 8000) / 1000, baseFetchConfig: { agent } };
}

function toExtras(message: OutgoingMessage) {
  return {
    link_preview_options: { is_disabled: true },
    ...(message.buttons !== undefined && {
      reply_markup: { inline_keyboard: message.buttons.map((row) => row.map(toInlineButton)) },
    }),
  };
}

function toInlineButton(button: MessageButton): InlineKeyboardButton {
  return "url" in button
    ? { text: button.label, url: button.url }
    : { text: button.label, callback_data: button.action };
}

function classify(error: unknown): Failure<MessengerFailure> {
  if (error instanceof GrammyError) return classifyAnswer(error);
  if (error instanceof HttpError) return classifyBrokenCall(error);
  throw error;
}

function classifyAnswer(error: GrammyError): Failure<MessengerFailure> {
  const status = error.error_code;
  if (status === 429) {
    const retryAfterSeconds = error.parameters.retry_after;
    return fail("MESSENGER_RATE_LIMITED", retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
  // A server at fault may have delivered the message before it failed.
  if (status >= 500) return fail("MESSENGER_TIMEOUT", { status });
  const reason = REASONS.find((known) => error.description.includes(known));
  const detail: FailureDetail = { status, ...(reason !== undefined && { reason }) };
  return fail("MESSENGER_REFUSED", detail);
}

function classifyBrokenCall(error: HttpError): Failure<MessengerFailure> {
  const cause: unknown = error.error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  if (code !== undefined && NOTHING_SENT.has(code)) return fail("MESSENGER_UNREACHABLE", { reason: code });
  return fail("MESSENGER_TIMEOUT", code === undefined ? {} : { reason: code });
}
