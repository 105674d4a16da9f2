import { z } from "zod";
import { nested } from "./bot-api-params.ts";
import type { ChatState } from "./chat-state.ts";

/** `allowed_updates` of a call: the kinds of updates that the bot wants. */
export const allowedUpdatesParam = nested(z.array(z.string())).optional();

/** A call that names no kinds leaves them as they were; an empty list means all. */
export function setAllowedUpdates(state: ChatState, kinds: readonly string[] | undefined): void {
  if (kinds === undefined) return;
  if (kinds.length === 0) delete state.allowedUpdates;
  else state.allowedUpdates = [...kinds];
}
