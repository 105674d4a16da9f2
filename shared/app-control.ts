/** What stops trading and lets it go on, put together for one process; each part is loaded with its first use. */
import type { AppOptions, Platform } from "./app.ts";
import type { Audit } from "./audit/audit-log.ts";
import type { ChatCommands, ChatDeps } from "./console/chat-commands.ts";
import { once } from "./platform/once.ts";
import { memoryOf } from "./tokens/heartbeat.ts";
import type { TradingControl } from "./trading/control/command-trading.ts";
import type { Announce } from "./trading/control/notices.ts";

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

/** What is looked at each minute; `worker` is the name under which the worker says that it is at work. */
export function loadWatch(
  { store, clock, log }: Pick<Platform, "store" | "clock" | "log">,
  { config }: Pick<AppOptions, "config">,
  { announce, worker }: { readonly announce: Announce; readonly worker: string },
): () => Promise<void> {
  return async () => {
    const { watchTrading } = await import("./trading/watch/watch-trading.ts");
    return watchTrading({
      ...{ store, clock, config, announce, log: log.for("watch"), bounds: config.safety.kpis },
      memoryOf: () => memoryOf({ store, clock }, worker),
    });
  };
}
