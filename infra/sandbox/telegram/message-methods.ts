import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type BotApiParams, chatIdParam, flag, integer, nested } from "./bot-api-params.ts";
import type { Chat } from "./chat.ts";
import type { PhoneButton } from "./chat-state.ts";
import type { TelegramSwitches } from "./faults.ts";
import { readKeyboard, replyMarkupParam } from "./keyboard.ts";
import { badRequest, done, type Reply } from "./reply.ts";
import { type Parties, toWireMessage } from "./wire.ts";

const MAX_TEXT_LENGTH = 4096;

const contentParams = z.looseObject({
  text: z.string().default(""),
  parse_mode: z.undefined().optional(),
  entities: z.undefined().optional(),
  reply_markup: replyMarkupParam,
  link_preview_options: nested(
    z.looseObject({ is_disabled: z.boolean().optional(), url: z.string().optional() }),
  ).optional(),
  disable_web_page_preview: flag.optional(),
});
const sendParams = contentParams.extend({ chat_id: chatIdParam.default("") });
const editParams = sendParams.extend({ message_id: integer });
const answerParams = z.looseObject({ callback_query_id: z.string(), text: z.string().max(200).default("") });

interface Deps {
  readonly chat: Chat;
  readonly parties: Parties;
  readonly switches: TelegramSwitches;
  preview(messageId: number, text: string, explicit: string | undefined): void;
}

/** The calls that put something on the owner's screen. */
export function createMessageMethods(deps: Deps) {
  const { chat, parties, switches } = deps;

  function sendMessage(params: BotApiParams): Reply {
    const refusal = refuseByFault(switches);
    if (refusal !== undefined) return refusal;
    const call = sendParams.safeParse(params);
    if (!call.success) return unreadable(call.error);
    const content = readContent(call.data, deps);
    if ("refused" in content) return content.refused;
    if (switches.current().blocked) {
      return { kind: "refused", status: 403, description: "Forbidden: bot was blocked by the user" };
    }
    const entry = chat.post("bot", content.text, content.buttons);
    const preview = call.data.link_preview_options;
    if (preview?.is_disabled !== true && call.data.disable_web_page_preview !== true) {
      deps.preview(entry.id, content.text, preview?.url);
    }
    return switches.spend("timeoutAfterAccept") ? { kind: "silence" } : done(toWireMessage(entry, parties));
  }

  function editMessageText(params: BotApiParams): Reply {
    const call = editParams.safeParse(params);
    if (!call.success) return unreadable(call.error);
    const content = readContent(call.data, deps);
    if ("refused" in content) return content.refused;
    const entry = chat.state.entries.find(({ id }) => id === call.data.message_id);
    if (entry === undefined) return badRequest("message to edit not found");
    if (entry.from !== "bot") return badRequest("message can't be edited");
    if (entry.text === content.text && isDeepStrictEqual(entry.buttons, content.buttons)) {
      return badRequest(
        "message is not modified: specified new message content and reply markup are exactly the same " +
          "as a current content and reply markup of the message",
      );
    }
    chat.change(
      () => Object.assign(entry, content),
      () => ({ kind: "edited", entry }),
    );
    return done(toWireMessage(entry, parties));
  }

  function answerCallbackQuery(params: BotApiParams): Reply {
    const call = answerParams.safeParse(params);
    if (!call.success) return unreadable(call.error);
    const { callback_query_id: id, text } = call.data;
    if (!chat.state.openTaps.includes(id)) {
      return badRequest("query is too old and response timeout expired or query ID is invalid");
    }
    chat.change(
      (state) => {
        state.openTaps = state.openTaps.filter((open) => open !== id);
      },
      () => (text === "" ? undefined : { kind: "note", text }),
    );
    return done(true);
  }

  return {
    sendmessage: sendMessage,
    editmessagetext: editMessageText,
    answercallbackquery: answerCallbackQuery,
  };
}

function refuseByFault(switches: TelegramSwitches): Reply | undefined {
  if (switches.spend("badGateway")) return { kind: "bad-gateway" };
  if (!switches.spend("rateLimit")) return undefined;
  const seconds = switches.current().retryAfterSeconds;
  return {
    kind: "refused",
    status: 429,
    description: `Too Many Requests: retry after ${seconds}`,
    parameters: { retry_after: seconds },
  };
}

function readContent(
  call: z.output<typeof sendParams>,
  deps: Deps,
): { readonly text: string; readonly buttons: PhoneButton[][] } | { readonly refused: Reply } {
  const text = call.text.trim();
  if (call.chat_id === "") return { refused: badRequest("chat_id is empty") };
  if (call.chat_id !== String(deps.parties.owner.id)) return { refused: badRequest("chat not found") };
  if (text === "") return { refused: badRequest("message text is empty") };
  if (text.length > MAX_TEXT_LENGTH) return { refused: badRequest("message is too long") };
  const keyboard = readKeyboard(call.reply_markup, deps.switches.current());
  if ("complaint" in keyboard) return { refused: badRequest(keyboard.complaint) };
  return { text, buttons: keyboard.buttons };
}

function unreadable(error: z.ZodError): Reply {
  const field = error.issues[0]?.path[0];
  return badRequest(`the simulator cannot take the parameter ${String(field)}`);
}
