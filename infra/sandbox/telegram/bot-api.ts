import { z } from "zod";
import type { Clock } from "../../../shared/platform/clock.ts";
import { type BotApiParams, nested } from "./bot-api-params.ts";
import type { Chat } from "./chat.ts";
import type { TelegramSwitches } from "./faults.ts";
import { createMessageMethods } from "./message-methods.ts";
import { createPolling } from "./polling.ts";
import { badRequest, done, type Reply } from "./reply.ts";
import { createWebhookMethods } from "./webhook-methods.ts";
import type { WebhookPusher } from "./webhook-pusher.ts";
import type { Parties } from "./wire.ts";

const commandParams = z.looseObject({
  commands: nested(
    z
      .array(
        z.object({
          command: z.string().regex(/^[a-z0-9_]{1,32}$/),
          description: z.string().min(1).max(256),
        }),
      )
      .max(100),
  ),
});

type Method = (params: BotApiParams, gone: AbortSignal) => Reply | Promise<Reply>;

/** The methods of the Bot API that the simulator knows. */
export interface BotApi {
  /** Runs one call; `gone` is aborted when the caller hangs up. Names of methods are not case sensitive. */
  call(method: string, params: BotApiParams, gone: AbortSignal): Promise<Reply>;
  close(): void;
}

export function createBotApi(deps: {
  readonly clock: Clock;
  readonly chat: Chat;
  readonly pusher: WebhookPusher;
  readonly switches: TelegramSwitches;
  readonly parties: Parties;
  preview(messageId: number, text: string, explicit: string | undefined): void;
}): BotApi {
  const { chat, parties } = deps;
  const polling = createPolling(deps);
  const methods = new Map<string, Method>(
    Object.entries({
      ...createMessageMethods(deps),
      ...createWebhookMethods({ ...deps, stopPolling: polling.stop }),
      getupdates: polling.getUpdates,
      getme: () => done({ ...parties.bot, ...BOT_ABILITIES }),
      setmycommands(params: BotApiParams): Reply {
        const call = commandParams.safeParse(params);
        if (!call.success) return badRequest("BOT_COMMAND_INVALID");
        chat.change((state) => {
          state.commands = call.data.commands;
        });
        return done(true);
      },
    }),
  );
  return {
    async call(name, params, gone) {
      const method = methods.get(name.toLowerCase());
      return method === undefined
        ? { kind: "refused", status: 404, description: "Not Found: method not found" }
        : await method(params, gone);
    },
    close: polling.stop,
  };
}

const BOT_ABILITIES = {
  can_join_groups: false,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
};
