import type { InlineKeyboardButton } from "grammy/types";
import { z } from "zod";
import type { Log } from "../../platform/log.ts";
import { type Failure, type FailureDetail, fail, succeed } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { MessageButton, Messenger, MessengerFailure, OutgoingMessage } from "../messenger.ts";
import { type PostAnswer, postJson } from "./post-json.ts";

/** Telegram's own root. */
export const TELEGRAM = "https://api.telegram.org";

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
  const { chatId, apiRoot = TELEGRAM, timeoutMs = 8000 } = options;
  return {
    async send(message) {
      const url = new URL(`${apiRoot}/bot${options.token.reveal()}/sendMessage`);
      const call = { chat_id: chatId, text: message.text, ...toExtras(message) };
      const result = classify(await postJson(url, call, timeoutMs));
      if (!result.ok) deps.log.warn("message-not-sent", { code: result.code, ...result.detail });
      return result;
    },
  };
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

/** An answer of the Bot API. */
const answerSchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), result: z.object({ message_id: z.number() }) }),
  z.object({
    ok: z.literal(false),
    error_code: z.number(),
    description: z.string(),
    parameters: z.object({ retry_after: z.number().optional() }).optional(),
  }),
]);
type Refusal = Extract<z.output<typeof answerSchema>, { ok: false }>;

type Sent = Awaited<ReturnType<Messenger["send"]>>;

function classify(answer: PostAnswer): Sent {
  if (answer.kind === "broken") return classifyBrokenCall(answer.code);
  const { data } = answerSchema.safeParse(answer.body);
  // Whoever answered something else may have taken the message.
  if (data === undefined) return fail("MESSENGER_TIMEOUT", {});
  return data.ok ? succeed({ messageId: String(data.result.message_id) }) : classifyRefusal(data);
}

function classifyRefusal({
  error_code: status,
  description,
  parameters,
}: Refusal): Failure<MessengerFailure> {
  if (status === 429) {
    const retryAfterSeconds = parameters?.retry_after;
    return fail("MESSENGER_RATE_LIMITED", retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
  // A server at fault may have delivered the message before it failed.
  if (status >= 500) return fail("MESSENGER_TIMEOUT", { status });
  const reason = REASONS.find((known) => description.includes(known));
  const detail: FailureDetail = { status, ...(reason !== undefined && { reason }) };
  return fail("MESSENGER_REFUSED", detail);
}

function classifyBrokenCall(code: string | undefined): Failure<MessengerFailure> {
  if (code !== undefined && NOTHING_SENT.has(code)) return fail("MESSENGER_UNREACHABLE", { reason: code });
  return fail("MESSENGER_TIMEOUT", code === undefined ? {} : { reason: code });
}
