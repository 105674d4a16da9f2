import { fail } from "../platform/result.ts";
import type { Timers } from "../platform/timers.ts";
import type { HeldSocket, HeldSocketState, HeldToken } from "./held-socket.ts";
import type { BrokerCallFailure, TokenIssuer } from "./token-issuer.ts";

export interface ProbeParts {
  readonly socket: Pick<HeldSocket, "state" | "watch" | "prove">;
  readonly timers: Timers;
  /** The token that is stored now. */
  current(): Promise<HeldToken | undefined>;
}

/** A socket that waits for a token is up about a second after it came. */
const READY_WITHIN_MS = 10_000;

/** What a session may give as its last trouble that says nothing of the token: a person can act on it. */
const TOLD: ReadonlySet<string> = new Set<BrokerCallFailure>([
  "BROKER_CREDENTIALS_REJECTED",
  "BROKER_UNAVAILABLE",
  "BROKER_RATE_LIMITED",
  "BROKER_REFUSED",
]);

/**
 * Proves tokens on a socket that is held. `BROKER_UNREACHABLE`, or the socket's own trouble, where it does not
 * become ready in ten seconds or rests after trouble: once it is ready, tokens are looked at anyway.
 * `BROKER_UNAVAILABLE` for a token that is not the stored one any more.
 */
export function probeBySocket({ socket, timers, current }: ProbeParts): TokenIssuer["probe"] {
  return async (token) => {
    if (!(await becomesReady(socket, timers))) return fail(troubleOf(socket));
    const held = await current();
    if (held?.token.reveal() !== token.reveal()) return fail("BROKER_UNAVAILABLE");
    return socket.prove(held);
  };
}

function becomesReady({ state, watch }: ProbeParts["socket"], timers: Timers): Promise<boolean> {
  if (!isOnItsWay(state())) return Promise.resolve(state().phase === "ready");
  return new Promise((resolve) => {
    const end = (isReady: boolean) => {
      cancel();
      unwatch();
      resolve(isReady);
    };
    const cancel = timers.after(READY_WITHIN_MS, () => end(false));
    const unwatch = watch((now) => {
      if (!isOnItsWay(now)) end(now.phase === "ready");
    });
  });
}

function isOnItsWay({ phase, waitingFor }: HeldSocketState): boolean {
  if (phase === "waiting") return waitingFor === "token";
  return phase !== "ready" && phase !== "stopped";
}

function troubleOf({ state }: ProbeParts["socket"]): BrokerCallFailure {
  const trouble = state().lastTrouble;
  return trouble !== undefined && TOLD.has(trouble) ? (trouble as BrokerCallFailure) : "BROKER_UNREACHABLE";
}
