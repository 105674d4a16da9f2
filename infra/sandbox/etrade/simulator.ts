import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../../shared/platform/clock.ts";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import type { Failure, Success } from "../../../shared/platform/result.ts";
import type { HttpDoor } from "../http-door.ts";
import { type HoldOptions, holdSwitches } from "../switches.ts";
import { assembleBroker, record, type SwitchBoard } from "./assemble.ts";
import { type Faults, SWITCHES, type SwitchView } from "./faults.ts";
import { openDoor } from "./http-edge.ts";
import type { Call, Outcome } from "./http-words.ts";
import { Journal } from "./journal.ts";
import { AUTHORIZE_PATH, type SimulatedUser } from "./login-desk.ts";
import { type SessionOn, weekdaySession } from "./market-hours.ts";
import type { ConsumerKeys } from "./oauth-gate.ts";
import { createPriceBook } from "./prices.ts";
import { createSeal, type Seal } from "./seal.ts";
import { type SimulatorState, viewState } from "./state.ts";
import { type BookStorage, TokenBook } from "./token-book.ts";
import { TradingBook } from "./trading/trading-book.ts";
import { actOnTrading, type TradingState, viewTrading } from "./trading/trading-state.ts";

/** What the simulator works with; `log` never sees a token, secret or PIN. */
export interface EtradeSimulatorDeps {
  readonly clock: Pick<Clock, "now">;
  /**
   * Time stamps near this clock are taken as well: a public client signs with the machine's time and knows
   * nothing of a virtual clock. Default: only `clock` counts.
   */
  readonly machineClock?: Pick<Clock, "now">;
  readonly random: Random;
  readonly log: Log;
}

/** How the simulator is set up; all of it may be left out. */
export interface EtradeSimulatorOptions {
  /** Who can log in; the first one is filled in on the login page. Default: one made-up user. */
  readonly users?: readonly [SimulatedUser, ...SimulatedUser[]];
  /** Default: derived from the storage key, or drawn from `random` without storage. */
  readonly keys?: ConsumerKeys;
  /** Where the switch `registeredCallback` stands at the start; default null. */
  readonly registeredCallback?: string;
  /** Keeps tokens across a restart; `key` (32 bytes) must be the same then. Default: nothing is kept. */
  readonly storage?: BookStorage & { readonly key: Uint8Array };
  /** Keeps orders, positions, money and moved prices across a restart; needs `storage`. Default: they start fresh. */
  readonly tradingStorage?: BookStorage;
  /** What prices begin with; default: by the key of `storage`. */
  readonly marketSeed?: string;
  /** The market's regular sessions; default Monday to Friday without holidays. */
  readonly sessionOn?: SessionOn;
  /** Real waiting, for the switch `latencyMs`; default the system's timer. */
  readonly delay?: (ms: number) => Promise<void>;
}

/** What a client needs in order to use the simulator. */
export interface EtradeSimulatorAddresses {
  /** In place of `https://api.etrade.com`. */
  readonly apiBaseUrl: string;
  /** In place of `https://apisb.etrade.com`. */
  readonly sandboxBaseUrl: string;
  /** In place of `https://us.etrade.com/e/t/etws/authorize`. */
  readonly authorizeUrl: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly sandboxConsumerKey: string;
  readonly sandboxConsumerSecret: string;
  readonly username: string;
  readonly password: string;
}

/** A simulated E*TRADE on two local ports. */
export interface EtradeSimulator {
  /** Opens both hosts; port 0, the default, takes a free one. Rejects with Node's error when a port is taken. */
  listen(at: {
    readonly host: string;
    readonly apiPort?: number;
    readonly sandboxPort?: number;
  }): Promise<EtradeSimulatorAddresses>;
  /** Sets some switches, all or none; `null` puts one back. Takes others' data and answers with all positions. */
  setFaults(patch: unknown): Success<Faults> | Failure<"SANDBOX_SWITCH_INVALID">;
  faults(): readonly SwitchView[];
  /** For the sandbox page; holds no token, secret or PIN. */
  state(): SimulatorState & TradingState;
  close(): Promise<void>;
}

const DEFAULT_USERS = [{ username: "simulated-trader", password: "simulated-password" }] as const;

function defaultKeys(seal: Seal): ConsumerKeys {
  const pair = (name: string) => ({
    key: seal.hex(`key|${name}`, 16),
    secret: seal.hex(`secret|${name}`, 32),
  });
  return { production: pair("production"), sandbox: pair("sandbox") };
}

/** The switches; the locked users among them are kept with the tokens. */
function createSwitches(
  book: TokenBook,
  options: Pick<HoldOptions<typeof SWITCHES>, "act"> & {
    readonly start: Pick<Faults, "registeredCallback" | "freezePrices">;
  },
) {
  return holdSwitches(SWITCHES, {
    ...options,
    start: { ...options.start, lockedUsers: book.logins.lockedUsers },
    changed(now) {
      book.logins.lockedUsers = [...now.lockedUsers];
      book.save();
    },
  });
}

function addressesOf(
  doors: { readonly api: HttpDoor; readonly sandbox: HttpDoor },
  keys: ConsumerKeys,
  user: SimulatedUser,
): EtradeSimulatorAddresses {
  return {
    apiBaseUrl: doors.api.baseUrl,
    sandboxBaseUrl: doors.sandbox.baseUrl,
    authorizeUrl: `${doors.api.baseUrl}${AUTHORIZE_PATH}`,
    consumerKey: keys.production.key,
    consumerSecret: keys.production.secret,
    sandboxConsumerKey: keys.sandbox.key,
    sandboxConsumerSecret: keys.sandbox.secret,
    username: user.username,
    password: user.password,
  };
}

/**
 * Makes a simulated E*TRADE: OAuth 1.0a with pages, accounts, balances and quotes, strict and switchable. One
 * seed (of `random` and `storage.key`) and one course of calls give one course of answers.
 */
export function createEtradeSimulator(
  deps: EtradeSimulatorDeps,
  options: EtradeSimulatorOptions = {},
): EtradeSimulator {
  const { clock, random, log } = deps;
  const seal = createSeal(options.storage?.key ?? random.bytes(32));
  const keys = options.keys ?? defaultKeys(seal);
  const users = options.users ?? DEFAULT_USERS;
  const book = new TokenBook({ seal, random, log, storage: options.storage });
  const journal = new Journal();
  const sessionOn = options.sessionOn ?? weekdaySession;
  const machineNow = deps.machineClock && (() => deps.machineClock?.now() ?? clock.now());
  const trading = new TradingBook({
    ...{ seal, log, sessionOn, prices: createPriceBook(options.marketSeed ?? seal.hex("prices", 8)) },
    ...{ storage: options.tradingStorage, faults: () => switches.current() },
  });
  const [{ username }] = users;
  const switches = createSwitches(book, {
    start: {
      registeredCallback: options.registeredCallback ?? null,
      // Prices that stood before a restart stand on.
      freezePrices: trading.market.tape.isFrozen,
    },
    act: (next) => actOnTrading({ trading, seal, username, faults: switches.current }, next, clock.now()),
  });
  const board: SwitchBoard = { faults: switches.current, turn: switches.turn };
  const parts = { seal, random, log, keys, users, book, sessionOn, trading, machineNow };
  const handle = assembleBroker(parts, board);
  const doorDeps = {
    handle(call: Call): Outcome {
      const now = clock.now();
      const handled = handle(call, now);
      record({ journal, log }, call, { handled, now });
      return handled.outcome;
    },
    now: () => clock.now(),
    latencyMs: () => board.faults().latencyMs,
    delay: options.delay ?? ((ms: number) => wait(ms)),
    hex: (bytes: number) => Buffer.from(random.bytes(bytes)).toString("hex"),
    onBug: (name: string) => log.error("simulator-failed", { error: name }),
  };
  const doors: HttpDoor[] = [];
  return {
    async listen({ host, apiPort = 0, sandboxPort = 0 }) {
      const api = await openDoor(doorDeps, { door: "api", host, port: apiPort });
      doors.push(api);
      const sandbox = await openDoor(doorDeps, { door: "sandbox", host, port: sandboxPort });
      doors.push(sandbox);
      return addressesOf({ api, sandbox }, keys, users[0]);
    },
    setFaults: switches.patch,
    faults: switches.view,
    state: () => ({
      ...viewState({ book, journal }, clock.now(), board.faults()),
      ...viewTrading({ trading, seal, usernames: users.map(({ username }) => username) }, clock.now()),
    }),
    async close() {
      await Promise.all(doors.splice(0).map((door) => door.close()));
    },
  };
}
