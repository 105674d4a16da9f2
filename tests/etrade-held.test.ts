/** An E*TRADE account as a worker holds it: its token, its phases, its end. */
import { Decimal } from "decimal.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HeldSocketState } from "../shared/brokers/held-socket.ts";
import type { OrderStanding, OrderTicket } from "../shared/brokers/trading-broker.ts";
import { type EtradeHouse, type EtradeProcess, openEtradeHouse } from "./support/etrade-house.ts";

let house: EtradeHouse;

beforeEach(async () => {
  house = await openEtradeHouse();
});
afterEach(() => house.close());

function phasesOf({ socket }: EtradeProcess): HeldSocketState[] {
  const states: HeldSocketState[] = [];
  socket.watch((state) => states.push(state));
  return states;
}

const readyOf = ({ socket }: EtradeProcess) => house.until(() => socket.broker.isReady(), "ready");

const aTicket = (over: Partial<OrderTicket> = {}): OrderTicket => ({
  ...{ clientOrderId: "held1", instrument: "KO", side: "buy", type: "market" },
  ...{ quantity: new Decimal(1), timeInForce: "ioc" },
  ...over,
});

test("nothing is asked before the start, and it passes through its phases to ready", async () => {
  const process = house.open();
  const states = phasesOf(process);
  const before = house.asked.length;
  await house.pass(5_000);
  const asked = house.asked.length - before;

  process.socket.start();
  await readyOf(process);

  expect(asked).toBe(0);
  const phases = states.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
  expect(phases).toEqual(["connecting", "reconciling", "ready"]);
  expect(process.socket.state()).toEqual({ phase: "ready", generation: 1 });
  expect(process.socket.broker.positions().length).toBeGreaterThan(0);
  expect(process.socket.lastFrameAt()).toBeGreaterThan(0);
});

test("this clock is compared with the broker's by the date of its answers", async () => {
  const process = house.open();
  const before = process.socket.driftMs?.();

  process.socket.start();
  await readyOf(process);

  expect([before, process.socket.driftMs?.()]).toEqual([undefined, 0]);
});

test("without a token it waits, asks nothing, and is up soon after it was woken with one", async () => {
  const { token } = house;
  house.tokens.held = undefined;
  const process = house.open();
  const before = house.asked.length;
  process.socket.start();
  await house.pass(20_000);
  const waiting = process.socket.state();
  const asked = house.asked.length - before;

  house.tokens.held = token;
  process.socket.wake();
  await house.pass(3_000);

  expect(waiting).toEqual({ phase: "waiting", waitingFor: "token" });
  expect(asked).toBe(0);
  expect(process.socket.state().phase).toBe("ready");
});

test("a proof makes real calls, and the account goes on with that token without a pause", async () => {
  const process = house.open();
  process.socket.start();
  await readyOf(process);
  const states = phasesOf(process);
  const second = await house.logInAgain(2);
  const before = house.asked.length;

  const proof = process.socket.prove(second);
  await house.pass(2_000);

  expect(await proof).toMatchObject({ ok: true, value: { accounts: 3 } });
  expect(house.asked.slice(before).filter((call) => call.endsWith("accounts/list.json"))).toHaveLength(1);
  expect(states.filter(({ phase }) => phase !== "ready")).toEqual([]);
  expect(process.socket.state().generation).toBe(2);
});

test("a proof while it waits for a token brings it up, and a bad token proves nothing", async () => {
  house.tokens.held = undefined;
  const process = house.open();
  process.socket.start();
  await house.pass(1_000);
  house.simulator.setFaults({ failNext: { where: "data", kind: "token_rejected", times: 1 } });

  const bad = process.socket.prove(house.token);
  await house.pass(1_000);
  const after = process.socket.state().phase;
  const good = process.socket.prove(house.token);
  await house.pass(5_000);

  expect(await bad).toMatchObject({ ok: false, code: "BROKER_TOKEN_REJECTED" });
  expect(after).toBe("waiting");
  expect(await good).toMatchObject({ ok: true });
  expect(process.socket.state()).toMatchObject({ phase: "ready", generation: 1 });
});

test("a refused token goes to its keeper once, and what that gives is used at once", async () => {
  const process = house.open();
  process.socket.start();
  await readyOf(process);
  house.tokens.next = await house.logInAgain(2);
  house.simulator.setFaults({ failNext: { where: "orders", kind: "token_rejected", times: 1 } });

  await house.until(() => process.socket.state().generation === 2, "the second token");
  await readyOf(process);

  expect(house.tokens.refusals).toEqual([1]);
});

test("an account that this login does not have needs a person, and nothing is traded on another", async () => {
  const process = house.open({ account: "ZZZZ" });
  const standings: OrderStanding[] = [];
  process.socket.start();
  await house.pass(5_000);

  process.socket.broker.place(
    aTicket(),
    () => true,
    (standing) => standings.push(standing),
  );
  await house.pass(3_000);

  expect(process.socket.state()).toMatchObject({ waitingFor: "person", lastTrouble: "ACCOUNT_MISSING" });
  expect(standings).toEqual([{ kind: "not-sent" }]);
});

test("dropped, it is stopped at once and stays so; started again, it compares anew", async () => {
  const process = house.open();
  process.socket.start();
  await readyOf(process);

  process.socket.drop();
  const dropped = [process.socket.state().phase, process.socket.broker.isReady()];
  const before = house.asked.length;
  await house.pass(60_000);
  const asked = house.asked.length - before;
  process.socket.start();
  await readyOf(process);

  expect(dropped).toEqual(["stopped", false]);
  expect(asked).toBe(0);
});

test("stopped, it takes no order more and waits for the answer of the one that is on its way", async () => {
  const process = house.open();
  process.socket.start();
  await readyOf(process);
  const first: OrderStanding[] = [];
  const second: OrderStanding[] = [];
  const { broker } = process.socket;
  broker.place(
    aTicket(),
    () => true,
    (standing) => first.push(standing),
  );
  await house.until(() => house.asked.some((call) => call.endsWith("orders/place.json")), "placed");

  const stopped = process.socket.stop({ settleMs: 6_000 });
  broker.place(
    aTicket({ clientOrderId: "held2" }),
    () => true,
    (standing) => second.push(standing),
  );
  await house.pass(2_000);
  await stopped;

  expect(first[0]?.kind).toBe("accepted");
  expect(second).toEqual([{ kind: "not-sent" }]);
  expect(process.socket.state().phase).toBe("stopped");
});

test("quotes of the watched stocks are there once it is ready, and gone when it is dropped", async () => {
  const process = house.open();
  process.socket.start();
  await readyOf(process);
  await house.pass(6_000);
  const shown = process.socket.market.quotes().map(({ symbol }) => symbol);

  process.socket.drop();

  expect(shown).toEqual(["AAPL"]);
  expect(process.socket.market.quotes()).toEqual([]);
});
