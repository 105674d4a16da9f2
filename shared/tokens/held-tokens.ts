/** The token of a connection for a session that holds a socket with it. */
import type { Connection } from "../config/connection.ts";
import type { Clock } from "../platform/clock.ts";
import type { Secret } from "../platform/secret.ts";
import type { Store } from "../platform/store.ts";
import type { SecretVault } from "../platform/vault.ts";
import type { KeepAliveOutcome } from "./keeper.ts";
import { policyOf } from "./policy.ts";
import { tokens } from "./records.ts";
import { readTokenPayload } from "./token-payload.ts";
import { isLive, tokenState } from "./token-state.ts";

export interface HeldTokensDeps {
  readonly store: Store;
  readonly vault: SecretVault;
  readonly clock: Clock;
  /** Has the keeper, which alone may refresh a token, see to one that the broker refused. */
  keep(connection: Connection, refusedGeneration: number): Promise<KeepAliveOutcome>;
}

interface Held {
  readonly token: Secret;
  readonly generation: number;
}

export interface HeldTokens {
  /** The stored token; undefined while there is none that lives, or its payload cannot be read. */
  current(): Promise<Held | undefined>;
  /**
   * The broker refused this generation. Gives the one in force where it is another; where it is the same the
   * keeper is asked to revive it, and what that brings is given. Undefined: wait for a token.
   */
  refused(generation: number): Promise<Held | undefined>;
}

export function createHeldTokens(deps: HeldTokensDeps, connection: Connection): HeldTokens {
  const { store, vault, clock } = deps;

  async function current(): Promise<Held | undefined> {
    const record = await store.get(tokens, connection.id);
    const state = tokenState({ record, authorization: undefined, policy: policyOf(connection) }, clock.now());
    if (record === undefined || !isLive(state)) return undefined;
    const payload = await readTokenPayload(vault, connection.id, record.version);
    return payload.ok ? { token: payload.value.token, generation: record.generation } : undefined;
  }

  return {
    current,
    async refused(generation) {
      const stored = await current();
      if (stored === undefined || stored.generation !== generation) return stored;
      await deps.keep(connection, generation);
      const after = await current();
      return after?.generation === generation ? undefined : after;
    },
  };
}
