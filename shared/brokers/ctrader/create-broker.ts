import type { Clock } from "../../platform/clock.ts";
import type { Http } from "../../platform/http.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import type { Secret } from "../../platform/secret.ts";
import type { Timers } from "../../platform/timers.ts";
import type { BrokerAccounts } from "../broker-accounts.ts";
import { createTransport } from "../http.ts";
import type { TokenIssuer } from "../token-issuer.ts";
import type { CtraderEnvironment, CtraderHosts } from "./environments.ts";
import type { Dial } from "./link.ts";
import { createCtraderIssuer } from "./oauth/issuer.ts";
import { createTokenEndpoint } from "./oauth/token-endpoint.ts";
import { openChannel } from "./open-channel.ts";
import type { VisitDeps } from "./short-visit.ts";
import { createCtraderAccounts } from "./visits.ts";

export interface CtraderBrokerDeps {
  readonly http: Http;
  /** Product time: of logins and tokens. */
  readonly clock: Clock;
  readonly dial: Dial;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

export interface CtraderBrokerOptions {
  readonly hosts: CtraderHosts;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly environment: CtraderEnvironment;
  /** The address that is registered with the broker for the redirect, byte for byte. */
  readonly redirectUri: string;
  /** The account that a probe authorises, by the last four characters of its number. */
  readonly account?: string;
}

/** The broker acts within this time or is taken not to have answered. */
const TOKEN_CALL_TIMEOUT_MS = 12_000;

/** The token life of one cTrader connection, and what can be read of its accounts by short visits. */
export function createCtraderBroker(
  deps: CtraderBrokerDeps,
  options: CtraderBrokerOptions,
): { readonly issuer: TokenIssuer; readonly accounts: BrokerAccounts } {
  const { clientId, clientSecret, environment, account, hosts, redirectUri } = options;
  const endpoint = createTokenEndpoint(
    { transport: createTransport(deps, { timeoutMs: TOKEN_CALL_TIMEOUT_MS }) },
    { url: hosts.tokenUrl, clientId, clientSecret },
  );
  const accounts = createCtraderAccounts(visitDepsOf(deps, hosts), {
    ...{ clientId, clientSecret, environment },
    ...(account !== undefined && { account }),
  });
  const issuer = createCtraderIssuer(
    { endpoint, clock: deps.clock, random: deps.random, probe: accounts.probe },
    { clientId, authorizeUrl: hosts.authorizeUrl, redirectUri },
  );
  return { issuer, accounts };
}

/** How short visits reach the broker: a channel of their own each time. */
export function visitDepsOf(
  deps: Pick<CtraderBrokerDeps, "dial" | "timers" | "random" | "log">,
  { socket }: Pick<CtraderHosts, "socket">,
): VisitDeps {
  return {
    timers: deps.timers,
    openChannel: (events) =>
      openChannel(
        { dial: deps.dial, timers: deps.timers, log: deps.log.for("visit") },
        { address: socket, idPrefix: `v${Buffer.from(deps.random.bytes(6)).toString("hex")}-` },
        events,
      ),
  };
}
