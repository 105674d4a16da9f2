import type { Clock } from "../../../shared/platform/clock.ts";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import type { Result } from "../../../shared/platform/result.ts";
import { createBotApi } from "./bot-api.ts";
import { createBotApiServer } from "./bot-api-server.ts";
import { type ChatStorage, createChat } from "./chat.ts";
import { createTelegramSwitches, type TelegramFaults, type TelegramSwitchView } from "./faults.ts";
import { createLinkPreviewer, type LinkPreview } from "./link-previewer.ts";
import { createPhone, type Phone } from "./phone.ts";
import { createWebhookPusher } from "./webhook-pusher.ts";
import { partiesOf } from "./wire.ts";

export interface TelegramSimulator {
  readonly phone: Phone;
  /**
   * Opens the Bot API's port and returns its root, e.g. `http://127.0.0.1:8087`. `host` is 127.0.0.1 and
   * `port` any free one unless given. To be called once; rejects when the port is taken.
   */
  listen(address?: { readonly host?: string; readonly port?: number }): Promise<string>;
  /** Addresses that the link previewer looked at, in order. */
  previews(): readonly LinkPreview[];
  /**
   * Resolves when nothing is under way: no push of an update, no link preview. An update that waits for its
   * time, or for its next try, is not under way.
   */
  settled(): Promise<void>;
  /** The switches as they are now; the counted ones show what is left. */
  faults(): TelegramFaults;
  /** Every switch with its position and its description. */
  switches(): readonly TelegramSwitchView[];
  /**
   * Sets the switches named in `patch` (others' data), all or none; `null` puts one back to its start.
   * Resolves once the port is open or closed as they say.
   */
  setFaults(patch: unknown): Promise<Result<TelegramFaults, "SANDBOX_SWITCH_INVALID">>;
  close(): Promise<void>;
}

/**
 * Telegram for one bot and one private chat: the Bot API over HTTP, its pushes to the bot's web hook, and the
 * owner's phone.
 * `token`: `<digits>:<rest>`, else a RangeError. `storage`: without it the chat ends with the process.
 */
export function createTelegramSimulator(
  deps: {
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
    readonly storage?: ChatStorage;
  },
  options: { readonly token: string; readonly chatId: number; readonly botUsername: string },
): TelegramSimulator {
  if (!/^\d+:[A-Za-z0-9_-]+$/.test(options.token)) throw new RangeError("A bot token is <digits>:<rest>.");
  const parties = partiesOf(options);
  const switches = createTelegramSwitches();
  const chat = createChat(deps);
  const previewer = createLinkPreviewer(deps);
  const pusher = createWebhookPusher({ ...deps, chat, switches });
  const api = createBotApi({ ...deps, chat, pusher, switches, parties, preview: previewer.preview });
  const server = createBotApiServer({ api, log: deps.log }, options);
  let address: { host: string; port: number } | undefined;
  let isOpen = false;
  let turn: Promise<void> = Promise.resolve();

  /** Opens or closes the port as the switches say, one change after the other. */
  function reconcile(): Promise<void> {
    const apply = async () => {
      const shouldBeOpen = address !== undefined && !switches.current().unreachable;
      if (shouldBeOpen === isOpen) return;
      if (shouldBeOpen && address !== undefined) await server.open(address);
      else await server.shut();
      isOpen = shouldBeOpen;
    };
    turn = turn.then(apply, apply);
    return turn;
  }

  return {
    phone: createPhone({ ...deps, chat, switches, parties }),
    async listen({ host = "127.0.0.1", port = 0 } = {}) {
      const root = await server.open({ host, port });
      address = { host, port: Number(new URL(root).port) };
      isOpen = true;
      await reconcile();
      return root;
    },
    previews: previewer.previews,
    async settled() {
      await Promise.all([pusher.settled(), previewer.settled()]);
    },
    faults: switches.current,
    switches: switches.view,
    async setFaults(patch) {
      const result = switches.patch(patch);
      await reconcile();
      return result;
    },
    async close() {
      address = undefined;
      api.close();
      await reconcile();
      await Promise.all([pusher.close(), previewer.settled()]);
    },
  };
}
