import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { TELEGRAM } from "../../shared/alerts/telegram/telegram-messenger.ts";

/**
 * Options of grammY's client for a process that may sleep between two calls: each call opens its own
 * connection, since a kept one may be dead by then, and ends after `timeoutMs`.
 */
export function telegramClientOptions(options: { readonly apiRoot?: string; readonly timeoutMs: number }) {
  const apiRoot = options.apiRoot ?? TELEGRAM;
  const agent = apiRoot.startsWith("https:") ? new HttpsAgent() : new HttpAgent();
  return { apiRoot, timeoutSeconds: options.timeoutMs / 1000, baseFetchConfig: { agent } };
}
