import { type Signal, signal } from "@preact/signals";
import type { ApiKillReceipt } from "../../shared/console/control-api.ts";
import type { ApiEquity, ApiTrading, ApiWhy } from "../../shared/console/trading-api.ts";
import type { Problem } from "./api.ts";

/** Where the owner's wish to stop everything stands. */
export type KillStep =
  | { readonly kind: "idle" }
  /** Pressed once: a second press within a few seconds stops everything. */
  | { readonly kind: "armed"; readonly isReady: boolean }
  | { readonly kind: "sending" }
  /** The server has it; its receipt tells what has come of it. */
  | { readonly kind: "told" }
  /** No answer that says that trading is stopped. */
  | { readonly kind: "failed"; readonly problem: Problem };

/** One of the other commands under way or done. */
export type Command =
  | { readonly kind: "idle" }
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "failed"; readonly problem: Problem };

/** Everything about trading that the page shows. */
export interface TradingState {
  readonly report: Signal<ApiTrading | undefined>;
  /** Why the last look brought nothing. */
  readonly problem: Signal<Problem | undefined>;
  /** By account. */
  readonly equity: Signal<ReadonlyMap<string, ApiEquity>>;
  /** By bot: what was asked for. */
  readonly why: Signal<ReadonlyMap<string, ApiWhy | Problem | "asked">>;
  readonly kill: Signal<KillStep>;
  readonly receipt: Signal<ApiKillReceipt | undefined>;
  readonly command: Signal<Command>;
}

export function createTradingState(): TradingState {
  return {
    report: signal(undefined),
    problem: signal(undefined),
    equity: signal(new Map()),
    why: signal(new Map()),
    kill: signal({ kind: "idle" }),
    receipt: signal(undefined),
    command: signal({ kind: "idle" }),
  };
}

/** Forgets everything, for instance at sign-out. */
export function forgetTrading(state: TradingState): void {
  const fresh = createTradingState();
  state.report.value = undefined;
  state.problem.value = undefined;
  state.equity.value = fresh.equity.value;
  state.why.value = fresh.why.value;
  state.kill.value = { kind: "idle" };
  state.receipt.value = undefined;
  state.command.value = { kind: "idle" };
}
