import type { InlineKeyboardButton } from "grammy/types";
import { z } from "zod";
import type { Http, HttpAnswer, HttpFault } from "../../platform/http.ts";
import type { Log } from "../../platform/log.ts";
import { type Failure, type FailureDetail, fail, succeed } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { MessageButton, Messenger, MessengerFailure, OutgoingMessage } from "../messenger.ts";

/** Telegram's own root. */
export const TELEGRAM = "https://api.telegram.org";

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
  deps: { readonly http: Http; readonly log: Log },
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
      const result = classify(
        await deps.http({
          method: "POST",
          url: `${apiRoot}/bot${options.token.reveal()}/sendMessage`,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ chat_id: chatId, text: message.text, ...toExtras(message) }),
          timeoutMs,
        }),
      );
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

function classify(outcome: HttpAnswer | HttpFault): Sent {
  if (outcome.kind !== "answered") {
    const code = outcome.kind === "not-sent" ? "MESSENGER_UNREACHABLE" : "MESSENGER_TIMEOUT";
    return fail(code, { reason: outcome.why });
  }
  const { data } = answerSchema.safeParse(parseJson(outcome.text));
  // Whoever answered something else may have taken the message.
  if (data === undefined) return fail("MESSENGER_TIMEOUT", {});
  return data.ok ? succeed({ messageId: String(data.result.message_id) }) : classifyRefusal(data);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
