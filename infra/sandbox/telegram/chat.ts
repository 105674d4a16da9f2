import type { Clock } from "../../../shared/platform/clock.ts";
import { toIso } from "../../../shared/platform/instant.ts";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import {
  type ChatState,
  chatStateSchema,
  emptyChatState,
  type PendingUpdate,
  type PhoneButton,
  type PhoneEntry,
  type UpdateKind,
} from "./chat-state.ts";
import { createTextSeal } from "./sealed-text.ts";

/** Messages kept; older ones leave the phone. */
const ENTRIES_KEPT = 500;
const TAPS_KEPT = 100;
/** Telegram keeps an update that nobody takes for a day. */
const UPDATE_LIFE_HOURS = 24;

/** Where the chat survives a restart, as text that is encrypted with `key` (32 bytes). */
export interface ChatStorage {
  readonly key: Uint8Array;
  load(): string | undefined;
  save(text: string): void;
}

/** What a screen has to redraw. */
export type PhoneChange =
  | { readonly kind: "posted" | "edited"; readonly entry: PhoneEntry }
  /** A short note that the bot shows after a tap. */
  | { readonly kind: "note"; readonly text: string };

/** One private chat between the owner and the bot, and the updates that wait for the bot. */
export interface Chat {
  /** Read it freely; change it inside `change` only. */
  readonly state: ChatState;
  /** Applies a change, saves, then tells the listeners what to redraw. */
  change<R>(work: (state: ChatState) => R, shown?: (result: R) => PhoneChange | undefined): R;
  post(from: PhoneEntry["from"], text: string, buttons: PhoneButton[][]): PhoneEntry;
  /** Queues an update for the bot, unless the bot did not subscribe to its kind. */
  enqueue(update: { kind: UpdateKind; body: Record<string, unknown>; lateSeconds: number }): void;
  /** Updates that may be handed out now, the oldest first. An update held back holds back those behind it. */
  dueUpdates(): readonly PendingUpdate[];
  dropUpdates(shouldDrop: (update: PendingUpdate) => boolean): void;
  onChange(listener: (change: PhoneChange) => void): () => void;
  onUpdate(listener: () => void): () => void;
}

export function createChat(deps: {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly storage?: ChatStorage;
}): Chat {
  const { clock, storage } = deps;
  const seal = storage === undefined ? undefined : createTextSeal(storage.key);
  const state = loadState(deps, seal?.open);
  const screens = new Set<(change: PhoneChange) => void>();
  const takers = new Set<() => void>();

  function change<R>(work: (state: ChatState) => R, shown?: (result: R) => PhoneChange | undefined): R {
    const result = work(state);
    state.entries.splice(0, state.entries.length - ENTRIES_KEPT);
    state.openTaps.splice(0, state.openTaps.length - TAPS_KEPT);
    if (seal !== undefined) storage?.save(seal.seal(JSON.stringify(state)));
    const news = shown?.(result);
    if (news !== undefined) for (const screen of screens) screen(news);
    return result;
  }

  const isFresh = (update: PendingUpdate) => update.expiresAt > toIso(clock.now());

  return {
    state,
    change,
    post(from, text, buttons) {
      const at = toIso(clock.now());
      return change(
        (chat) => {
          const entry: PhoneEntry = { id: chat.nextMessageId++, at, from, text, buttons };
          chat.entries.push(entry);
          return entry;
        },
        (entry) => ({ kind: "posted", entry }),
      );
    },
    enqueue({ kind, body, lateSeconds }) {
      if (state.allowedUpdates !== undefined && !state.allowedUpdates.includes(kind)) return;
      const notBefore = clock.now().add({ seconds: lateSeconds });
      const expiresAt = toIso(notBefore.add({ hours: UPDATE_LIFE_HOURS }));
      change((chat) =>
        chat.pending.push({ id: chat.nextUpdateId++, kind, body, notBefore: toIso(notBefore), expiresAt }),
      );
      for (const taker of takers) taker();
    },
    dueUpdates() {
      const now = toIso(clock.now());
      const waiting = state.pending.filter(isFresh);
      const firstHeld = waiting.findIndex((update) => update.notBefore > now);
      return firstHeld === -1 ? waiting : waiting.slice(0, firstHeld);
    },
    dropUpdates(shouldDrop) {
      if (!state.pending.some((update) => shouldDrop(update) || !isFresh(update))) return;
      change((chat) => {
        chat.pending = chat.pending.filter((update) => isFresh(update) && !shouldDrop(update));
      });
    },
    onChange: (listener) => subscribe(screens, listener),
    onUpdate: (listener) => subscribe(takers, listener),
  };
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function loadState(
  deps: { readonly random: Random; readonly log: Log; readonly storage?: ChatStorage },
  open: ((sealed: string) => string | undefined) | undefined,
): ChatState {
  const fresh = emptyChatState(new DataView(deps.random.bytes(4).slice().buffer).getUint32(0) >>> 2);
  const sealed = deps.storage?.load();
  if (sealed === undefined) return fresh;
  const text = open?.(sealed);
  const stored = text === undefined ? undefined : chatStateSchema.safeParse(JSON.parse(text));
  if (stored?.success === true) return stored.data;
  deps.log.warn("phone-history-unreadable");
  return fresh;
}
