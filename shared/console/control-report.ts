/** Stopping trading and letting it go on, as the page and the terminal send and read it. */
import { toIso } from "../platform/instant.ts";
import { type Result, succeed } from "../platform/result.ts";
import type { Actor } from "../tokens/records.ts";
import type { Closed } from "../trading/control/close-all.ts";
import type { TradingControl } from "../trading/control/command-trading.ts";
import type { SwitchedToPaper } from "../trading/control/paper-switch.ts";
import type { KillRecord } from "../trading/control/records.ts";
import type { ApiBackLive, ApiClosing, ApiKillReceipt, ApiOnPaper, ApiStanding } from "./control-api.ts";

export interface ScopedRequest {
  readonly scope?: string | undefined;
  readonly reason?: string | undefined;
  readonly actor: Actor;
}

export type ControlServices = ReturnType<typeof createControlServices>;

/** `control` is loaded with its first use. */
export function createControlServices(control: () => Promise<TradingControl>) {
  return {
    /** Halts at once and gives the receipt as far as it goes. */
    async kill(request: ScopedRequest & { readonly requestId: string }): Promise<Result<ApiKillReceipt>> {
      const { scope, actor, requestId } = request;
      const wish = { scope, actor, why: whyOf(request), requestId: `${actor.kind}-${requestId}` };
      const killed = await (await control()).kill(wish);
      if (!killed.ok) return killed;
      const receipt = reportKill(killed.value.kill);
      return succeed(killed.value.isHalted ? receipt : { ...receipt, isLifted: true });
    },

    async killReceipt(id: string): Promise<Result<ApiKillReceipt>> {
      const found = await (await control()).readKill(id);
      return found.ok ? succeed(reportKill(found.value)) : found;
    },

    async reduce(request: ScopedRequest): Promise<Result<ApiStanding>> {
      const { scope, actor } = request;
      const reduced = await (await control()).reduce({ scope, actor, why: whyOf(request) });
      if (!reduced.ok) return reduced;
      const { scope: named, state, isChanged } = reduced.value;
      return succeed({ scope: named, state, isChanged });
    },

    async resume(
      request: ScopedRequest & { readonly phrase: string; readonly reason: string },
    ): Promise<Result<ApiStanding>> {
      const resumed = await (await control()).resume(request);
      if (!resumed.ok) return resumed;
      const { stillHalted, ...standing } = resumed.value;
      return succeed({ ...standing, ...(stillHalted && { stillHalted: [...stillHalted] }) });
    },

    async paper(request: ScopedRequest & { readonly requestId: string }): Promise<Result<ApiOnPaper>> {
      const { scope, actor, requestId } = request;
      const wish = { scope, actor, why: whyOf(request), requestId: `${actor.kind}-${requestId}` };
      const switched = await (await control()).switchToPaper(wish);
      return switched.ok ? succeed(reportPaper(switched.value)) : switched;
    },

    async live(
      request: ScopedRequest & { readonly phrase: string; readonly reason: string },
    ): Promise<Result<ApiBackLive>> {
      const back = await (await control()).backToLive(request);
      return back.ok ? succeed({ scope: back.value.scope, bots: [...back.value.bots] }) : back;
    },

    async close(
      request: ScopedRequest & { readonly includesOthers?: boolean | undefined },
    ): Promise<Result<ApiClosing>> {
      const { scope, actor, includesOthers } = request;
      const closed = await (await control()).closeAll({ scope, actor, includesOthers, why: whyOf(request) });
      return closed.ok ? succeed(reportClosing(closed.value)) : closed;
    },
  };
}

const NO_REASON = "no reason was given";

function whyOf({ reason }: ScopedRequest): string {
  return reason?.trim() || NO_REASON;
}

/** A kill as the page reads it. */
export function reportKill({ id, scope, at, isOpen, confirmedAt, parts }: KillRecord): ApiKillReceipt {
  return {
    ...{ id, scope, at: toIso(at), isOpen },
    ...(confirmedAt !== undefined && {
      confirmedAt: toIso(confirmedAt),
      seconds: Math.max(0, at.until(confirmedAt).total("seconds")),
    }),
    parts: parts.map(({ found, trouble, confirmedAt: partAt, ...part }) => ({
      ...part,
      found: found.length,
      ...(trouble !== undefined && { trouble }),
      ...(partAt !== undefined && { confirmedAt: toIso(partAt) }),
    })),
  };
}

/** A switch to paper, as the page reads it. */
export function reportPaper({ scope, switched, already, backSince, left }: SwitchedToPaper): ApiOnPaper {
  return {
    scope,
    ...{ switched: [...switched], already: [...already], backSince: [...backSince] },
    left: left.map((one) => ({ ...one })),
  };
}

/** What is being closed, as the page reads it. */
export function reportClosing({ scope, accounts }: Closed): ApiClosing {
  return {
    scope,
    accounts: accounts.map(({ account, orders, left }) => ({ account, orders: orders.length, left })),
  };
}
