/** What an owner can command: one set of functions behind the phone, the terminal, and the page. */
import { type Result, succeed } from "../../platform/result.ts";
import { type Closed, type CloseRequest, closeAll } from "./close-all.ts";
import type { ControlDeps } from "./control-deps.ts";
import { type Killed, type KillRequest, kill, readKill, watchKill } from "./kill.ts";
import { findScope } from "./known-scopes.ts";
import {
  type BackLive,
  backToLive,
  type LiveRefusal,
  type LiveRequest,
  type PaperRequest,
  type SwitchedToPaper,
  switchToPaper,
} from "./paper-switch.ts";
import { type Hold, readHold } from "./read-hold.ts";
import type { KillRecord } from "./records.ts";
import {
  type ReduceRequest,
  type ResumeRefusal,
  type ResumeRequest,
  reduce,
  resume,
  type Standing,
} from "./resume.ts";
import { livePhrase, resumePhrase } from "./scopes.ts";

export interface NamedScope {
  readonly scope: string;
  readonly phrase: string;
  readonly livePhrase: string;
}

export interface TradingControl {
  /** Halts at once; what works is cancelled and confirmed by the workers. */
  kill(request: KillRequest): Promise<Result<Killed, "SCOPE_UNKNOWN">>;
  /** Lets a scope only close. */
  reduce(request: ReduceRequest): Promise<Result<Standing, "SCOPE_UNKNOWN">>;
  resume(request: ResumeRequest): Promise<Result<Standing, ResumeRefusal>>;
  closeAll(request: CloseRequest): Promise<Result<Closed, "SCOPE_UNKNOWN">>;
  /** Has the live bots of a scope trade on paper from now on. */
  switchToPaper(
    request: PaperRequest,
  ): Promise<Result<SwitchedToPaper, "SCOPE_UNKNOWN" | "PAPER_ACCOUNT_MISSING">>;
  /** Has switched bots trade live again. */
  backToLive(request: LiveRequest): Promise<Result<BackLive, LiveRefusal>>;
  readKill(id: string): Promise<Result<KillRecord, "KILL_UNKNOWN">>;
  /** Waits at most so many milliseconds for a kill's confirmation. */
  watchKill(id: string, withinMs: number): Promise<Result<KillRecord, "KILL_UNKNOWN">>;
  /** How a scope is stopped, by its own name; undefined where it is not. */
  holdOf(scope: string): Promise<Hold | undefined>;
  /** The scope that a name means, and what is typed to let it go on, and to bring it back to live. */
  scopeOf(name: string): Promise<Result<NamedScope, "SCOPE_UNKNOWN">>;
}

export function createTradingControl(deps: ControlDeps): TradingControl {
  return {
    kill: (request) => kill(deps, request),
    reduce: (request) => reduce(deps, request),
    resume: (request) => resume(deps, request),
    closeAll: (request) => closeAll(deps, request),
    switchToPaper: (request) => switchToPaper(deps, request),
    backToLive: (request) => backToLive(deps, request),
    readKill: (id) => readKill(deps, id),
    watchKill: (id, withinMs) => watchKill(deps, id, withinMs),
    holdOf: (scope) => readHold(deps, scope),
    async scopeOf(name) {
      const found = await findScope(deps, name);
      if (!found.ok) return found;
      const scope = found.value;
      return succeed({ scope, phrase: resumePhrase(scope), livePhrase: livePhrase(scope) });
    },
  };
}
