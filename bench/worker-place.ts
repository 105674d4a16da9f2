/** Both brokers of a worker whose memory is measured: cTrader over TLS, and E*TRADE, which is asked again and again. */
import { seedCredentials } from "../infra/local/credentials.ts";
import { quietLog } from "../infra/local/quiet-log.ts";
import { createEtradeSimulator, type EtradeSimulatorAddresses } from "../infra/sandbox/etrade/simulator.ts";
import { logInAtBroker } from "../infra/sandbox/owner/broker-login.ts";
import type { Platform } from "../shared/app.ts";
import { createEtradeClient } from "../shared/brokers/etrade/client.ts";
import { type ConnectionId, connectionIdSchema } from "../shared/config/connection.ts";
import type { ErrorCode } from "../shared/errors.ts";
import { createNodeHttp } from "../shared/platform/local/node-http.ts";
import { createSystemClock } from "../shared/platform/local/system-clock.ts";
import { createSystemRandom } from "../shared/platform/local/system-random.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import type { Result } from "../shared/platform/result.ts";
import { Secret } from "../shared/platform/secret.ts";
import { tokens } from "../shared/tokens/records.ts";
import { packToken, tokenSecretName } from "../shared/tokens/token-payload.ts";
import { CONFIG_GIVEN, CONNECTION, openSocketPlace, type SocketPlace } from "./socket-place.ts";

export const ETRADE = connectionIdSchema.parse("etrade-production");

/** What a worker holds: the ids that it must be ready on, and its file, without bots of its own: the default ones trade on paper. */
export interface Held {
  readonly ids: readonly ConnectionId[];
  readonly config: { readonly connections: readonly object[] };
}

export const CTRADER_ALONE: Held = {
  ids: [CONNECTION],
  config: { connections: CONFIG_GIVEN.connections },
};

export const BOTH: Held = {
  ids: [CONNECTION, ETRADE],
  config: {
    connections: [
      ...CONFIG_GIVEN.connections,
      {
        ...{ id: ETRADE, broker: "etrade", environment: "production" },
        ...{ label: "E*TRADE", needed: "every-morning" },
      },
    ],
  },
};

type EtradeHosts = Pick<EtradeSimulatorAddresses, "apiBaseUrl" | "authorizeUrl"> & {
  readonly dataBaseUrl: string;
};

export interface WorkerPlace {
  readonly socket: SocketPlace["socket"];
  readonly etrade: EtradeHosts;
  /** Puts the keys, and a token of each connection, into a platform. */
  seed(platform: Pick<Platform, "store" | "vault" | "bus" | "clock" | "random">): Promise<void>;
  close(): Promise<void>;
}

export async function openWorkerPlace(): Promise<WorkerPlace> {
  const ctrader = await openSocketPlace();
  const deps = { clock: createSystemClock(), random: createSystemRandom(), log: quietLog };
  const simulator = createEtradeSimulator(deps);
  const at = await simulator.listen({ host: "127.0.0.1" });
  const { apiBaseUrl, authorizeUrl } = at;
  const etrade = { apiBaseUrl, authorizeUrl, dataBaseUrl: apiBaseUrl };
  const consumer = { key: at.consumerKey, secret: Secret.of(at.consumerSecret) };
  const http = createNodeHttp({ timers: createSystemTimers() });
  const { issuer } = createEtradeClient(
    { ...deps, http },
    { ...etrade, environment: "production", consumer },
  );
  return {
    ...{ socket: ctrader.socket, etrade },
    async seed(platform) {
      await ctrader.seed(platform);
      await ctrader.store(platform, 1);
      const pair = { key: at.consumerKey, secret: at.consumerSecret };
      await seedCredentials(platform, { botToken: "1:bot", brokerKeys: new Map([[ETRADE, pair]]) });
      const begun = taken(await issuer.begin());
      const pin = Secret.of(await logInAtBroker(begun.authorizeUrl));
      await storeToken(platform, taken(await issuer.complete(begun.request, pin)));
    },
    async close() {
      await simulator.close();
      await ctrader.close();
    },
  };
}

async function storeToken(
  { store, vault, clock }: Pick<Platform, "store" | "vault" | "clock">,
  token: Secret,
): Promise<void> {
  const issuedAt = clock.now();
  const authorization = "bench";
  const version = await vault.add(
    tokenSecretName(ETRADE),
    packToken({ authorization, issuedAt: issuedAt.toString(), token }),
  );
  await store.transact(async (transaction) =>
    transaction.set(tokens, ETRADE, {
      ...{ connection: ETRADE, generation: 1, version, authorization },
      ...{ issuedAt, lastUsedAt: issuedAt, expiresAt: issuedAt.add({ hours: 12 }) },
    }),
  );
}

function taken<T>(result: Result<T, ErrorCode>): T {
  if (!result.ok) throw new Error(result.code);
  return result.value;
}
