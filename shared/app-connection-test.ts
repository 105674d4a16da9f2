/** The test of a broker's connections with what this deployment has: its keys, tokens and hosts. */
import type { AppOptions, Platform } from "./app.ts";
import type { TestLine } from "./brokers/connection-test.ts";
import { CTRADER_HOSTS } from "./brokers/ctrader/environments.ts";
import {
  type ConnectionTestDeps,
  type TokenInForce,
  testConnections,
} from "./brokers/ctrader/test-connections.ts";
import { createTlsDial } from "./brokers/ctrader/tls-link.ts";
import type { CtraderConnection } from "./config/connection.ts";
import { readBrokerKey } from "./config/credentials.ts";
import { fail, type Result, succeed } from "./platform/result.ts";
import { policyOf, replacementDueAt } from "./tokens/policy.ts";
import { tokens } from "./tokens/records.ts";
import { readTokenPayload } from "./tokens/token-payload.ts";
import { isLive, type TokenState, tokenState } from "./tokens/token-state.ts";

/** cTrader is the one broker with hosts to shake hands with. */
export interface OrderedTest {
  readonly environment: CtraderConnection["environment"];
  /** Hears each line as soon as it is known. */
  hear(line: TestLine): void;
  /** Ends the test at once; nothing is told after it. */
  readonly signal?: AbortSignal;
}

/** Whether every line is ok; see `brokers/ctrader/test-connections.ts`. */
export function testBroker(
  { platform, options }: { readonly platform: Platform; readonly options: AppOptions },
  ordered: OrderedTest,
): Promise<boolean> {
  const { timers, config, hosts } = options;
  const deps: ConnectionTestDeps = {
    timers,
    dial: createTlsDial({ timers }),
    random: platform.random,
    log: platform.log,
    keyOf: (connection) => readBrokerKey(platform, connection.id),
    tokenOf: (connection) => readToken(platform, connection),
  };
  return testConnections(deps, {
    ...ordered,
    connections: config.connections.filter((one) => one.broker === "ctrader"),
    socketOf: (place) => (hosts?.ctrader(place) ?? CTRADER_HOSTS[place.environment]).socket,
  });
}

async function readToken(
  { store, vault, clock }: Platform,
  connection: CtraderConnection,
): Promise<Result<TokenInForce, "TOKEN_NOT_LIVE" | "VAULT_CORRUPT" | "VAULT_VERSION_MISSING">> {
  const record = await store.get(tokens, connection.id);
  const policy = policyOf(connection);
  const state = tokenState({ record, authorization: undefined, policy }, clock.now());
  if (record === undefined || !isLive(state)) return fail("TOKEN_NOT_LIVE", detailOf(state));
  const payload = await readTokenPayload(vault, connection.id, record.version);
  if (!payload.ok) return payload;
  const { generation, expiresAt } = record;
  const replacedFrom = replacementDueAt(policy, record);
  return succeed({ token: payload.value.token, generation, expiresAt, replacedFrom });
}

function detailOf(state: TokenState) {
  return { state: state.state, ...("since" in state && { since: state.since.toString() }) };
}
