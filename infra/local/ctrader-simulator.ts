/** The simulated cTrader of the sandbox: its files in the home, and what a client is told of it. */
import type { CtraderHosts } from "../../shared/brokers/ctrader/environments.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";
import type { Log } from "../../shared/platform/log.ts";
import { openAuthority } from "../sandbox/ctrader/authority.ts";
import {
  type CtraderSimulator,
  type CtraderSimulatorAddresses,
  createCtraderSimulator,
} from "../sandbox/ctrader/ctrader-simulator.ts";
import type { Home } from "./home.ts";

/** The certificate of the sandbox's authority, in the home. */
export const CA_FILE = "sandbox-ca.pem";

export interface LocalCtrader {
  readonly simulator: CtraderSimulator;
  readonly addresses: CtraderSimulatorAddresses;
  /** Where programs find the certificate to trust. */
  readonly caFile: string;
  /** The same certificate, PEM. */
  readonly ca: string;
  readonly redirectUri: string;
}

/** Starts it on three ports in a row, or on free ones for 0. Rejects with Node's error when one is taken. */
export async function startCtrader(parts: {
  readonly home: Home;
  /** 32 bytes that are the same for the same home. */
  readonly key: Uint8Array;
  readonly seed: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly redirectUri: string;
  readonly host: string;
  readonly firstPort: number;
}): Promise<LocalCtrader> {
  const { home, key, clock, log, redirectUri, host, firstPort } = parts;
  const authority = await openAuthority(
    { certificate: home.file(CA_FILE), keys: home.file("sandbox-ca-keys.json") },
    createSystemClock().now().epochMilliseconds,
  );
  const simulator = createCtraderSimulator(
    { clock, timers: createSystemTimers(), random: createSeededRandom(`ctrader-${parts.seed}`), log },
    {
      authority,
      storage: { ...home.file("sandbox-ctrader.json"), key },
      venueStorage: home.file("sandbox-ctrader-venue.json"),
      registeredRedirects: [redirectUri],
    },
  );
  const port = (offset: number) => (firstPort === 0 ? 0 : firstPort + offset);
  try {
    const ports = { demoPort: port(0), livePort: port(1), oauthPort: port(2) };
    const addresses = await simulator.listen({ host, ...ports });
    return { simulator, addresses, caFile: home.path(CA_FILE), ca: authority.ca, redirectUri };
  } catch (error) {
    await simulator.close();
    throw error;
  }
}

/** Where the simulated broker is found, and what proves that it is the one. */
export type CtraderWay = Pick<CtraderSimulatorAddresses, "demo" | "live" | "authorizeUrl" | "tokenUrl"> &
  Pick<LocalCtrader, "ca">;

/** A connection's hosts: the socket of its environment, and the one login that both share. */
export function ctraderHostsOf(way: CtraderWay, environment: "demo" | "live"): CtraderHosts {
  const { ca, authorizeUrl, tokenUrl } = way;
  return { socket: { ...way[environment], ca }, authorizeUrl, tokenUrl };
}

/** What `GET /sandbox` tells of it: everything that a client needs. */
export function describeCtrader({ addresses, caFile, redirectUri }: LocalCtrader) {
  const { demo, live, authorizeUrl, tokenUrl, applications, username, password, accounts } = addresses;
  return {
    host: demo.host,
    demoPort: demo.port,
    livePort: live.port,
    caFile,
    demoClientId: applications.demo.clientId,
    demoClientSecret: applications.demo.clientSecret,
    liveClientId: applications.live.clientId,
    liveClientSecret: applications.live.clientSecret,
    ...{ authorizeUrl, tokenUrl, redirectUri, username, password },
    accounts,
  };
}
