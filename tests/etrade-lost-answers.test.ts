/** What our trading client makes of the worst that our simulated E*TRADE does, over real HTTP. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, expect, test } from "vitest";
import type { OrderStanding, OrderTicket } from "../shared/brokers/trading-broker.ts";
import { type EtradeHouse, type EtradeProcess, openEtradeHouse } from "./support/etrade-house.ts";

const SYMBOL = "KO";
const TEN = new Decimal(10);
let house: EtradeHouse | undefined;

afterEach(async () => {
  await house?.close();
  house = undefined;
});

async function openHouse(over: Parameters<typeof openEtradeHouse>[0] = {}): Promise<EtradeHouse> {
  house = await openEtradeHouse({ isEmpty: true, ...over });
  await house.move(SYMBOL, new Decimal(70));
  return house;
}

async function openProcess(at: EtradeHouse): Promise<EtradeProcess> {
  const process = at.open({ isShortAllowed: false });
  process.socket.start();
  await at.until(() => process.socket.broker.isReady(), "ready");
  return process;
}

let count = 0;
function aTicket(over: Partial<OrderTicket> = {}): OrderTicket {
  count += 1;
  const terms = {
    instrument: SYMBOL,
    side: "buy",
    type: "market",
    quantity: TEN,
    timeInForce: "ioc",
  } as const;
  return { clientOrderId: `ours${count}`, ...terms, ...over };
}

const resting = { type: "limit", limitPrice: new Decimal("69.5"), timeInForce: "gtc" } as const;

function place({ socket }: EtradeProcess, ticket: OrderTicket): OrderStanding[] {
  const standings: OrderStanding[] = [];
  socket.broker.place(
    ticket,
    () => true,
    (standing) => standings.push(standing),
  );
  return standings;
}

const kinds = (standings: readonly OrderStanding[]) => standings.map(({ kind }) => kind);
const sum = (fills: readonly { readonly quantity: Decimal }[]) =>
  fills.reduce((total, { quantity }) => total.plus(quantity), new Decimal(0)).toNumber();

/** How many orders the account has got since it was empty. */
async function counted(at: EtradeHouse, before: readonly string[]): Promise<number> {
  return (await at.placed()).filter((orderId) => !before.includes(orderId)).length;
}

async function answerOf<T>(at: EtradeHouse, asked: Promise<T>): Promise<T> {
  let isThere = false;
  void asked.finally(() => {
    isThere = true;
  });
  await at.until(() => isThere, "an answer");
  return asked;
}

test.each([["timeout-after-accept"], ["unavailable-after-accept"]])(
  "an order whose answer is lost (%s) is found again, and there is one of it",
  async (kind) => {
    const at = await openHouse();
    const before = await at.placed();
    const process = await openProcess(at);
    at.simulator.setFaults({ failNext: { where: "orders/place", kind, times: 1 } });

    const standings = place(process, aTicket());
    await at.until(() => kinds(standings).includes("filled"), "filled");
    await at.pass(15_000);

    expect(kinds(standings)).toEqual(["unknown", "accepted", "filled"]);
    expect(await counted(at, before)).toBe(1);
    expect(sum(process.fills)).toBe(10);
  },
);

test.each([["timeout-before-accept"], ["unavailable"], ["drop-connection"], ["garbage"], ["bad-gateway"]])(
  "an order that never arrived (%s) is absent after two looks, and not sent again",
  async (kind) => {
    const at = await openHouse();
    const before = await at.placed();
    const process = await openProcess(at);
    at.simulator.setFaults({ failNext: { where: "orders/place", kind, times: 1 } });

    const standings = place(process, aTicket());
    await at.until(() => kinds(standings).includes("unknown"), "unknown");
    await at.pass(9_000);
    const early = kinds(standings);
    await at.pass(10_000);

    expect(early).toEqual(["unknown"]);
    expect(kinds(standings)).toEqual(["unknown", "absent"]);
    expect(await counted(at, before)).toBe(0);
    expect(at.asked.filter((call) => call.endsWith("orders/place.json"))).toHaveLength(1);
  },
);

test.each([
  ["busy", "orders/preview"],
  ["unavailable", "orders/preview"],
  ["rate-limit", "orders/place"],
  ["token_expired", "orders/place"],
])(
  "an order that the broker turned away (%s at %s) is not sent, and can be said to be so",
  async (kind, where) => {
    const at = await openHouse();
    const before = await at.placed();
    const process = await openProcess(at);
    at.simulator.setFaults({ failNext: { where, kind, times: 1 } });
    const ticket = aTicket();

    const standings = place(process, ticket);
    await at.pass(5_000);
    const { broker } = process.socket;
    const found = await answerOf(at, broker.find(ticket.clientOrderId, at.now().subtract({ minutes: 1 })));

    expect(kinds(standings)).toEqual(["not-sent"]);
    expect(found).toMatchObject({ ok: true, value: { kind: "absent" } });
    expect(await counted(at, before)).toBe(0);
  },
);

test("while the lists fail with 500 and code 100, an order is neither absent nor filled", async () => {
  const at = await openHouse();
  const process = await openProcess(at);
  at.simulator.setFaults({
    failNext: { where: "orders/place", kind: "timeout-after-accept", times: 1 },
    orderReadErrorShare: 1,
  });

  const standings = place(process, aTicket());
  await at.pass(40_000);
  const blind = kinds(standings);
  const wasReady = process.socket.broker.isReady();
  at.simulator.setFaults({ orderReadErrorShare: 0 });
  await at.until(() => kinds(standings).includes("filled"), "filled");

  expect(blind).toEqual(["unknown"]);
  expect(wasReady).toBe(false);
  expect(sum(process.fills)).toBe(10);
});

test("a process that dies after placing leaves enough for the next one to find the order", async () => {
  const at = await openHouse();
  const before = await at.placed();
  const first = await openProcess(at);
  const since = at.now();
  at.simulator.setFaults({ failNext: { where: "orders/place", kind: "timeout-after-accept", times: 1 } });
  const ticket = aTicket(resting);
  place(first, ticket);
  await at.until(() => at.asked.some((call) => call.endsWith("orders/place.json")), "placed");
  first.kill();

  const second = await openProcess(at);
  const found = await answerOf(at, second.socket.broker.find(ticket.clientOrderId, since));

  expect(found).toMatchObject({ ok: true, value: { kind: "accepted" } });
  expect(second.socket.broker.workingOrders()).toMatchObject([{ clientOrderId: ticket.clientOrderId }]);
  expect(await counted(at, before)).toBe(1);
});

test("two orders that look alike never are on their way together, so each finds its own", async () => {
  const at = await openHouse();
  const before = await at.placed();
  const process = await openProcess(at);
  at.simulator.setFaults({ failNext: { where: "orders/place", kind: "timeout-after-accept", times: 2 } });

  const both = [place(process, aTicket()), place(process, aTicket())];
  await at.until(() => both.every((one) => kinds(one).includes("filled")), "both filled");

  const ids = both.map((one) =>
    one.flatMap((standing) => ("brokerOrderId" in standing ? [standing.brokerOrderId] : [])),
  );
  expect(new Set(ids.flat()).size).toBe(2);
  expect(await counted(at, before)).toBe(2);
  expect(process.fills.map(({ clientOrderId }) => clientOrderId)).toHaveLength(2);
});

test("where a look-alike of the owner's stands beside a lost order, nothing is guessed", async () => {
  const at = await openHouse();
  const process = await openProcess(at);
  at.simulator.setFaults({ failNext: { where: "orders/place", kind: "timeout-after-accept", times: 1 } });
  const standings = place(process, aTicket(resting));
  await at.until(() => at.asked.some((call) => call.endsWith("orders/place.json")), "placed");
  await at.placeByHand({ priceType: "LIMIT", limitPrice: new Decimal("69.5"), term: "GOOD_UNTIL_CANCEL" });

  await at.pass(30_000);

  expect(kinds(standings)).toEqual(["unknown"]);
  expect(process.socket.broker.workingOrders().map((one) => one.clientOrderId)).toEqual([
    undefined,
    undefined,
  ]);
});

test("a fill seen in parts by one process and whole by another is the same fills to both", async () => {
  const at = await openHouse();
  at.simulator.setFaults({ partialFillShare: 1, partialRestMs: 4_000 });
  const first = await openProcess(at);
  place(first, aTicket());
  await at.until(() => first.fills.length === 1, "a part");
  first.kill();
  await at.pass(10_000);

  const second = await openProcess(at);
  const third = await openProcess(at);

  expect(first.fills.map(({ quantity }) => quantity.toNumber())).toEqual([4]);
  expect(second.fills.map(({ quantity }) => quantity.toNumber())).toEqual([4, 6]);
  expect(second.fills[0]).toEqual(first.fills[0]);
  expect(third.fills).toEqual(second.fills);
});

test("a cancel that comes too late is refused with the broker's code, and the fill is counted", async () => {
  const at = await openHouse();
  const process = await openProcess(at);
  const standings = place(process, aTicket(resting));
  await at.until(() => kinds(standings).includes("accepted"), "accepted");
  at.simulator.setFaults({ cancelRaceShare: 1 });
  const [accepted] = standings;
  if (accepted?.kind !== "accepted") throw new Error("not accepted");

  const answer = await answerOf(
    at,
    process.socket.broker.cancel(accepted.brokerOrderId, () => true),
  );
  await at.pass(5_000);

  expect(answer).toMatchObject({ ok: false, code: "BROKER_REFUSED", detail: { brokerCode: "5001" } });
  expect(kinds(standings)).toEqual(["accepted", "filled"]);
});

test("a cancel that was taken may still end in a fill, and then it does", async () => {
  const at = await openHouse();
  const process = await openProcess(at);
  const standings = place(process, aTicket(resting));
  await at.until(() => kinds(standings).includes("accepted"), "accepted");
  at.simulator.setFaults({ lateFillShare: 1 });
  const [accepted] = standings;
  if (accepted?.kind !== "accepted") throw new Error("not accepted");

  const answer = await answerOf(
    at,
    process.socket.broker.cancel(accepted.brokerOrderId, () => true),
  );
  const right = process.socket.broker.workingOrders().length;
  await at.pass(8_000);

  expect(answer).toMatchObject({ ok: true });
  expect(right).toBe(1);
  expect(kinds(standings)).toEqual(["accepted", "filled"]);
  expect(sum(process.fills)).toBe(10);
});

test("a stop rests for a position, a second closing order is refused with 1037, and the stop ends the position", async () => {
  const at = await openHouse();
  const process = await openProcess(at);
  const { broker } = process.socket;
  place(process, aTicket());
  await at.until(() => broker.positions().length === 1, "a position");
  const [position] = broker.positions();
  const closing = { side: "sell", closes: position?.id ?? "", timeInForce: "gtc" } as const;

  const stop = place(process, aTicket({ ...closing, type: "stop", stopPrice: new Decimal("69.5") }));
  await at.until(() => kinds(stop).includes("accepted"), "the stop");
  const second = place(process, aTicket({ ...closing, type: "limit", limitPrice: new Decimal("71") }));
  await at.until(() => second.length > 0, "the second");
  const protects = broker.workingOrders().map((one) => one.protects);
  await at.move(SYMBOL, new Decimal(69));
  await at.until(() => broker.positions().length === 0, "no position");

  expect(position).toMatchObject({ id: SYMBOL, side: "buy", quantity: TEN });
  expect(second).toMatchObject([{ kind: "rejected", brokerCode: "1037" }]);
  expect(protects).toEqual([SYMBOL]);
  expect(kinds(stop)).toEqual(["accepted", "filled"]);
});

test("a sale that closes nothing is not taken where short positions are not allowed", async () => {
  const at = await openHouse();
  const process = await openProcess(at);

  const standings = place(process, aTicket({ side: "sell" }));
  await at.pass(1_000);

  expect(standings).toMatchObject([{ kind: "rejected", brokerCode: "TICKET_INVALID" }]);
});

test("an order after the close is taken with the warning 1027, and one for the day expires at its end", async () => {
  const at = await openHouse({ start: Temporal.Instant.from("2026-11-23T20:59:00Z") });
  const process = await openProcess(at);
  const expiresAt = Temporal.Instant.from("2026-11-23T21:00:00Z");
  const day = place(process, aTicket({ ...resting, timeInForce: "gtd", expiresAt }));
  await at.until(() => kinds(day).includes("expired"), "expired");

  const late = place(process, aTicket({ ...resting }));
  await at.until(() => kinds(late).includes("accepted"), "accepted");

  expect(kinds(day)).toEqual(["accepted", "expired"]);
  expect(process.warnings).toContainEqual(expect.stringMatching(/ 1027$/));
});

test("an order that the owner placed by hand is told as a fill of nobody's, once", async () => {
  const at = await openHouse();
  const process = await openProcess(at);

  await at.placeByHand({});
  await at.until(() => process.fills.length > 0, "the fill");
  await at.pass(60_000);

  expect(process.fills).toHaveLength(1);
  expect(process.fills[0]?.clientOrderId).toBeUndefined();
  expect(process.socket.broker.positions()).toMatchObject([{ id: SYMBOL, quantity: TEN }]);
});

test("balance and unrealised profit together are what the broker says that the account is worth", async () => {
  const at = await openHouse();
  const process = await openProcess(at);
  place(process, aTicket());
  await at.until(() => process.fills.length > 0, "the fill");
  await at.move(SYMBOL, new Decimal(75));
  const { broker } = process.socket;
  const refreshed = await answerOf(at, broker.refresh());
  const list = await at.client.accounts(at.token.token);
  const account = list.ok ? list.value.accounts[0] : undefined;
  if (account === undefined) throw new Error("no account");
  const balance = await at.client.balance(at.token.token, account.accountIdKey, account.institutionType);

  const money = broker.money();

  expect(refreshed.ok).toBe(true);
  expect(money?.unrealised?.gt(40)).toBe(true);
  expect(money?.balance.plus(money.unrealised ?? 0).toFixed(2)).toBe(
    balance.ok ? balance.value.totalAccountValue?.toFixed(2) : "",
  );
});

test("a token that dies while the account is held keeps every order from leaving, and says what is missing", async () => {
  const at = await openHouse();
  const process = await openProcess(at);
  at.simulator.setFaults({ failNext: { where: "data", kind: "token_rejected", times: 10_000 } });

  await at.until(() => process.socket.state().phase === "waiting", "waiting");
  const standings = place(process, aTicket());
  await at.pass(1_000);

  expect(process.socket.state()).toMatchObject({ waitingFor: "token", lastTrouble: "BROKER_TOKEN_REJECTED" });
  expect(kinds(standings)).toEqual(["not-sent"]);
  at.simulator.setFaults({ failNext: null });
  await at.until(() => process.socket.broker.isReady(), "ready again");
});
