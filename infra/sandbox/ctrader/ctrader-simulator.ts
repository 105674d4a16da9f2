import { toIso } from "../../../shared/platform/instant.ts";
import type { Failure, Success } from "../../../shared/platform/result.ts";
import type { HttpDoor } from "../http-door.ts";
import type { SwitchView } from "../switches.ts";
import type { Authority } from "./authority.ts";
import { type BrokerDeps, type BrokerOptions, createBroker } from "./broker.ts";
import type { Faults, SwitchName } from "./faults.ts";
import type { Gateway } from "./gateway.ts";
import type { GrantBook } from "./grants.ts";
import type { JournalLine, OrderLine } from "./journal.ts";
import { answerOauth } from "./oauth-desk.ts";
import { openOauthDoor } from "./oauth-edge.ts";
import { AUTHORIZE_PATHS, TOKEN_PATH } from "./oauth-pages.ts";
import { openSocketDoor, type SocketDoor } from "./tls-edge.ts";
import type { VenueTruth } from "./venue.ts";
import type { Application, BrokerHost } from "./words.ts";

/** How the simulator is set up; see {@link BrokerOptions} for what may be left out. */
export interface CtraderSimulatorOptions extends BrokerOptions {
  readonly authority: Authority;
  /** Where codes may be sent besides the switch `moreRedirects`; byte for byte. Default: nowhere else. */
  readonly registeredRedirects?: readonly string[];
}

/** One of the broker's hosts, for a client. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** What a client needs in order to use the simulator; the authority's certificate aside. */
export interface CtraderSimulatorAddresses {
  /** In place of `demo.ctraderapi.com:5035`. */
  readonly demo: SocketAddress;
  /** In place of `live.ctraderapi.com:5035`. */
  readonly live: SocketAddress;
  /** In place of `https://id.ctrader.com/my/settings/openapi/grantingaccess/`. */
  readonly authorizeUrl: string;
  /** In place of `https://openapi.ctrader.com/apps/token`. */
  readonly tokenUrl: string;
  readonly applications: Readonly<Record<BrokerHost, Application>>;
  readonly username: string;
  readonly password: string;
  readonly accounts: readonly SimulatedAccount[];
}

/** An account that the simulated user has. */
export interface SimulatedAccount {
  readonly ctidTraderAccountId: number;
  readonly traderLogin: number;
  readonly host: BrokerHost;
  readonly isNetted: boolean;
}

/** For the sandbox page and tests; holds no token, code or secret. */
export interface CtraderSimulatorState {
  readonly connections: ReturnType<Gateway["connections"]>;
  readonly grants: readonly GrantView[];
  readonly counters: Readonly<Record<string, number>>;
  /** Newest first, at most 200. */
  readonly messages: readonly JournalLine[];
  /** New-order requests that came to the door, the oldest first. */
  readonly orders: readonly OrderLine[];
  /** What each account truly holds, by its `ctidTraderAccountId`. */
  readonly truth: Readonly<Record<string, VenueTruth>>;
}

/** A grant under the first letters of its access token's derived name. */
export type GrantView = ReturnType<typeof viewGrants>[number];

/** A simulated cTrader: its demo and its live socket host, and its OAuth host. */
export interface CtraderSimulator {
  /** Opens all hosts; port 0, the default, takes a free one. Rejects with Node's error when a port is taken. */
  listen(at: {
    readonly host: string;
    readonly demoPort?: number;
    readonly livePort?: number;
    readonly oauthPort?: number;
  }): Promise<CtraderSimulatorAddresses>;
  /** Sets some switches, all or none; `null` puts one back. Takes others' data and answers with all positions. */
  setFaults(patch: unknown): Success<Faults> | Failure<"SANDBOX_SWITCH_INVALID">;
  faults(): readonly SwitchView<SwitchName>[];
  state(): CtraderSimulatorState;
  /** What an account truly holds. */
  truth(ctidTraderAccountId: number): VenueTruth;
  readonly gateway: Gateway;
  close(): Promise<void>;
}

/** Makes a simulated cTrader. Its market runs from here on; its hosts open with `listen`. */
export function createCtraderSimulator(deps: BrokerDeps, options: CtraderSimulatorOptions): CtraderSimulator {
  const broker = createBroker(deps, options);
  const { gateway, venue, grants } = broker;
  const { log, clock } = deps;
  const doors: (SocketDoor | HttpDoor)[] = [];
  const registeredRedirects = () => [
    ...(options.registeredRedirects ?? []),
    ...broker.board.faults().moreRedirects,
  ];
  const desk = { broker, log, registeredRedirects };

  async function openSocket(at: BrokerHost, where: SocketAddress): Promise<SocketAddress> {
    const certificate = options.authority.server;
    const door = await openSocketDoor({ gateway, log }, { at, ...where, certificate });
    doors.push(door);
    return { host: where.host, port: door.port };
  }

  return {
    gateway,
    async listen({ host, demoPort = 0, livePort = 0, oauthPort = 0 }) {
      const demo = await openSocket("demo", { host, port: demoPort });
      const live = await openSocket("live", { host, port: livePort });
      const onBug = (name: string) => log.error("simulator-failed", { error: name });
      const handle = (call: Parameters<typeof answerOauth>[1]) => answerOauth(desk, call);
      const oauth = await openOauthDoor({ handle, now: () => clock.now(), onBug }, { host, port: oauthPort });
      doors.push(oauth);
      return {
        ...{ demo, live },
        authorizeUrl: `${oauth.baseUrl}${AUTHORIZE_PATHS[0]}`,
        tokenUrl: `${oauth.baseUrl}${TOKEN_PATH}`,
        applications: broker.applications,
        ...broker.users[0],
        accounts: accountsOf(broker),
      };
    },
    setFaults: broker.setFaults,
    faults: broker.switches,
    state: () => ({
      connections: gateway.connections(),
      grants: viewGrants(grants),
      counters: gateway.journal.counts(),
      messages: gateway.journal.lines(),
      orders: gateway.journal.orders(),
      truth: Object.fromEntries(venue.accounts().map(({ ctidTraderAccountId: id }) => [id, venue.truth(id)])),
    }),
    truth: (account) => venue.truth(account),
    async close() {
      broker.close();
      await Promise.all(doors.splice(0).map((door) => door.close()));
    },
  };
}

function accountsOf({ venue, users }: ReturnType<typeof createBroker>): readonly SimulatedAccount[] {
  return venue
    .accounts()
    .filter((one) => one.user === users[0].username)
    .map(({ ctidTraderAccountId, traderLogin, isLive, isNetted }) => ({
      ctidTraderAccountId,
      traderLogin,
      host: isLive ? "live" : "demo",
      isNetted,
    }));
}

function viewGrants(grants: GrantBook) {
  return grants.list().map(({ accessId, user, scope, accounts, accessEnded, accessExpiresAt, issuedAt }) => ({
    id: accessId.slice(0, 8),
    user,
    scope,
    accounts: accounts.length,
    isEnded: accessEnded,
    issuedAt: toIso(issuedAt),
    accessExpiresAt: toIso(accessExpiresAt),
  }));
}
