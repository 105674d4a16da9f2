import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ACCOUNT, d, NOW, RECORD } from "../../tests/support/risk-facts.ts";
import { openPlace, type TickPlace } from "../../tests/support/tick-house.ts";
import { configSchema } from "../config/config.ts";
import { createVirtualClock } from "../platform/local/virtual-clock.ts";
import { accounts } from "../trading/account-record.ts";
import { type EquityPoint, equityPoints } from "../trading/ledger/records.ts";
import { reportEquity, thinned } from "./equity-report.ts";
import { equitySchema } from "./trading-api.ts";

const config = configSchema.parse({});
const clock = createVirtualClock({ start: NOW });
let place: TickPlace;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.close());

const aPoint = (minutesAgo: number, equity: number): EquityPoint => ({
  account: ACCOUNT,
  at: NOW.subtract({ minutes: minutesAgo }),
  balance: d(equity),
  unrealised: d(0),
  equity: d(equity),
});

async function put(points: readonly EquityPoint[]): Promise<void> {
  await place.store.transact(async (transaction) => {
    for (const point of points) {
      transaction.set(equityPoints, `${point.account}:${point.at.epochMilliseconds / 60_000}`, point);
    }
  });
}

async function report(question: { account: string; hours?: number }) {
  const found = await reportEquity({ store: place.store, clock, config }, question);
  if (!found.ok) throw new Error(found.code);
  return equitySchema.parse(found.value);
}

test("the curve has the account's own points within the hours, oldest first, and ends with what is known now", async () => {
  const other = "paper-etrade-production" as typeof ACCOUNT;
  await put([aPoint(1, 3), aPoint(59, 2), aPoint(60, 1), aPoint(61, 9), { ...aPoint(2, 7), account: other }]);
  await place.store.transact(async (transaction) =>
    transaction.set(accounts, ACCOUNT, { ...RECORD, equity: d("4.5"), at: NOW.subtract({ seconds: 20 }) }),
  );

  const { points, currency, from } = await report({ account: ACCOUNT, hours: 1 });

  expect(points.map(({ equity }) => equity)).toEqual(["1", "2", "3", "4.5"]);
  expect(currency).toBe("USD");
  expect(from).toBe("2026-03-04T14:00:00.000Z");
});

test("an account that no worker has led has no point, and one that nobody knows no curve", async () => {
  expect((await report({ account: ACCOUNT })).points).toEqual([]);
  expect(
    await reportEquity({ store: place.store, clock, config }, { account: "paper-nobody" }),
  ).toMatchObject({
    ok: false,
    code: "SCOPE_UNKNOWN",
  });
});

test("two days of points come as a bounded curve, the deepest and the highest among them", async () => {
  const flat = Array.from({ length: 2_000 }, (_, index) => aPoint(2_000 - index, 10_000));
  flat[700] = aPoint(1_300, 9_000);
  flat[1_501] = aPoint(499, 11_000);
  await put(flat);

  const { points } = await report({ account: ACCOUNT, hours: 48 });

  expect(points.length).toBeLessThanOrEqual(242);
  expect(points.map(({ equity }) => equity)).toEqual(expect.arrayContaining(["9000", "11000"]));
  const instants = points.map(({ at }) => at);
  expect(instants).toEqual(instants.toSorted());
  expect(instants[0]).toBe(flat[0]?.at.toString({ fractionalSecondDigits: 3 }));
});

test("what is short is not thinned", () => {
  const points = Array.from({ length: 240 }, (_, index) => aPoint(240 - index, index));

  expect(thinned(points)).toEqual(points);
  expect(thinned([...points, aPoint(0, 1)]).at(-1)?.at).toEqual(Temporal.Instant.from(NOW));
});
