import type { Random } from "../../../shared/platform/random.ts";
import type { Chat, PhoneChange } from "./chat.ts";
import type { PhoneButton, PhoneEntry } from "./chat-state.ts";
import type { TelegramSwitches } from "./faults.ts";
import { type Parties, toWireMessage } from "./wire.ts";

/** A message of the bot, as tools read it. `at`: ISO 8601 in UTC. */
export interface PhoneMessage {
  readonly id: number;
  readonly at: string;
  readonly text: string;
  readonly buttons: readonly (readonly PhoneButton[])[];
}

/** The owner's side of the chat. */
export interface Phone {
  /** The bot's messages, oldest first. */
  messages(): readonly PhoneMessage[];
  /** The bot's messages and the owner's own, oldest first. */
  conversation(): readonly PhoneEntry[];
  /** Presses a button that sends data to the bot. */
  tap(messageId: number, callbackData: string): "tapped" | "no-such-button";
  /** Types a message. Telegram's app sends at most 4,096 characters and nothing blank: else a RangeError. */
  send(text: string): void;
  /** How many taps the bot has not acknowledged; the real app shows a waiting sign for them. */
  openTaps(): number;
  /** Hears of every change of the screen until the returned function is called. */
  onChange(listener: (change: PhoneChange) => void): () => void;
}

export function createPhone(deps: {
  readonly chat: Chat;
  readonly random: Random;
  readonly switches: TelegramSwitches;
  readonly parties: Parties;
}): Phone {
  const { chat, parties } = deps;
  const lateSeconds = () => deps.switches.current().lateUpdates;
  return {
    messages: () =>
      chat.state.entries
        .filter(({ from }) => from === "bot")
        .map(({ id, at, text, buttons }) => ({ id, at, text, buttons })),
    conversation: () => chat.state.entries,
    tap(messageId, callbackData) {
      const entry = chat.state.entries.find(({ id }) => id === messageId);
      const isThere = entry?.buttons
        .flat()
        .some((button) => "callbackData" in button && button.callbackData === callbackData);
      if (entry === undefined || isThere !== true) return "no-such-button";
      // The update's number keeps ids apart even where a seeded generator starts over with the process.
      const noise = new DataView(deps.random.bytes(4).slice().buffer).getUint32(0);
      const id = `${chat.state.nextUpdateId}${noise}`;
      chat.change((state) => state.openTaps.push(id));
      const body = {
        callback_query: {
          id,
          from: parties.owner,
          message: toWireMessage(entry, parties),
          chat_instance: String(parties.owner.id),
          data: callbackData,
        },
      };
      chat.enqueue({ kind: "callback_query", body, lateSeconds: lateSeconds() });
      return "tapped";
    },
    send(text) {
      const trimmed = text.trim();
      if (trimmed === "" || trimmed.length > 4096) {
        throw new RangeError("A message has 1 to 4,096 characters.");
      }
      const entry = chat.post("owner", trimmed, []);
      const body = { message: toWireMessage(entry, parties) };
      chat.enqueue({ kind: "message", body, lateSeconds: lateSeconds() });
    },
    openTaps: () => chat.state.openTaps.length,
    onChange: chat.onChange,
  };
}
