/** One case's world: a store, a bus, a broker, processes that come and go, and somebody who stops trading. */
import { AsyncLocalStorage } from "node:async_hooks";
import { Temporal } from "temporal-polyfill";
import { createSocketDesk, type SocketDesk } from "../../../functions/worker/socket-desk.ts";
import type { HeldSocket } from "../../../shared/brokers/held-socket.ts";
import { createLeadership } from "../../../shared/platform/leadership.ts";
import { createLeases } from "../../../shared/platform/lease.ts";
import type { Store, Transaction } from "../../../shared/platform/store.ts";
import type { Signal, StrategyContext } from "../../../shared/strategies/strategy.ts";
import { acknowledgementId } from "../../../shared/tokens/acknowledger.ts";
import { acknowledgements, tokens } from "../../../shared/tokens/records.ts";
import { createAccountKeeper, unrealisedBy } from "../../../shared/trading/account-keeper.ts";
import { closeAll } from "../../../shared/trading/control/close-all.ts";
import type { ControlDeps } from "../../../shared/trading/control/control-deps.ts";
import { kill } from "../../../shared/trading/control/kill.ts";
import { reduce, resume } from "../../../shared/trading/control/resume.ts";
import { resumePhrase } from "../../../shared/trading/control/scopes.ts";
import { createBreakers } from "../../../shared/trading/control/trip-breakers.ts";
import { markets } from "../../../shared/trading/market-recorder.ts";
import { createOrderExecutor } from "../../../shared/trading/order-executor.ts";
import { createBotTick } from "../../../shared/trading/ticks/bot-tick.ts";
import { createMarketData } from "../../../shared/trading/ticks/market-data.ts";
import { createRecentReads } from "../../../shared/trading/ticks/recent-reads.ts";
import { silentLog } from "../token-house.ts";
import { createDraws, type Draws } from "./draws.ts";
import { createGatedStore, type StoreWeather } from "./gated-store.ts";
import { BOTS, type Deed, INSTRUMENTS, type Moment, type Plan, SCOPES, type Want } from "./plan.ts";
import { Process, Simulation } from "./simulation.ts";
import {
  BUILD,
  type CaseSetting,
  CONNECTION,
  marketAt,
  PRICE,
  proofOf,
  RULES,
  SUBSCRIBER,
  settingOf,
  tokenOf,
} from "./trading-config.ts";
import { UnrulyBus } from "./unruly-bus.ts";
import { Venue } from "./venue.ts";
import { type LinkWeather, VenueClient } from "./venue-client.ts";
import { Witness } from "./witness.ts";

const LEADING = { ttlMs: 10_000, renewEveryMs: 3_000, retryAfterMs: 1_500, marginMs: 2_000 };
const WORKERS = 2;
const TICKERS = 2;
const OWNER = { kind: "terminal" } as const;
const MINUTE_MS = 60_000;
const STILL_MS = { short: 300, long: 4_000, "beyond the lease": 13_000, overtaken: 20_000 } as const;

interface Slot {
  readonly kind: "worker" | "ticker";
  process: Process;
  client?: VenueClient;
  desk?: SocketDesk;
  /** How often it was started. */
  starts: number;
}

export interface WorldOptions {
  readonly store: Store;
  readonly isInOrder: boolean;
}

export class TradingWorld {
  readonly simulation = new Simulation();
  readonly plan: Plan;
  readonly setting: CaseSetting;
  readonly draws: Draws;
  readonly venue: Venue;
  readonly witness: Witness;
  readonly bus: UnrulyBus;
  readonly store: Store;
  readonly isInOrder: boolean;
  readonly slots: Slot[] = [];
  readonly #owner = new Process("owner");
  readonly #storeWeather: StoreWeather = { faultPercent: 0, slowPercent: 0 };
  readonly #linkWeather: LinkWeather = { lostPercent: 0, slowPercent: 0, longestMs: 6_000 };
  readonly #wants = new Map<string, readonly [Want, Want]>();
  readonly #running = new AsyncLocalStorage<string>();
  readonly #control: ControlDeps;
  /** What begins with the next order, and with the next claim. */
  readonly #waiting: Record<Exclude<Moment, "now">, (() => void)[]> = { order: [], claim: [], cancel: [] };
  #generation = 1;
  readonly #untilOvertaken = new Set<Process>();
  #minutes = 0;
  #tenths = PRICE * 10;
  #ids = 0;
  /** What the owner has asked for and not got yet. */
  pending = 0;

  constructor(plan: Plan, { store, isInOrder }: WorldOptions) {
    this.plan = plan;
    this.setting = settingOf(plan);
    this.draws = createDraws(plan.course);
    this.store = store;
    this.isInOrder = isInOrder;
    this.bus = new UnrulyBus(this.simulation, this.draws, {
      ...{ lostPercent: 0, doubledPercent: 0, longestMs: 2_000 },
    });
    this.venue = new Venue(this.simulation, this.draws, {
      ...{ tellsFigures: plan.tellsFigures, namedPercent: plan.named },
    });
    this.#setPrices();
    this.witness = new Witness({
      ...{ plan, setting: this.setting, venue: this.venue, isInOrder },
      happened: (what) => this.#happened(what),
      overtaken: () => {
        for (const process of this.#untilOvertaken) this.#goOn(process, this.draws.between(0, 150));
        this.#untilOvertaken.clear();
      },
    });
    this.venue.listeners.add(() => this.witness.changed());
    this.#control = this.#controlDeps();
    for (let slot = 0; slot < WORKERS; slot += 1) this.#open({ kind: "worker", slot });
    for (let slot = 0; slot < TICKERS; slot += 1) this.#open({ kind: "ticker", slot: WORKERS + slot });
  }

  do(deed: Deed): void {
    switch (deed.kind) {
      case "tick":
        this.#tick(BOTS[deed.bot % this.plan.bots] ?? BOTS[0], deed.wants);
        break;
      case "rush":
        for (const bot of BOTS.slice(0, this.plan.bots)) this.#tick(bot, deed.wants);
        break;
      case "meet":
        this.#from(deed.from, () => this.venue.meet(deed.pick, deed.isWhole));
        break;
      case "stop-hit":
        this.witness.cut();
        this.venue.hitStop(deed.pick);
        break;
      case "hand":
        this.witness.touched();
        this.venue.byHand(deed.what, deed.pick, INSTRUMENTS[deed.pick % 2] ?? INSTRUMENTS[0]);
        break;
      case "price":
        this.#movePrice(deed.steps);
        break;
      case "kill":
      case "reduce":
      case "resume":
      case "close":
        this.#from(deed.from, () => this.#ask(deed.kind, this.scopeOf(deed.scope)));
        break;
      case "die":
      case "stand-still":
        this.#from(deed.from, () => this.#befall(deed));
        break;
      case "cut":
        this.slots[deed.worker % WORKERS]?.client?.cut(deed.forMs);
        break;
      case "token":
        this.#renewToken(deed.provedAfterMs);
        break;
      case "pass":
        break;
      default:
        deed satisfies never;
    }
  }

  /** From here on everything may go wrong. */
  roughen(): void {
    const { rough } = this.plan;
    Object.assign(this.#storeWeather, { faultPercent: rough.storeFaults, slowPercent: rough.storeSlow });
    Object.assign(this.#linkWeather, { lostPercent: rough.linkLost, slowPercent: rough.linkSlow });
    Object.assign(this.bus.weather, { lostPercent: rough.busLost, doubledPercent: rough.busDoubled });
    Object.assign(this.venue.mood, { rejectedPercent: rough.rejected, slowestMs: rough.slowestMs });
  }

  /** From here on nothing goes wrong any more, and whoever is gone comes back. */
  calm(): void {
    this.simulation.isCalm = true;
    Object.assign(this.#storeWeather, { faultPercent: 0, slowPercent: 0 });
    Object.assign(this.#linkWeather, { lostPercent: 0, slowPercent: 0 });
    Object.assign(this.bus.weather, { lostPercent: 0, doubledPercent: 0 });
    Object.assign(this.venue.mood, { rejectedPercent: 0, partialPercent: 0 });
    for (const begins of Object.values(this.#waiting)) begins.length = 0;
    for (const slot of this.slots) {
      slot.process.fate = undefined;
      this.simulation.resume(slot.process);
    }
  }

  /** Lets everything go on that was stopped, and has every bot leave what it holds. */
  leaveAll(): void {
    for (const [scope, { state }] of this.witness.states) if (state !== "active") this.#ask("resume", scope);
    this.simulation.after(1_500, () => this.do({ kind: "rush", wants: ["exit", "exit"] }));
  }

  scopeOf(scope: number): string {
    const name = SCOPES[scope % (2 + this.plan.bots)] ?? "all";
    if (name === "all") return name;
    return name === "account" ? this.setting.account.id : `bot:${name}`;
  }

  /** What somebody asks for until it is done. */
  #ask(what: "kill" | "reduce" | "resume" | "close", scope: string): void {
    this.pending += 1;
    const deps = this.#control;
    this.#ids += 1;
    const requestId = `request-${this.#ids}`;
    const once = async (): Promise<unknown> => {
      if (what === "kill") return kill(deps, { scope, actor: OWNER, why: "enough", requestId });
      if (what === "close") return closeAll(deps, { scope, actor: OWNER, why: "out" });
      if (what === "reduce") return reduce(deps, { scope, actor: OWNER, why: "less" });
      return resume(deps, { scope, actor: OWNER, phrase: resumePhrase(scope), reason: "again" });
    };
    void (async () => {
      for (;;) {
        const isDone = await once().then(
          () => true,
          () => false,
        );
        if (isDone) break;
        await new Promise<void>((resolve) => void this.simulation.after(300, resolve));
      }
      this.pending -= 1;
    })();
  }

  #tick(bot: string, wants: readonly [Want, Want]): void {
    this.#minutes += 1;
    // Each has a minute of its own, of the hour that is over: so nothing waits for time to pass.
    const minute = this.simulation.instant().epochMilliseconds - (1 + (this.#minutes % 50)) * MINUTE_MS;
    const instant = Temporal.Instant.fromEpochMilliseconds(minute - (minute % MINUTE_MS));
    const key = `${bot}:${instant.epochMilliseconds}`;
    if (this.#wants.has(key)) return;
    this.#wants.set(key, wants);
    this.bus.bring("bot-tick", { bot, instant });
  }

  /** How many ticks were asked for. */
  ticks(): number {
    return this.#wants.size;
  }

  #movePrice(steps: number): void {
    this.#tenths += steps;
    this.witness.moved();
    this.#setPrices();
    const market = marketAt(this.#tenths / 10);
    void this.#write((transaction) => transaction.set(markets, market.connection, market));
  }

  #renewToken(provedAfterMs: number): void {
    this.#generation += 1;
    const generation = this.#generation;
    void this.#write((transaction) => transaction.set(tokens, CONNECTION, tokenOf(generation))).then(() =>
      this.witness.tokens({ inForce: generation }),
    );
    this.pending += 1;
    this.simulation.after(provedAfterMs, () => {
      this.pending -= 1;
      if (generation !== this.#generation) return;
      const id = acknowledgementId(CONNECTION, SUBSCRIBER);
      const prove = (transaction: Transaction) => transaction.set(acknowledgements, id, proofOf(generation));
      void this.#write(prove).then(() => this.witness.tokens({ proved: generation }));
    });
  }

  /** What others than the processes of this world write. */
  async #write(change: (transaction: Transaction) => void): Promise<void> {
    this.pending += 1;
    await this.store.transact(async (transaction) => change(transaction));
    this.pending -= 1;
  }

  #setPrices(): void {
    const { bid } = marketAt(this.#tenths / 10).symbols[0] ?? {};
    if (bid !== undefined) for (const instrument of INSTRUMENTS) this.venue.prices.set(instrument, bid);
  }

  #befall({ kind, who, afterEvents, until }: Extract<Deed, { kind: "die" | "stand-still" }>): void {
    const slot = this.slots.find(
      (one) =>
        (one.kind === "ticker") === (who === "ticker") &&
        (who === "ticker" || (one.desk?.isLeading() === true) === (who === "leader")),
    );
    if (slot === undefined) return;
    const { process } = slot;
    process.fate = {
      afterEvents,
      strike: () => {
        if (kind === "die") {
          process.die();
          this.simulation.after(this.draws.between(5, 3_000), () => this.#restart(slot));
          return;
        }
        process.isPaused = true;
        if (until === "overtaken") this.#untilOvertaken.add(process);
        this.#goOn(process, STILL_MS[until]);
      },
    };
  }

  #goOn(process: Process, afterMs: number): void {
    this.simulation.after(afterMs, () => this.simulation.resume(process));
  }

  #from(moment: Moment, begin: () => void): void {
    if (moment === "now") begin();
    else this.#waiting[moment].push(begin);
  }

  #happened(what: Exclude<Moment, "now">): void {
    for (const begin of this.#waiting[what].splice(0)) begin();
  }

  #restart(slot: Slot): void {
    this.#open({ kind: slot.kind, slot: this.slots.indexOf(slot) });
  }

  #open({ kind, slot: index }: { readonly kind: Slot["kind"]; readonly slot: number }): void {
    const starts = (this.slots[index]?.starts ?? 0) + 1;
    const process = new Process(`${kind}-${index}-${starts}`);
    const slot: Slot = { kind, process, starts };
    this.slots[index] = slot;
    if (kind === "worker") this.#openWorker(slot);
    else this.#openTicker(slot);
  }

  #storeOf(process: Process): Store {
    return createGatedStore(
      {
        simulation: this.simulation,
        draws: this.draws,
        weather: this.#storeWeather,
        committed: (writes, by) => this.witness.committed(writes, by),
      },
      this.store,
      process,
    );
  }

  #openWorker(slot: Slot): void {
    const { process } = slot;
    const { simulation, draws, venue, witness, setting } = this;
    const client = new VenueClient({
      ...{ simulation, draws, venue, process, weather: this.#linkWeather },
      left: (ticket, by) => witness.left(ticket, by),
      cancels: () => this.#happened("cancel"),
      arrives: (ticket) => witness.arrives(ticket),
    });
    const store = this.#storeOf(process);
    const { clock } = simulation;
    const timers = simulation.timersOf(process);
    const random = { bytes: (count: number) => new Uint8Array(count).map(() => draws.below(256)) };
    const leases = createLeases({ store, clock, random });
    const feed = { quotes: () => marketAt(this.#tenths / 10).symbols, instruments: () => RULES };
    const shared = { store, clock, timers, log: silentLog, leases, account: setting.account, broker: client };
    const executor = createOrderExecutor({
      ...shared,
      subscriber: SUBSCRIBER,
      unrealisedOf: unrealisedBy(client, feed),
      attend: createAccountKeeper({
        ...{ ...shared, feed, driftMs: () => 0, build: BUILD },
        ...(this.plan.isJudged && {
          judge: createBreakers({
            ...shared,
            bus: this.bus.of(process),
            config: setting.config,
            announce: async () => undefined,
          }),
        }),
      }),
    });
    const desk = createSocketDesk({
      ...{ connection: setting.account.connection, provesTokens: false, executor, timers, log: silentLog },
      socket: socketOf(client),
      recorder: { lead() {}, yield() {}, async observe() {}, async idle() {} },
      reporter: { lead() {}, yield() {}, async report() {}, async idle() {} },
      leadership: (events) =>
        createLeadership(
          { leases, clock, timers, log: silentLog },
          "socket:case",
          { ...LEADING, holder: process.name },
          events,
        ),
      ready: () => undefined,
    });
    Object.assign(slot, { client, desk });
    // One that stands still hears it when it goes on.
    this.bus.listen("order-created", process, async () => {
      simulation.after(0, () => void desk.wake(), process);
    });
    this.bus.listen("control", process, async () => {
      const hear = () => {
        witness.heard(process);
        void desk.control();
      };
      simulation.after(0, hear, process);
    });
    simulation.after(0, () => desk.start(), process);
  }

  #openTicker({ process }: Slot): void {
    const { simulation, setting } = this;
    const { clock } = simulation;
    const store = this.#storeOf(process);
    const timers = simulation.timersOf(process);
    const reads = createRecentReads({ store, clock, timers });
    const run = createBotTick({
      ...{ store, clock, timers, log: silentLog, bus: this.bus.of(process), reads },
      ...{ config: setting.config, build: BUILD, subscriber: SUBSCRIBER },
      market: createMarketData(reads),
      runs: {
        strategy: async () => ({ needs: [], warmup: 0, start: () => this.#runOf("") }),
        ready: async (bot) => ({
          run: this.#runOf(`${bot.id}:${this.#running.getStore()}`),
          ...{ seen: 0, isWarm: true, newest: undefined },
        }),
      },
    });
    this.bus.listen("bot-tick", process, async (message) => {
      const { bot, instant } = message as { bot: string; instant: Temporal.Instant };
      await this.#running.run(String(instant.epochMilliseconds), () => run({ bot, instant }));
    });
  }

  #runOf(key: string) {
    const wants = this.#wants.get(key) ?? (["hold", "hold"] as const);
    return {
      bar() {},
      isWarm: () => true,
      decide: (context: StrategyContext) => signalOf(wants, context),
    };
  }

  #controlDeps(): ControlDeps {
    const process = this.#owner;
    const { simulation } = this;
    return {
      store: this.#storeOf(process),
      bus: this.bus.of(process),
      clock: simulation.clock,
      timers: simulation.timersOf(process),
      log: silentLog,
      audit: async () => undefined,
      config: this.setting.config,
      newId: () => {
        this.#ids += 1;
        return `id-${this.#ids}`;
      },
    };
  }
}

function signalOf(wants: readonly [Want, Want], { instrument, positions }: StrategyContext): Signal {
  const want = wants[INSTRUMENTS.indexOf(instrument as (typeof INSTRUMENTS)[number])] ?? "hold";
  const [held] = positions;
  const stops = { stopDistance: 5, why: "it moves" };
  switch (want) {
    case "buy":
    case "sell":
      return { kind: "enter", side: want, ...stops };
    case "buy-limit":
      return { kind: "enter", side: "buy", limitPrice: 95, ...stops };
    case "sell-limit":
      return { kind: "enter", side: "sell", limitPrice: 105, ...stops };
    case "exit":
      return held === undefined
        ? { kind: "hold", why: "nothing is held" }
        : { kind: "exit", positionId: held.id, why: "it turns" };
    case "hold":
      return { kind: "hold", why: "nothing moves" };
    default:
      return want satisfies never;
  }
}

/** As a worker holds it: started when it leads, dropped when it does no more. */
function socketOf(client: VenueClient): HeldSocket {
  return {
    start: () => client.start(),
    drop: () => client.drop(),
    async stop() {
      client.drop();
    },
    wake: () => undefined,
    state: () => ({ phase: client.isReady() ? "ready" : "connecting" }),
    watch: (listener) => client.watch((isReady) => listener({ phase: isReady ? "ready" : "connecting" })),
    lastFrameAt: () => undefined,
    prove: async () => ({ ok: false, code: "BROKER_UNREACHABLE", detail: {} }),
    broker: client,
    market: { quotes: () => [], instruments: () => [], onBar: () => () => undefined, lagMs: () => undefined },
  };
}
