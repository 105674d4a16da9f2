import { type Signal, signal } from "@preact/signals";
import type { ApiKeepAliveList, ApiStatus } from "../../shared/console/api.ts";
import type { Problem } from "./api.ts";
import type { RenewalStep } from "./steps.ts";

/** How the person stands at the door of the page. */
export type Door =
  | { readonly kind: "opening" }
  | { readonly kind: "inside" }
  /** `isHoldingCode`: the link's code is still to be handed in. */
  | { readonly kind: "unreachable"; readonly isHoldingCode: boolean }
  | {
      readonly kind: "link-needed";
      readonly reason: "spent" | "no-session" | "signed-out";
      readonly request: "idle" | "sending" | "sent" | Problem;
    }
  /** The session was opened, and yet the browser sends no cookie. */
  | { readonly kind: "cookie-refused" };

/** `problem`: why the last look at the status brought nothing. */
export interface Connectivity {
  readonly failuresInRow: number;
  readonly problem?: Problem;
}

export type ForcedKeepAlive =
  | { readonly kind: "idle" }
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly list: ApiKeepAliveList }
  | { readonly kind: "failed"; readonly problem: Problem };

/** What the owner looks at: what the morning asks for, or trading. */
export type View = "morning" | "trading";

/** Everything that the page shows, but for trading. */
export interface PageState {
  readonly view: Signal<View>;
  /** False while the browser knows that it has no network. */
  readonly isOnline: Signal<boolean>;
  readonly door: Signal<Door>;
  readonly status: Signal<ApiStatus | undefined>;
  /** The server's time in epoch milliseconds, moved every second. */
  readonly nowMs: Signal<number>;
  /** False when the status is too old to vouch for anything. */
  readonly isFresh: Signal<boolean>;
  readonly connectivity: Signal<Connectivity>;
  readonly renewal: Signal<RenewalStep | undefined>;
  readonly keepAlive: Signal<ForcedKeepAlive>;
  /** A remark about how the page was opened. */
  readonly notice: Signal<string | undefined>;
}

export function createPageState(): PageState {
  return {
    view: signal("morning"),
    isOnline: signal(true),
    door: signal({ kind: "opening" }),
    status: signal(undefined),
    nowMs: signal(0),
    isFresh: signal(false),
    connectivity: signal({ failuresInRow: 0 }),
    renewal: signal(undefined),
    keepAlive: signal({ kind: "idle" }),
    notice: signal(undefined),
  };
}
