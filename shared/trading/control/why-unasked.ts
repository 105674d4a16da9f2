/** Why the broker of an account has not been asked yet, as far as the records tell: for whoever waits for a kill. */
import { Temporal } from "temporal-polyfill";
import { type SocketRecord, sockets } from "../../brokers/socket-state.ts";
import { accountId } from "../../config/account.ts";
import type { Config } from "../../config/config.ts";
import type { Connection } from "../../config/connection.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../platform/store.ts";
import { policyOf } from "../../tokens/policy.ts";
import { tokens } from "../../tokens/records.ts";
import { isLive, tokenState } from "../../tokens/token-state.ts";
import type { KillPart, KillRecord } from "./records.ts";

export interface WhyDeps {
  readonly store: Pick<Store, "get">;
  readonly clock: Clock;
  readonly config: Pick<Config, "connections">;
}

/** A worker says how a connection stands at least every half minute. */
const SILENT_AFTER = Temporal.Duration.from({ seconds: 90 });

/** A kill in which each account that could not be asked says why. */
export async function explainKill(deps: WhyDeps, kill: KillRecord): Promise<KillRecord> {
  if (!kill.isOpen) return kill;
  const parts = await Promise.all(kill.parts.map((part) => explainPart(deps, part)));
  return { ...kill, parts };
}

async function explainPart(deps: WhyDeps, part: KillPart): Promise<KillPart> {
  if (part.state !== "waiting") return part;
  const why = await whyUnasked(deps, part.account);
  if (why === undefined) return part;
  const count = part.found.length;
  const left = count === 0 ? "" : `; ${count} of our orders may still work there`;
  return { ...part, trouble: `it could not be asked: ${why}${left}` };
}

/** Undefined where nothing is known to be in the way. */
export async function whyUnasked(
  { store, clock, config: { connections } }: WhyDeps,
  account: string,
): Promise<string | undefined> {
  const connection = connections.find(({ id }) => id === account || accountId(id, "paper") === account);
  if (connection === undefined) return undefined;
  const now = clock.now();
  const isAtBroker = connection.id === account;
  // On paper no broker has to be there, only a worker.
  if (isAtBroker && !(await hasLiveToken(store, connection, now))) {
    return `there is no valid token, so log in to ${connection.label}`;
  }
  const held = await store.get(sockets, connection.id);
  if (held === undefined || Temporal.Instant.compare(now, held.at.add(SILENT_AFTER)) >= 0) {
    return "no worker is at work on it";
  }
  return isAtBroker && !held.ready ? troubleOf(connection, held) : undefined;
}

async function hasLiveToken(
  store: WhyDeps["store"],
  connection: Connection,
  now: Temporal.Instant,
): Promise<boolean> {
  const record = await store.get(tokens, connection.id);
  return isLive(tokenState({ record, authorization: undefined, policy: policyOf(connection) }, now));
}

function troubleOf({ label }: Connection, { waitingFor, brokerCode, lastTrouble }: SocketRecord): string {
  if (waitingFor === "maintenance") return `${label} is under maintenance`;
  const word = brokerCode ?? lastTrouble;
  return `${label} is not connected${word === undefined ? "" : ` (${word})`}`;
}
