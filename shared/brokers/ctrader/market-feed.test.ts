import { Decimal } from "decimal.js";
import { expect, test } from "vitest";
import { openVenue } from "./testing/venue-client.ts";

const QUIET_MS = 10 * 60_000;

async function readyVenue() {
  const { rig, connect } = openVenue();
  const client = connect("feed");
  client.socket.start();
  await rig.timers.advance(10_000);
  const { market } = client.socket;
  return {
    ...{ rig, client, market },
    quote: () => market.quotes().find(({ symbol }) => symbol === "EURUSD"),
    rules: () => market.instruments().find(({ instrument }) => instrument === "EURUSD"),
  };
}

test("a price that does not move stays as young as the connection's last frame", async () => {
  const { rig, quote } = await readyVenue();
  rig.venue.freeze(true);
  await rig.timers.advance(1_000);
  const before = quote();

  await rig.timers.advance(QUIET_MS);
  const after = quote();

  expect(after?.bid).toEqual(before?.bid);
  const age = after?.at.until(rig.clock.now()).total("milliseconds");
  expect(age).toBeLessThan(60_000);
});

test("without a connection there is no price, however young it was", async () => {
  const { rig, client, market } = await readyVenue();

  client.cut();
  await rig.timers.advance(1_000);

  expect(market.quotes()).toEqual([]);
});

test("the rules of what is followed are told in the product's words, and the money in the account's currency", async () => {
  const { rig, client, rules } = await readyVenue();

  expect(rules()).toMatchObject({
    connection: "ctrader-demo",
    minimumQuantity: new Decimal(1_000),
    quantityStep: new Decimal(1_000),
    priceStep: new Decimal("0.00001"),
    currency: "USD",
    canSell: true,
    isTradable: true,
  });
  expect(client.socket.broker.money()?.currency).toMatch(/^[A-Z]{3}$/);
  await rig.timers.advance(1_000);
  rig.close();
});

test("a symbol that is followed later has its price, and one that the broker does not have costs none of the others", async () => {
  const { rig, market } = await readyVenue();
  const names = () => market.quotes().map(({ symbol }) => symbol);
  const before = names();

  market.follow?.(["NOSUCH", "XAUUSD"]);
  market.follow?.(["XAUUSD"]);
  await rig.timers.advance(10_000);
  const after = names();

  expect(before).not.toContain("XAUUSD");
  expect(after).toEqual([...before, "XAUUSD"]);
  rig.close();
});
