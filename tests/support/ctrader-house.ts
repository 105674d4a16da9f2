import { createCtraderIssuer } from "../../shared/brokers/ctrader/oauth/issuer.ts";
import { createTokenEndpoint } from "../../shared/brokers/ctrader/oauth/token-endpoint.ts";
import { TinyCtrader } from "../../shared/brokers/ctrader/testing/tiny-ctrader.ts";
import { createCtraderAccounts } from "../../shared/brokers/ctrader/visits.ts";
import { createTransport } from "../../shared/brokers/http.ts";
import type { TokenIssuer } from "../../shared/brokers/token-issuer.ts";
import { type Connection, connectionSchema } from "../../shared/config/connection.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createVirtualTimers } from "../../shared/platform/local/virtual-timers.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { Authorizer } from "../../shared/tokens/authorizer.ts";
import type { TokenRecord } from "../../shared/tokens/records.ts";
import { openTokenHouse, type TokenHouse } from "./token-house.ts";

const CLIENT = { id: "app", secret: "app-secret", redirectUri: "https://openbell.example/callback" };

export const DEMO = connectionSchema.parse({
  id: "ctrader-demo",
  broker: "ctrader",
  environment: "demo",
  label: "cTrader demo",
  needed: "on-demand",
});

/** A token house with one cTrader connection, whose broker keeps grants as the real one does. */
export interface CtraderHouse extends TokenHouse {
  readonly broker: TinyCtrader;
  readonly grants: TokenIssuer;
}

export function openCtraderHouse(): CtraderHouse {
  const house = openTokenHouse();
  const broker = new TinyCtrader(house.clock, CLIENT);
  const grants = issuerOf(house, broker);
  return {
    ...house,
    broker,
    grants,
    connection: DEMO,
    parts: (over = {}) => house.parts({ issuer: grants, connection: DEMO, ...over }),
  };
}

function issuerOf({ clock }: TokenHouse, broker: TinyCtrader): TokenIssuer {
  const clientSecret = Secret.of(CLIENT.secret);
  const endpoint = createTokenEndpoint(
    { transport: createTransport({ http: broker.http, clock }, { timeoutMs: 1_000 }) },
    { url: "https://broker.example/token", clientId: CLIENT.id, clientSecret },
  );
  const accounts = createCtraderAccounts(
    { openChannel: broker.openChannel, timers: createVirtualTimers() },
    { clientId: CLIENT.id, clientSecret, environment: "demo" },
  );
  return createCtraderIssuer(
    { endpoint, clock, random: createSeededRandom("grants"), probe: accounts.probe },
    { clientId: CLIENT.id, authorizeUrl: "https://id.example/grant/", redirectUri: CLIENT.redirectUri },
  );
}

/** Logs in at the broker's page and hands in the address to which it leads back. */
export async function grantOnce(
  house: CtraderHouse,
  connection: Connection = house.connection,
): Promise<TokenRecord> {
  const authorizer = new Authorizer(house.parts());
  const actor = { kind: "page", session: "s1" } as const;
  const begun = await authorizer.begin(connection.id, actor);
  if (!begun.ok) throw new Error(begun.code);
  const pin = Secret.of(house.broker.approve(begun.value.authorizeUrl));
  const entry = { connection: connection.id, authorization: begun.value.id, pin, actor };
  const completed = await authorizer.complete(entry);
  if (!completed.ok) throw new Error(completed.code);
  return completed.value;
}
