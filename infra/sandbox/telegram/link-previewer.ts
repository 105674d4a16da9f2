import type { Clock } from "../../../shared/platform/clock.ts";
import { toIso } from "../../../shared/platform/instant.ts";

/** One address that Telegram's servers looked at because a message let them. */
export interface LinkPreview {
  readonly messageId: number;
  readonly url: string;
  readonly at: string;
  /** The page's HTTP status; `unreachable`; or `not-local`: the simulator fetches from this machine only. */
  readonly outcome: number | "unreachable" | "not-local";
}

const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);
const TIMEOUT_MS = 5000;
const PREVIEWS_KEPT = 100;

/**
 * Fetches the first address of a message by GET, as Telegram does for its link previews. A one-time link that
 * a GET burns is burned by it before the owner has seen it.
 */
export function createLinkPreviewer(deps: { readonly clock: Clock }) {
  const previews: LinkPreview[] = [];
  const running = new Set<Promise<void>>();

  async function look(messageId: number, url: string): Promise<void> {
    const outcome = LOCAL_HOSTS.has(new URL(url).hostname) ? await fetchStatus(url) : "not-local";
    previews.push({ messageId, url, at: toIso(deps.clock.now()), outcome });
    previews.splice(0, previews.length - PREVIEWS_KEPT);
  }

  return {
    /** Starts the preview of a message; `explicit` is the address that the sender named for it. */
    preview(messageId: number, text: string, explicit: string | undefined): void {
      const url = explicit ?? firstAddress(text);
      if (url === undefined || !URL.canParse(url)) return;
      const task = look(messageId, url).finally(() => running.delete(task));
      running.add(task);
    },
    /** What was looked at, in order. */
    previews: (): readonly LinkPreview[] => previews,
    /** Resolves when no preview is under way. */
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

function firstAddress(text: string): string | undefined {
  return text.match(/https?:\/\/[^\s<>"']+/i)?.[0].replace(/[.,;:!?)\]]+$/, "");
}

async function fetchStatus(url: string): Promise<number | "unreachable"> {
  try {
    const response = await fetch(url, {
      headers: { "user-agent": "TelegramBot (like TwitterBot)" },
      // A redirect could lead away from this machine.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return "unreachable";
  }
}
