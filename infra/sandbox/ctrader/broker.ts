/** The simulated broker without any socket: venue, grants, switches and door put together. */
import type { Clock } from "../../../shared/platform/clock.ts";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import { type Failure, fail, type Success, succeed } from "../../../shared/platform/result.ts";
import type { Timers } from "../../../shared/platform/timers.ts";
import { createSeal, type Seal } from "../seal.ts";
import { holdSwitches, type SwitchView } from "../switches.ts";
import { type FaultBoard, type Faults, SWITCHES, type SwitchName, venueFaultsOf } from "./faults.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { GrantBook, type GrantStorage } from "./grants.ts";
import type { BrokerUser } from "./hall.ts";
import { createVenue, type VenueOptions } from "./open-venue.ts";
import type { Venue } from "./venue.ts";
import { createVenueMemory } from "./venue-memory.ts";
import type { Application, BrokerHost } from "./words.ts";

export interface BrokerDeps {
  /** Product time: of the market, codes and tokens. */
  readonly clock: Clock;
  /** The machine's: of connections. */
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

export interface BrokerOptions {
  /** Keeps grants across a restart; `key` (32 bytes) must be the same then. Default: nothing is kept. */
  readonly storage?: GrantStorage & { readonly key: Uint8Array };
  /** Who can log in; the first one is filled in on the login page. */
  readonly users?: readonly [BrokerUser, ...BrokerUser[]];
  /** One for each host's clients; either may connect to both. Default: derived from the key. */
  readonly applications?: Readonly<Record<BrokerHost, Application>>;
  /** Seed, pace and accounts of the market; faults are the switches'. */
  readonly venue?: Omit<VenueOptions, "faults" | "restore">;
  /** Keeps accounts, orders and prices across a restart; needs `storage`. Default: they start fresh. */
  readonly venueStorage?: GrantStorage;
}

/** A simulated broker in memory: the socket edges and the fault suite stand on it. */
export interface Broker {
  readonly gateway: Gateway;
  readonly venue: Venue;
  readonly grants: GrantBook;
  readonly seal: Seal;
  readonly applications: Readonly<Record<BrokerHost, Application>>;
  readonly users: readonly [BrokerUser, ...BrokerUser[]];
  readonly board: FaultBoard;
  /** Sets some switches, all or none; `null` puts one back. Takes others' data and answers with all positions. */
  setFaults(patch: unknown): Success<Faults> | Failure<"SANDBOX_SWITCH_INVALID">;
  switches(): readonly SwitchView<SwitchName>[];
  close(): void;
}

const DEFAULT_USERS = [{ username: "trader", password: "simulated-password" }] as const;

/** One seed, one course of bytes and of time give one course of answers. */
export function createBroker(deps: BrokerDeps, options: BrokerOptions = {}): Broker {
  const seal = createSeal(options.storage?.key ?? deps.random.bytes(32));
  const users = options.users ?? DEFAULT_USERS;
  const applications = options.applications ?? defaultApplications(seal);
  const memory = options.venueStorage && createVenueMemory({ ...deps, seal, storage: options.venueStorage });
  const venueOptions = { seed: seal.hex("prices", 8), ...options.venue };
  const venue =
    memory?.open((restore) => createVenue(deps, { ...venueOptions, ...restore })) ??
    createVenue(deps, venueOptions);
  const grants = new GrantBook({ ...deps, seal, storage: options.storage });
  const obey = (faults: Faults) => venue.setFaults(venueFaultsOf(faults));
  const switches = holdSwitches(SWITCHES, {
    act: (next, before) => actOnVenue(venue, before, next),
    changed: obey,
  });
  const board: FaultBoard = { faults: switches.current, turn: switches.turn };
  const both = [applications.demo, applications.live];
  const gateway = createGateway({ ...deps, venue, grants, board, applications: both, users });
  obey(switches.current());
  return {
    gateway,
    venue,
    grants,
    seal,
    applications,
    users,
    board,
    setFaults(patch) {
      const result = switches.patch(patch);
      if (!result.ok) return result;
      gateway.act();
      return succeed(switches.current());
    },
    switches: switches.view,
    close() {
      gateway.close();
      memory?.close();
      venue.close();
    },
  };
}

/** Does what the switches of the market that act once ask for, and puts them back; a bad one is refused undone. */
function actOnVenue(
  venue: Venue,
  before: Faults,
  next: Faults,
): Success<Faults> | Failure<"SANDBOX_SWITCH_INVALID"> {
  const { movePrice, depositNow } = next;
  const account = depositNow?.ctidTraderAccountId;
  const isKnown = venue.accounts().some((one) => one.ctidTraderAccountId === account);
  if (account !== undefined && !isKnown) return refuseSwitch("depositNow", "no such account");
  try {
    if (movePrice !== null) venue.moveTo(movePrice.symbolId, movePrice.bid);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuseSwitch("movePrice", error.message);
  }
  if (depositNow !== null) venue.deposit(depositNow.ctidTraderAccountId, depositNow.cents);
  if (before.freezePrices !== next.freezePrices) venue.freeze(next.freezePrices);
  return succeed({ ...next, movePrice: null, depositNow: null });
}

function refuseSwitch(name: SwitchName, problem: string): Failure<"SANDBOX_SWITCH_INVALID"> {
  return fail("SANDBOX_SWITCH_INVALID", { switch: name, problem });
}

function defaultApplications(seal: Seal): Record<BrokerHost, Application> {
  const application = (host: BrokerHost) => ({
    clientId: `sandbox_${host}_${seal.hex(`client|${host}`, 8)}`,
    clientSecret: seal.hex(`secret|${host}`, 24),
  });
  return { demo: application("demo"), live: application("live") };
}
