import { Temporal } from "temporal-polyfill";
import type { PhoneButton, PhoneEntry } from "./chat-state.ts";

/** Who talks with whom, in Telegram's own fields. */
export interface Parties {
  readonly bot: {
    readonly id: number;
    readonly is_bot: true;
    readonly first_name: string;
    readonly username: string;
  };
  readonly owner: { readonly id: number; readonly is_bot: false; readonly first_name: string };
}

/** `token`: its digits before the colon are the bot's id, as at Telegram. A private chat has its owner's id. */
export function partiesOf(options: { token: string; chatId: number; botUsername: string }): Parties {
  return {
    bot: {
      id: Number(options.token.split(":")[0]),
      is_bot: true,
      first_name: "Openbell",
      username: options.botUsername,
    },
    owner: { id: options.chatId, is_bot: false, first_name: "Owner" },
  };
}

/** A `Message` object of the Bot API. */
export function toWireMessage(entry: PhoneEntry, parties: Parties): Record<string, unknown> {
  const entities = entry.from === "owner" ? commandsIn(entry.text) : [];
  return {
    message_id: entry.id,
    from: entry.from === "bot" ? parties.bot : parties.owner,
    chat: { id: parties.owner.id, type: "private", first_name: parties.owner.first_name },
    date: Math.floor(Temporal.Instant.from(entry.at).epochMilliseconds / 1000),
    text: entry.text,
    ...(entities.length > 0 && { entities }),
    ...(entry.buttons.length > 0 && {
      reply_markup: { inline_keyboard: entry.buttons.map((row) => row.map(toWireButton)) },
    }),
  };
}

function toWireButton(button: PhoneButton): Record<string, string> {
  return "url" in button
    ? { text: button.text, url: button.url }
    : { text: button.text, callback_data: button.callbackData };
}

/** Bots recognise commands by these entities, not by the text. */
function commandsIn(text: string): readonly { type: "bot_command"; offset: number; length: number }[] {
  return [...text.matchAll(/(?<=^|\s)\/[a-z0-9_]{1,32}(?:@[a-z0-9_]+)?(?=\s|$)/gi)].map((match) => ({
    type: "bot_command",
    offset: match.index,
    length: match[0].length,
  }));
}
