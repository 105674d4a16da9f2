/** What the page and the terminal can ask for; both go through here. */
import type { NewAlert, PostOutcome } from "../alerts/outbox.ts";
import type { BrokerAccounts } from "../brokers/broker-accounts.ts";
import type { Connection } from "../config/connection.ts";
import { toIso } from "../platform/instant.ts";
import type { Log } from "../platform/log.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { SecretVault } from "../platform/vault.ts";
import type { Authorizer } from "../tokens/authorizer.ts";
import { isAlive } from "../tokens/heartbeat.ts";
import { isTokenTrouble } from "../tokens/keep-call.ts";
import type { KeepAliveOutcome } from "../tokens/keeper.ts";
import { policyOf } from "../tokens/policy.ts";
import { type Actor, type TokenRecord, tokens } from "../tokens/records.ts";
import { readTokenPayload } from "../tokens/token-payload.ts";
import { isLive, tokenState } from "../tokens/token-state.ts";
import { noteUse } from "../tokens/token-use.ts";
import type { TradingControl } from "../trading/control/command-trading.ts";
import type {
  ApiAccepted,
  ApiAuthorization,
  ApiBalance,
  ApiHealth,
  ApiKeepAliveList,
  ApiPing,
} from "./api.ts";
import { createControlServices } from "./control-report.ts";
import { type EquityQuestion, reportEquity } from "./equity-report.ts";
import { createLastTicks } from "./last-ticks.ts";
import { socketsDown } from "./socket-report.ts";
import { reportKeepAlive, reportStatus, type StatusDeps, type StatusReport } from "./status-report.ts";
import { createClosedToday } from "./trade-report.ts";
import { reportTrading } from "./trading-report.ts";
import { reportWhy, type WhyQuestion } from "./why-report.ts";

export interface ConsoleDeps extends StatusDeps {
  readonly vault: SecretVault;
  readonly log: Log;
  readonly authorizer: Authorizer;
  keep(connection: Connection, options: { readonly isForced: boolean }): Promise<KeepAliveOutcome>;
  accountsOf(connection: Connection): Promise<BrokerAccounts>;
  post(id: string, alert: NewAlert): Promise<PostOutcome>;
  newId(): string;
  /** Loaded with its first use. */
  control(): Promise<TradingControl>;
}

export type Services = ReturnType<typeof createServices>;

export function createServices(deps: ConsoleDeps) {
  const lastTicks = createLastTicks(deps.store);
  const closedToday = createClosedToday(deps.store);
  return {
    status: (): Promise<StatusReport> => reportStatus(deps),
    health: () => checkHealth(deps),
    keepAlive: () => listKeepAlives(deps),
    trading: () => reportTrading({ ...deps, lastTicks, closedToday }),
    equity: (question: EquityQuestion) => reportEquity(deps, question),
    why: (question: WhyQuestion) => reportWhy(deps, question),
    ...createControlServices(deps.control),

    async begin(request: {
      readonly connection: string;
      readonly actor: Actor;
    }): Promise<Result<ApiAuthorization>> {
      const begun = await deps.authorizer.begin(request.connection, request.actor);
      return begun.ok ? succeed({ ...begun.value, expiresAt: toIso(begun.value.expiresAt) }) : begun;
    },

    async complete(request: {
      readonly connection: string;
      readonly authorization: string;
      readonly pin: Secret;
      readonly actor: Actor;
    }): Promise<Result<ApiAccepted>> {
      return accepted(await deps.authorizer.complete(request));
    },

    async completeByCallback(request: {
      readonly requestToken: string;
      readonly verifier: Secret;
      readonly actor: Actor;
    }): Promise<Result<ApiAccepted>> {
      return accepted(await deps.authorizer.completeByCallback(request));
    },

    async completeByRedirect(request: {
      readonly code: Secret;
      readonly actor: Actor;
    }): Promise<Result<ApiAccepted>> {
      return accepted(await deps.authorizer.completeByRedirect(request));
    },

    /** The broker sent the owner back without a code. */
    async denyByRedirect({ actor }: { readonly actor: Actor }): Promise<{ readonly connection?: string }> {
      const connection = await deps.authorizer.denyByRedirect(actor);
      return connection === undefined ? {} : { connection };
    },

    ping: (connection: string) => ping(deps, connection),
    balance: (connection: string) => balance(deps, connection),

    async forceKeepAlive(request: { readonly connection?: string }): Promise<Result<ApiKeepAliveList>> {
      const chosen = deps.config.connections.filter(
        (one) => request.connection === undefined || one.id === request.connection,
      );
      if (chosen.length === 0) return fail("CONNECTION_UNKNOWN");
      for (const connection of chosen) await deps.keep(connection, { isForced: true });
      return succeed(await listKeepAlives(deps));
    },

    /** Sends a new link to the owner's chat; the messenger's faults show on the page, not here. */
    async sendFreshLink(): Promise<Result<void>> {
      const usefulUntil = deps.clock.now().add({ minutes: 10 });
      await deps.post(`link:${deps.newId()}`, { content: { kind: "link" }, usefulUntil });
      return succeed(undefined);
    },
  };
}

function accepted(completed: Result<TokenRecord>): Result<ApiAccepted> {
  if (!completed.ok) return completed;
  const { connection, generation } = completed.value;
  return succeed({ connection, generation });
}

async function checkHealth(deps: ConsoleDeps): Promise<Omit<ApiHealth, "build">> {
  try {
    const worker = await isAlive(deps, deps.subscriber);
    const sockets = (await socketsDown(deps, deps.config.connections)).length === 0;
    return { status: worker && sockets ? "ok" : "degraded", checks: { store: true, worker, sockets } };
  } catch (error) {
    deps.log.error("health-check-failed", { error });
    return { status: "degraded", checks: { store: false, worker: false, sockets: false } };
  }
}

async function listKeepAlives(deps: ConsoleDeps): Promise<ApiKeepAliveList> {
  return { connections: await Promise.all(deps.config.connections.map((one) => reportKeepAlive(deps, one))) };
}

interface LiveToken {
  readonly connection: Connection;
  readonly record: TokenRecord;
  readonly token: Secret;
}

async function liveToken(deps: ConsoleDeps, id: string): Promise<Result<LiveToken>> {
  const connection = deps.config.connections.find((one) => one.id === id);
  if (connection === undefined) return fail("CONNECTION_UNKNOWN");
  const record = await deps.store.get(tokens, connection.id);
  const facts = { record, authorization: undefined, policy: policyOf(connection) };
  if (record === undefined || !isLive(tokenState(facts, deps.clock.now()))) return fail("TOKEN_NOT_LIVE");
  const payload = await readTokenPayload(deps.vault, connection.id, record.version);
  return payload.ok ? succeed({ connection, record, token: payload.value.token }) : payload;
}

async function ping(deps: ConsoleDeps, id: string): Promise<Result<ApiPing>> {
  const probed = await callBroker(deps, id, (accounts, token) => accounts.probe(token));
  if (!probed.ok) return probed;
  const { accounts, latencyMs } = probed.value;
  return succeed({ connection: id, accounts, latencyMs });
}

async function balance(deps: ConsoleDeps, id: string): Promise<Result<ApiBalance>> {
  const balances = await callBroker(deps, id, (accounts, token) => accounts.balances(token));
  if (!balances.ok) return balances;
  return succeed({ connection: id, accounts: [...balances.value] });
}

/**
 * Calls the broker with the live token. One that the broker refuses goes to the keeper, which revives it or
 * marks it rejected: nothing stays green that has just been refused. A revived token is tried once more.
 */
async function callBroker<T>(
  deps: ConsoleDeps,
  id: string,
  call: (accounts: BrokerAccounts, token: Secret) => Promise<Result<T>>,
): Promise<Result<T>> {
  const first = await callOnce(deps, id, call);
  if (first.ok || !isTokenTrouble(first.code)) return first;
  const connection = deps.config.connections.find((one) => one.id === id);
  const kept = connection && (await deps.keep(connection, { isForced: true }));
  return kept?.did === "kept" ? callOnce(deps, id, call) : first;
}

async function callOnce<T>(
  deps: ConsoleDeps,
  id: string,
  call: (accounts: BrokerAccounts, token: Secret) => Promise<Result<T>>,
): Promise<Result<T>> {
  const live = await liveToken(deps, id);
  if (!live.ok) return live;
  const { connection, record, token } = live.value;
  const answered = await call(await deps.accountsOf(connection), token);
  if (!answered.ok) return answered;
  const key = { connection: connection.id, generation: record.generation };
  await noteUse(deps, key, { at: deps.clock.now(), isRenewal: false });
  return answered;
}
