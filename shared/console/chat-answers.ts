/** What the owner's chat is answered. */
import type { OutgoingMessage } from "../alerts/messenger.ts";
import { ERRORS } from "../errors.ts";
import type { Failure } from "../platform/result.ts";
import { detailWords } from "./wait-words.ts";

export interface ChatAnswer {
  readonly message: OutgoingMessage;
  /** It was done and is told in another way too: nothing has to be brought again for its sake. */
  readonly isDone?: boolean;
  /** What is left once the answer is out. Resolves within seconds; never throws. */
  after?(): Promise<void>;
}

/** Before the nonce in a button's action. */
export const CONFIRM = "do:";

const MOST_LETTERS = 60;

/** An answer of words alone. */
export function say(text: string): ChatAnswer {
  return { message: { text } };
}

/** A question with the one button that confirms it. */
export function offer(text: string, label: string, nonce: string): ChatAnswer {
  const button = { label: label.slice(0, MOST_LETTERS), action: `${CONFIRM}${nonce}` };
  return { message: { text, buttons: [[button]] } };
}

/** What was not done, why, and what to do. */
export function refuse(failure: Failure): ChatAnswer {
  const { summary, next } = ERRORS[failure.code];
  return say(["❌ Not done.", summary, ...detailWords(failure), next].join("\n"));
}

/** The first letter as a sentence begins. */
export function upperFirst(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** The scope's name and the reason of a line such as `RESUME ALL because …`; either may be empty. */
export function readPhrase(text: string): { readonly name: string; readonly reason: string } {
  const [, name = "", because = ""] = /^\s*\w+\s+(\S+)\s*(.*)$/s.exec(text) ?? [];
  const reason = because
    .replace(/^because\b[\s:,]*/i, "")
    .trim()
    .slice(0, 300);
  return { name: name.replace(/[:,.]$/, ""), reason };
}
