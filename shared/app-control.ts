/** What stops trading and lets it go on, put together for one process; each part is loaded with its first use. */
import type { AppOptions, Platform } from "./app.ts";
import type { Audit } from "./audit/audit-log.ts";
import type { ChatCommands, ChatDeps } from "./console/chat-commands.ts";
import { once } from "./platform/once.ts";
import type { TradingControl } from "./trading/control/command-trading.ts";

export type LoadControl = () => Promise<TradingControl>;

/** The commands behind the phone, the terminal, and the page. */
export function loadControl(
  { random, log, ...platform }: Platform,
  { config, timers }: Pick<AppOptions, "config" | "timers">,
  audit: Audit,
): LoadControl {
  return once(async () => {
    const { createTradingControl } = await import("./trading/control/command-trading.ts");
    const newId = () => Buffer.from(random.bytes(9)).toString("base64url");
    return createTradingControl({ ...platform, timers, config, newId, audit, log: log.for("control") });
  });
}

/** The owner's chat, as far as it is about trading. */
export function loadChat(
  { store, clock, random }: Pick<Platform, "store" | "clock" | "random">,
  deps: Omit<ChatDeps, "store" | "clock" | "newId">,
): () => Promise<ChatCommands> {
  return once(async () => {
    const { createChatCommands } = await import("./console/chat-commands.ts");
    const newId = () => Buffer.from(random.bytes(18)).toString("base64url");
    return createChatCommands({ ...deps, store, clock, newId });
  });
}
