import { z } from "zod";
import { allowedUpdatesParam, setAllowedUpdates } from "./allowed-updates.ts";
import { type BotApiParams, flag, integer } from "./bot-api-params.ts";
import type { Chat } from "./chat.ts";
import { badRequest, done, type Reply } from "./reply.ts";
import type { WebhookPusher } from "./webhook-pusher.ts";

const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

const hookParams = z.looseObject({
  url: z.string().default(""),
  secret_token: z.string().default(""),
  max_connections: integer.default(40),
  allowed_updates: allowedUpdatesParam,
  drop_pending_updates: flag.default(false),
});
interface Deps {
  readonly chat: Chat;
  readonly pusher: WebhookPusher;
  stopPolling(): void;
}

/** The calls that set, end and show the web hook. */
export function createWebhookMethods(deps: Deps) {
  const { chat, pusher } = deps;

  function setWebhook(params: BotApiParams): Reply {
    const call = hookParams.safeParse(params);
    if (!call.success) return badRequest("invalid webhook parameters specified");
    const { url, secret_token: secretToken, max_connections: maxConnections } = call.data;
    if (url === "") return deleteWebhook(params);
    const complaint = complaintAboutHook(url, secretToken);
    if (complaint !== undefined) return badRequest(complaint);
    const isSame =
      chat.state.webhook?.url === url && chat.state.webhook.secretToken === (secretToken || undefined);
    if (call.data.drop_pending_updates) chat.dropUpdates(() => true);
    chat.change((state) => {
      state.webhook = {
        url,
        ...(secretToken !== "" && { secretToken }),
        maxConnections: Math.min(Math.max(maxConnections, 1), 100),
      };
      setAllowedUpdates(state, call.data.allowed_updates);
    });
    deps.stopPolling();
    pusher.reconfigure();
    return done(true, isSame ? "Webhook is already set" : "Webhook was set");
  }

  function deleteWebhook(params: BotApiParams): Reply {
    const wasSet = chat.state.webhook !== undefined;
    if (flag.safeParse(params.drop_pending_updates).data === true) chat.dropUpdates(() => true);
    chat.change((state) => {
      delete state.webhook;
    });
    pusher.reconfigure();
    return done(true, wasSet ? "Webhook was deleted" : "Webhook is already deleted");
  }

  function getWebhookInfo(): Reply {
    const { webhook, pending, allowedUpdates: allowed } = chat.state;
    const error = pusher.lastError();
    return done({
      url: webhook?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: pending.length,
      ...(webhook !== undefined && { max_connections: webhook.maxConnections }),
      ...(error !== undefined && { last_error_date: error.date, last_error_message: error.message }),
      ...(allowed !== undefined && { allowed_updates: allowed }),
    });
  }

  return { setwebhook: setWebhook, deletewebhook: deleteWebhook, getwebhookinfo: getWebhookInfo };
}

function complaintAboutHook(text: string, secretToken: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return "bad webhook: invalid webhook URL specified";
  // Telegram itself takes https only. The sandbox's web hook lives on this machine, without a certificate.
  const isLocal = url.protocol === "http:" && LOCAL_HOSTS.has(url.hostname);
  if (url.protocol !== "https:" && !isLocal) {
    return "bad webhook: An HTTPS URL must be provided for webhook";
  }
  if (secretToken.length > 256) return "secret token is too long";
  return /^[A-Za-z0-9_-]*$/.test(secretToken) ? undefined : "secret token contains unallowed characters";
}
