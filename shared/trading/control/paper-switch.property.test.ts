import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLog } from "../../../tests/support/token-house.ts";
import { openTradingHouse, rest, type TradingHouse } from "../../../tests/support/trading-house.ts";
import type { TradingBroker } from "../../brokers/trading-broker.ts";
import { configSchema } from "../../config/config.ts";
import { isDone } from "../order-progress.ts";
import { orderId, orders, type StoredTicket } from "../records.ts";
import { createTradingControl, type TradingControl } from "./command-trading.ts";

const PHONE = { kind: "telegram" } as const;

const deed = fc.record({
  kind: fc.constantFrom("open", "open", "open", "close", "switch", "back"),
  /** So many turns of the loop pass before the next one begins, and before an order's turn to leave has come. */
  turns: fc.integer({ min: 0, max: 12 }),
});
type Deed = { readonly kind: string; readonly turns: number };

const turn = () => new Promise((resolve) => setImmediate(resolve));

function controlOf(house: TradingHouse): TradingControl {
  const all = configSchema.parse({});
  const [account] = all.accounts;
  const [bot] = all.bots;
  if (account === undefined || bot === undefined) throw new Error("the defaults have accounts and bots");
  const connection = house.connection.id;
  let ids = 0;
  return createTradingControl({
    ...{ ...house, log: silentLog, audit: async () => undefined },
    config: {
      ...{ connections: [house.connection], safety: { ...all.safety, holdMinutes: 0 } },
      accounts: (["live", "paper"] as const).map((mode) => ({ ...account, connection, mode })),
      bots: [{ ...bot, id: "gold", connection, mode: "live" }],
    },
    newId() {
      ids += 1;
      return `id-${ids}`;
    },
  });
}

/** Writes an order of the bot down, as a tick does: whole, in one transaction. */
async function write(house: TradingHouse, clientOrderId: string, isClose: boolean): Promise<void> {
  const now = house.clock.now();
  const basis = {
    instrument: "EURUSD",
    side: "buy",
    quantity: new Decimal(1_000),
    timeInForce: "gtc",
  } as const;
  const ticket: StoredTicket = isClose
    ? { ...basis, type: "market", closes: "p1" }
    : { ...basis, type: "limit", limitPrice: new Decimal("1.08") };
  await house.store.transact(async (transaction) =>
    transaction.set(orders, orderId(house.connection.id, clientOrderId), {
      ...{ connection: house.connection.id, clientOrderId, source: "gold", bot: "gold", ticket },
      ...{ state: "created", isDue: true, createdAt: now, changedAt: now, sendBy: now.add({ minutes: 2 }) },
      filledQuantity: new Decimal(0),
    }),
  );
}

/** What left while the bot was on paper for everybody who asked, and what is left of its orders at the end. */
async function play(deeds: readonly Deed[]) {
  const house = await openTradingHouse();
  house.venue.behaviour = "rest";
  const control = controlOf(house);
  const worker = await house.start();
  await worker.open();
  const { place } = worker.broker;
  let isOnPaper = false;
  let delay = 0;
  const wrong: string[] = [];
  const slow: TradingBroker["place"] = async (ticket, mayLeave, standing) => {
    for (let left = delay; left > 0; left -= 1) await turn();
    place(
      ticket,
      () => {
        const may = mayLeave();
        if (may && isOnPaper && ticket.closes === undefined) wrong.push(ticket.clientOrderId);
        return may;
      },
      standing,
    );
  };
  worker.broker.place = slow;
  for (const [index, { kind, turns }] of deeds.entries()) {
    delay = turns;
    if (kind === "open" || kind === "close") {
      await write(house, `${kind}${index}`, kind === "close");
      void worker.executor.wake();
    } else if (kind === "switch") {
      await control.switchToPaper({ actor: PHONE, why: "test" });
      void worker.executor.control();
      isOnPaper = true;
    } else {
      isOnPaper = false;
      await control.backToLive({ actor: PHONE, phrase: "LIVE ALL", reason: "test" });
      void worker.executor.control();
    }
    for (let left = turns; left > 0; left -= 1) await turn();
  }
  delay = 0;
  for (let round = 0; round < 3; round += 1) {
    await worker.executor.control();
    await rest(worker.executor);
  }
  const found = (await house.store.query(orders)).map(({ value }) => value);
  await house.close();
  const opening = found.filter(({ ticket }) => ticket.closes === undefined);
  return { wrong, isOnPaper, working: opening.filter(({ state }) => !isDone(state)), found };
}

test("however switches, the way back and orders meet: nothing that opens leaves while the bot is on paper, none of it works on, and no close is kept back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 3, maxLength: 8 }), async (deeds) => {
      const { wrong, isOnPaper, working, found } = await play(deeds);

      expect(wrong).toEqual([]);
      if (isOnPaper) expect(working.map(({ clientOrderId }) => clientOrderId)).toEqual([]);
      // While a worker reads anew how things stand nothing leaves, and what did not can be asked for again.
      const closes = found.filter(({ ticket }) => ticket.closes !== undefined);
      expect(closes.filter(({ state }) => state !== "accepted" && state !== "not-sent")).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
