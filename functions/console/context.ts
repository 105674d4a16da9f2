import type { Context } from "hono";
import type { Audit } from "../../shared/audit/audit-log.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { ConsoleLimits } from "../../shared/sessions/console-limits.ts";
import type { Links } from "../../shared/sessions/links.ts";
import type { Sessions } from "../../shared/sessions/sessions.ts";
import type { ConsoleServices } from "./services.ts";

export interface ConsoleOptions {
  /** Where people open the page: scheme, host and port, e.g. `https://openbell.example`. */
  readonly publicOrigin: string;
  /** Proxies of ours in front: 0 for none, 1 for Cloud Run alone, 2 for Firebase Hosting before it. */
  readonly trustedProxyHops: number;
  /** The one chat whose links and sessions count. */
  readonly ownerChatId: string;
  readonly build: string;
}

export interface ConsoleDeps {
  readonly services: ConsoleServices;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly limits: ConsoleLimits;
  readonly log: Log;
  /** Hears of sign-ins, sign-outs, fresh links and forced keep-alives; logins and PINs are audited by the token services themselves. */
  readonly audit: Audit;
  readonly options: ConsoleOptions;
}

/** What the server under the app hands in, where there is one. */
interface Bindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

interface Variables {
  /** The key by which limits count. */
  address: string;
  /** The path's pattern; the path itself is never logged. */
  route: string;
  /** The failure answered, if it is one. */
  code: string;
}

export interface ConsoleEnv {
  Bindings: Bindings;
  Variables: Variables;
}

export type ConsoleContext = Context<ConsoleEnv>;
