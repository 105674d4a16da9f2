/**
 * One run of the fault suite: random orders while the broker, its answers and the network misbehave by the
 * seed; then everything is well again, and what the session believes is held against what the broker holds.
 */
import type { ChangeAnswer, OrderAnswer, OrderEnd } from "../../../shared/brokers/ctrader/order-desk.ts";
import type { Random } from "../../../shared/platform/random.ts";
import { type FaultWorld, openFaultWorld } from "./fault-world.ts";
import { draw } from "./pipe.ts";

const SYMBOLS = [
  { id: 1, volume: 100_000, price: 1.1, distance: 500 },
  { id: 41, volume: 100, price: 2_650, distance: 300_000 },
] as const;
const OPERATIONS = 20;
/** A connection that only seems alive is found out by the watchdog, and replaced after the longest pause. */
const SILENCE_MS = 100_000;
const HEALING_MS = 400_000;
const STEP_MS = 5_000;

interface Submitted {
  readonly id: string;
  readonly kind: "open" | "close";
  accepted?: OrderAnswer;
  done?: OrderEnd;
  isProtectionSettled: boolean;
}

export interface FaultRun {
  /** What is wrong; empty when the run holds. */
  readonly faults: readonly string[];
  readonly orders: number;
  readonly filled: number;
  readonly unknown: number;
  readonly connections: number;
}

/** Plays the run of this seed. The same seed plays the same run. */
export async function playFaultRun(seed: string): Promise<FaultRun> {
  const world = openFaultWorld(seed, { isNetted: seed.endsWith("7") });
  const desk = new Desk(world);
  try {
    world.session.start();
    await world.timers.advance(3_000);
    for (let step = 0; step < OPERATIONS; step += 1) {
      if (chance(world.random, 45)) misbehave(world);
      desk.operate(step);
      // A process that leads again after it did not.
      if (chance(world.random, 30)) world.session.start();
      await world.timers.advance(50 + draw(world.random, 900));
    }
    heal(world);
    world.session.start();
    await settle(world, desk);
    return {
      faults: await compare(world, desk),
      orders: desk.orders.length,
      filled: desk.orders.filter((one) => one.done?.kind === "filled").length,
      unknown: desk.orders.filter((one) => one.accepted?.kind === "unknown").length,
      connections: world.pipe.dials(),
    };
  } finally {
    await world.close();
  }
}

class Desk {
  readonly orders: Submitted[] = [];
  readonly changes: { readonly what: string; answer?: ChangeAnswer }[] = [];
  readonly #world: FaultWorld;

  constructor(world: FaultWorld) {
    this.#world = world;
  }

  operate(step: number): void {
    const { random } = this.#world;
    const pick = draw(random, 100);
    if (pick < 40) this.#submitMarket(step);
    else if (pick < 55) this.#submitLimit(step);
    else if (pick < 65) this.#moveMarket();
    else if (pick < 80) this.#close(step);
    else if (pick < 90) this.#cancel();
    else this.#protect();
  }

  #submitMarket(step: number): void {
    const { random, session } = this.#world;
    const symbol = SYMBOLS[draw(random, SYMBOLS.length)] ?? SYMBOLS[0];
    const hasLevels = chance(random, 50);
    this.#follow(
      `m${step}`,
      "open",
      session.orders.submit(
        {
          clientOrderId: `m${step}`,
          symbolId: symbol.id,
          orderType: "MARKET",
          tradeSide: chance(random, 50) ? "BUY" : "SELL",
          volume: symbol.volume * (1 + draw(random, 5)),
          ...(hasLevels && { relativeStopLoss: symbol.distance, relativeTakeProfit: symbol.distance * 2 }),
        },
        { mayLeave: () => !chance(random, 3) },
      ),
    );
  }

  #submitLimit(step: number): void {
    const { random, session } = this.#world;
    const symbol = SYMBOLS[draw(random, SYMBOLS.length)] ?? SYMBOLS[0];
    this.#follow(
      `l${step}`,
      "open",
      session.orders.submit({
        clientOrderId: `l${step}`,
        symbolId: symbol.id,
        orderType: "LIMIT",
        tradeSide: "BUY",
        volume: symbol.volume,
        limitPrice: Number((symbol.price * 0.98).toFixed(2)),
      }),
    );
  }

  /** Stops and limits are met, whether the session hears of it or not. */
  #moveMarket(): void {
    const { random, broker } = this.#world;
    const symbol = SYMBOLS[draw(random, SYMBOLS.length)] ?? SYMBOLS[0];
    broker.venue.moveTo(symbol.id, Number((symbol.price * (0.97 + draw(random, 60) / 1_000)).toFixed(2)));
  }

  #close(step: number): void {
    const { random, session } = this.#world;
    const positions = [...session.book.positions().values()];
    const position = positions[draw(random, Math.max(1, positions.length))];
    if (position === undefined) return;
    const unit = SYMBOLS.find((one) => one.id === position.tradeData.symbolId)?.volume ?? 0;
    const isPartial = chance(random, 40) && position.tradeData.volume > unit;
    const volume = isPartial ? unit : position.tradeData.volume;
    const call = session.orders.close({ positionId: position.positionId, volume });
    this.#follow(`c${step}`, "close", call);
    // Another that is just like it, or takes what is left.
    if (chance(random, 30)) {
      const like = session.orders.close({ positionId: position.positionId, volume });
      this.#follow(`d${step}`, "close", like);
    }
  }

  #cancel(): void {
    const { random, session } = this.#world;
    const orders = [...session.book.orders().values()].filter((one) => one.orderType === "LIMIT");
    const order = orders[draw(random, Math.max(1, orders.length))];
    if (order !== undefined) this.#note("cancel", session.orders.cancel({ orderId: order.orderId }));
  }

  #protect(): void {
    const { random, session } = this.#world;
    const positions = [...session.book.positions().values()];
    const position = positions[draw(random, Math.max(1, positions.length))];
    if (position?.price === undefined) return;
    const isBuy = position.tradeData.tradeSide === "BUY";
    const stopLoss = Number((position.price * (isBuy ? 0.9 : 1.1)).toFixed(2));
    this.#note("protect", session.orders.protect({ positionId: position.positionId, stopLoss }));
  }

  #note(what: string, answer: Promise<ChangeAnswer>): void {
    const change: { what: string; answer?: ChangeAnswer } = { what };
    this.changes.push(change);
    void answer.then((given) => {
      change.answer = given;
    });
  }

  #follow(
    id: string,
    kind: Submitted["kind"],
    call: ReturnType<FaultWorld["session"]["orders"]["submit"]>,
  ): void {
    const entry: Submitted = { id, kind, isProtectionSettled: false };
    this.orders.push(entry);
    void call.accepted.then((answer) => {
      entry.accepted = answer;
    });
    void call.done.then((end) => {
      entry.done = end;
    });
    void call.protection.then(() => {
      entry.isProtectionSettled = true;
    });
  }
}

function chance(random: Random, percent: number): boolean {
  return draw(random, 100) < percent;
}

/** One thing goes wrong, until the end of the run where it is not over at once. */
function misbehave(world: FaultWorld): void {
  const { random, broker, pipe, timers, session } = world;
  const set = (patch: unknown) => {
    const done = broker.setFaults(patch);
    if (!done.ok) throw new Error(`no such switch: ${JSON.stringify(done.detail)}`);
  };
  const block = (payloadType: number) =>
    set({ blockPayloadType: { payloadType, retryAfterSeconds: 2, times: 2 } });
  const until = new Date(Date.UTC(2026, 10, 23, 14, 0, 0) + timers.now() + 4_000).toISOString();
  const menu: readonly (() => void)[] = [
    () => pipe.cut(),
    () => pipe.cut(),
    () => pipe.freeze(),
    () => pipe.setSplitting(true),
    () => set({ chunkBytes: 1 + draw(random, 60) }),
    () => set({ mergeMs: 200 }),
    () => set({ halfOpen: chance(random, 50) ? "deaf" : "mute" }),
    () => set({ disconnectNow: chance(random, 50) ? "silently" : "told" }),
    () => set({ silentOrderShare: 0.4 }),
    () => set({ lostOrderShare: 0.4 }),
    () => set({ rejectedOrderShare: 0.3 }),
    () => set({ partialFillShare: 0.7 }),
    () => set({ dropBeforeOrderShare: 0.4 }),
    () => set({ dropAfterOrderShare: 0.4 }),
    () => set({ dropShare: 0.1 }),
    () => set({ lateEventsMs: 700 }),
    () => set({ duplicateEventShare: 0.6 }),
    () => set({ foreignIdShare: 0.5 }),
    () => set({ oneSidedSpotsShare: 1 }),
    () => set({ endTokensNow: "sessions" }),
    () => set({ endTokensNow: "access-tokens" }),
    () => set({ notAuthorized: chance(random, 50) ? "ACCOUNT_NOT_AUTHORIZED" : "order-error-event" }),
    () => set({ maintenanceUntil: until }),
    () => set({ cantRouteOnce: true }),
    () => set({ connectionsLimit: 1 }),
    () => set({ answerDelayMs: 300, answerJitterMs: 900 }),
    () => set({ silentAnswerShare: 0.3 }),
    () => set({ garbageShare: 0.3 }),
    () => set({ oversizeFrames: 1 }),
    () => set({ unknownTypeShare: 0.5 }),
    () => set({ emptyClientMsgId: true }),
    () => block(2106),
    () => block(2111),
    () => block(2124),
    () => pipe.setRefusing(true),
    () => set({ fillMs: 3_000, protectionMs: 1_500 }),
    () => void session.prove(world.rotate()),
    () => void session.prove(world.token()),
    () => {
      world.rotate();
      session.wake();
    },
    () => session.drop(),
    () => world.leap(draw(random, 6) * 3_600_000),
  ];
  menu[draw(random, menu.length)]?.();
}

function heal({ broker, pipe }: FaultWorld): void {
  pipe.setRefusing(false);
  pipe.setSplitting(false);
  const calm = Object.fromEntries(broker.switches().map(({ name }) => [name, null]));
  const done = broker.setFaults(calm);
  if (!done.ok) throw new Error("the switches cannot be put back");
}

async function settle(world: FaultWorld, desk: Desk): Promise<void> {
  await world.timers.advance(SILENCE_MS);
  for (let waited = 0; waited < HEALING_MS; waited += STEP_MS) {
    await world.timers.advance(STEP_MS);
    if (world.session.state().phase === "ready" && unsettled(world, desk).length === 0) break;
  }
  // One more reconciliation than the last answer needs.
  await world.timers.advance(1_137);
}

/** Every call must have settled, but `done` of an order that rests at the broker. */
function unsettled(world: FaultWorld, desk: Desk): readonly string[] {
  const resting = new Set(liveTruth(world).orders.map((one) => one.clientOrderId));
  const orders = desk.orders.flatMap((one) => [
    ...(one.accepted === undefined ? [`${one.id}: accepted has not settled`] : []),
    ...(one.done === undefined && !resting.has(one.id) ? [`${one.id}: done has not settled`] : []),
    ...(one.done !== undefined && !one.isProtectionSettled ? [`${one.id}: protection has not settled`] : []),
  ]);
  const changes = desk.changes
    .filter((one) => one.answer === undefined)
    .map((one) => `${one.what} has not settled`);
  return [...orders, ...changes];
}

async function compare(world: FaultWorld, desk: Desk): Promise<readonly string[]> {
  const { session, pipe } = world;
  const truth = liveTruth(world);
  const found: string[] = [...unsettled(world, desk)];
  if (session.state().phase !== "ready") found.push(`not ready again: ${JSON.stringify(session.state())}`);
  if (pipe.most() > 1) found.push(`${pipe.most()} connections at once`);
  for (const [id, count] of Object.entries(truth.received)) {
    if (count > 1) found.push(`${id} reached the broker ${count} times`);
  }
  found.push(
    ...differences(
      "position",
      positionsOf(truth.positions),
      positionsOf([...session.book.positions().values()]),
    ),
  );
  found.push(...differences("order", ordersOf(truth.orders), ordersOf([...session.book.orders().values()])));
  found.push(...differences("deal", dealsOf(truth.deals), dealsOf([...session.book.deals().values()])));
  for (const order of desk.orders) found.push(...checkEnd(order, truth));
  found.push(...checkCloses(desk));
  return found;
}

type Truth = ReturnType<FaultWorld["broker"]["venue"]["truth"]>;

/** What the broker holds now; it also remembers the orders and positions that are over. */
function liveTruth({ broker, account }: FaultWorld): Truth {
  const all = broker.venue.truth(account);
  return {
    ...all,
    orders: all.orders.filter((one) => one.orderStatus === "ORDER_STATUS_ACCEPTED"),
    positions: all.positions.filter((one) => one.positionStatus === "POSITION_STATUS_OPEN"),
  };
}

/** What an order is said to have come to must be what the broker did. */
function checkEnd({ id, kind, accepted, done }: Submitted, truth: Truth): readonly string[] {
  const wrong: string[] = [];
  const sent = truth.received[id] ?? 0;
  if (kind === "open" && accepted?.kind === "not-sent" && sent > 0)
    wrong.push(`${id}: not sent, but it came`);
  if (done?.kind === "filled" || done?.kind === "cancelled") {
    const volume = (deals: readonly { readonly filledVolume: number }[]) =>
      deals.reduce((sum, deal) => sum + deal.filledVolume, 0);
    const true_ = truth.deals.filter((deal) => deal.orderId === done.order.orderId);
    if (volume(true_) !== volume(done.deals)) {
      wrong.push(`${id}: ${done.kind} with ${volume(done.deals)}, but the broker did ${volume(true_)}`);
    }
    if (done.kind === "filled" && true_.length === 0) wrong.push(`${id}: filled, but the broker has no deal`);
  }
  const isAtBroker =
    truth.orders.some((one) => one.clientOrderId === id) ||
    truth.positions.some((one) => one.tradeData.comment === id);
  const isDenied = done?.kind === "absent" || done?.kind === "not-sent" || done?.kind === "rejected";
  if (kind === "open" && isDenied && isAtBroker) wrong.push(`${id}: ${done.kind}, but the broker has it`);
  return wrong;
}

/** What one order at the broker did, one close of ours did. */
function checkCloses({ orders }: Desk): readonly string[] {
  const ids = orders.flatMap(({ kind, done }) =>
    kind === "close" && done !== undefined && "order" in done ? [done.order.orderId] : [],
  );
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  return twice.map((id) => `order ${id} is said to be two closes`);
}

function positionsOf(all: Truth["positions"]): ReadonlyMap<number, string> {
  return new Map(
    all.map((one) => [
      one.positionId,
      JSON.stringify([
        one.tradeData.volume,
        one.tradeData.tradeSide,
        one.price,
        one.stopLoss,
        one.takeProfit,
      ]),
    ]),
  );
}

function ordersOf(all: Truth["orders"]): ReadonlyMap<number, string> {
  return new Map(
    all.map((one) => [
      one.orderId,
      JSON.stringify([one.orderType, one.tradeData.volume, one.limitPrice, one.stopPrice]),
    ]),
  );
}

function dealsOf(all: Truth["deals"]): ReadonlyMap<number, string> {
  return new Map(
    all.map((one) => [one.dealId, JSON.stringify([one.orderId, one.filledVolume, one.executionPrice])]),
  );
}

function differences(
  what: string,
  theirs: ReadonlyMap<number, string>,
  ours: ReadonlyMap<number, string>,
): readonly string[] {
  const wrong: string[] = [];
  for (const [id, value] of theirs) {
    if (ours.get(id) !== value)
      wrong.push(`${what} ${id} is ${value} at the broker and ${ours.get(id) ?? "unknown"} here`);
  }
  for (const [id, value] of ours) {
    if (!theirs.has(id)) wrong.push(`${what} ${id} is ${value} here and not at the broker`);
  }
  return wrong;
}
