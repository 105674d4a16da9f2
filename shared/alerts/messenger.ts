import type { Result } from "../platform/result.ts";

/** A button under a message: opens an address, or sends `action` back to the bot. */
export type MessageButton =
  | { readonly label: string; readonly url: string }
  /** `action`: 1 to 64 bytes. */
  | { readonly label: string; readonly action: string };

/** Plain text (no markup), at most 4,096 characters; buttons in rows. Link previews are always off. */
export interface OutgoingMessage {
  readonly text: string;
  readonly buttons?: readonly (readonly MessageButton[])[];
}

export type MessengerFailure =
  /** Nothing was sent. */
  | "MESSENGER_UNREACHABLE"
  /** It may have been delivered. */
  | "MESSENGER_TIMEOUT"
  | "MESSENGER_RATE_LIMITED"
  /** The service refuses: wrong bot token, or the owner has blocked the bot. */
  | "MESSENGER_REFUSED";

/** The way to the owner's phone. Sends to the one owner's chat and nowhere else. */
export interface Messenger {
  send(message: OutgoingMessage): Promise<Result<{ readonly messageId: string }, MessengerFailure>>;
}
