import { join } from "node:path";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AccountId } from "../../config/account.ts";
import { createSqliteStore } from "../../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../platform/local/temporary-folder.ts";
import type { Store } from "../../platform/store.ts";
import { createEquityWriter, rollLedgers } from "./keep-ledger.ts";
import { newAccountLedger, newBotLedger } from "./periods.ts";
import { accountLedgers, botLedgers, equityPoints, type Lot, type Period } from "./records.ts";

const ACCOUNT = "paper-ctrader-demo" as AccountId;
const SUNDAY = Temporal.Instant.from("2026-11-23T04:30:00Z");
const MONDAY = Temporal.Instant.from("2026-11-23T05:00:30Z");
const d = (value: number) => new Decimal(value);

const lotOf = (bot: string | undefined): Lot => ({
  positionId: `p-${bot}`,
  instrument: "GOLD",
  side: "buy",
  quantity: d(1),
  price: d(1),
  openedAt: SUNDAY,
  fees: d(0),
  ...(bot !== undefined && { bot }),
});

let folder: ReturnType<typeof makeTemporaryFolder>;
let store: Store;

beforeEach(() => {
  folder = makeTemporaryFolder();
  store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

test("of a minute the first point of the equity is kept, whoever writes", async () => {
  const at = Temporal.Instant.from("2026-11-23T15:00:10Z");
  const [one, other] = [createEquityWriter(store, ACCOUNT), createEquityWriter(store, ACCOUNT)];

  await one.write({ at, balance: d(100), unrealised: d(-3) });
  await one.write({ at: at.add({ seconds: 20 }), balance: d(200), unrealised: d(0) });
  await other.write({ at: at.add({ seconds: 30 }), balance: d(300), unrealised: d(0) });
  await other.write({ at: at.add({ seconds: 50 }), balance: d(400), unrealised: d(1) });

  const points = (await store.query(equityPoints)).map(({ value }) => value);
  expect(points.map(({ at: when, equity }) => [when.toString(), equity.toString()])).toEqual([
    ["2026-11-23T15:00:10Z", "97"],
    ["2026-11-23T15:01:00Z", "401"],
  ]);
});

test("a new day of the account and of its bots with lots is measured from what their lots stand at, once", async () => {
  const lots = [lotOf("gold"), lotOf("gold"), lotOf("oil"), lotOf(undefined)];
  await store.transact(async (transaction) => {
    transaction.set(accountLedgers, ACCOUNT, { ...newAccountLedger(ACCOUNT, SUNDAY), lots });
    for (const bot of ["gold", "oil", "idle"]) {
      transaction.set(botLedgers, `${ACCOUNT}:${bot}`, newBotLedger(ACCOUNT, bot, SUNDAY));
    }
  });
  const days = async () => {
    const account = await store.get(accountLedgers, ACCOUNT);
    const bots = (await store.query(botLedgers)).map(({ value }) => value);
    return [account, ...bots].map((one) => `${one?.day.date} ${one?.week.date} ${one?.day.unrealisedBefore}`);
  };

  await rollLedgers(store, ACCOUNT, { now: SUNDAY, unrealisedOf: (open) => d(open.length) });
  const before = await days();
  await rollLedgers(store, ACCOUNT, { now: MONDAY, unrealisedOf: (open) => d(open.length) });
  await rollLedgers(store, ACCOUNT, { now: MONDAY.add({ minutes: 1 }), unrealisedOf: () => d(99) });

  expect(before).toEqual(Array.from({ length: 4 }, () => "2026-11-22 2026-11-16 0"));
  expect(await days()).toEqual([
    "2026-11-23 2026-11-23 4",
    "2026-11-23 2026-11-23 2",
    "2026-11-22 2026-11-16 0",
    "2026-11-23 2026-11-23 1",
  ]);
});

test("a bot's day begins also where a fill of another bot has begun the account's", async () => {
  const lots = [lotOf("gold"), lotOf("oil")];
  await store.transact(async (transaction) => {
    const begun = newAccountLedger(ACCOUNT, MONDAY);
    transaction.set(accountLedgers, ACCOUNT, { ...begun, lots });
    transaction.set(botLedgers, `${ACCOUNT}:gold`, newBotLedger(ACCOUNT, "gold", MONDAY));
    transaction.set(botLedgers, `${ACCOUNT}:oil`, newBotLedger(ACCOUNT, "oil", SUNDAY));
  });

  await rollLedgers(store, ACCOUNT, { now: MONDAY.add({ seconds: 30 }), unrealisedOf: () => d(-7) });

  const oil = await store.get(botLedgers, `${ACCOUNT}:oil`);
  expect(`${oil?.day.date} ${oil?.week.date} ${oil?.day.unrealisedBefore}`).toBe("2026-11-23 2026-11-23 -7");
  expect((await store.get(accountLedgers, ACCOUNT))?.day.unrealisedBefore.toFixed()).toBe("0");
});

test("a book whose lots have no price waits with its day, and holds up no other", async () => {
  const lots = [lotOf("gold"), lotOf("oil")];
  await store.transact(async (transaction) => {
    transaction.set(accountLedgers, ACCOUNT, { ...newAccountLedger(ACCOUNT, SUNDAY), lots });
    for (const bot of ["gold", "oil"]) {
      transaction.set(botLedgers, `${ACCOUNT}:${bot}`, newBotLedger(ACCOUNT, bot, SUNDAY));
    }
  });
  const isPriced = (open: readonly Lot[]) => open.every((lot) => lot.bot === "gold");

  await rollLedgers(store, ACCOUNT, {
    now: MONDAY,
    unrealisedOf: (open) => (isPriced(open) ? d(-7) : undefined),
  });

  const days = (await store.query(botLedgers)).map(({ value }) => `${value.bot} ${value.day.date}`);
  expect(days).toEqual(["gold 2026-11-23", "oil 2026-11-22"]);
  expect((await store.get(accountLedgers, ACCOUNT))?.day.date).toBe("2026-11-22");
});

test("a day that a fill began without a price is measured from the first one, by the lots from before", async () => {
  const fresh = { ...lotOf("gold"), openedAt: MONDAY.add({ seconds: 5 }) };
  const lots = [lotOf("gold"), fresh];
  const unmeasured = <B extends { day: Period }>(book: B): B => ({
    ...book,
    day: { ...book.day, realised: d(-3), isUnpriced: true as const },
  });
  await store.transact(async (transaction) => {
    transaction.set(accountLedgers, ACCOUNT, { ...unmeasured(newAccountLedger(ACCOUNT, MONDAY)), lots });
    transaction.set(botLedgers, `${ACCOUNT}:gold`, unmeasured(newBotLedger(ACCOUNT, "gold", MONDAY)));
  });
  const days = async () =>
    [await store.get(accountLedgers, ACCOUNT), await store.get(botLedgers, `${ACCOUNT}:gold`)].map(
      (book) => `${book?.day.realised} ${book?.day.unrealisedBefore} ${book?.day.isUnpriced ?? "measured"}`,
    );

  await rollLedgers(store, ACCOUNT, { now: MONDAY.add({ seconds: 9 }), unrealisedOf: () => undefined });
  const before = await days();
  const priced = (open: readonly Lot[]) => d(open.length * -7);
  await rollLedgers(store, ACCOUNT, { now: MONDAY.add({ minutes: 1 }), unrealisedOf: priced });
  await rollLedgers(store, ACCOUNT, { now: MONDAY.add({ minutes: 2 }), unrealisedOf: () => d(99) });

  expect(before).toEqual(["-3 0 true", "-3 0 true"]);
  expect(await days()).toEqual(["-3 -7 measured", "-3 -7 measured"]);
});

test("an account of which no fill is known has no day to begin", async () => {
  await rollLedgers(store, ACCOUNT, { now: MONDAY, unrealisedOf: () => d(1) });

  expect(await store.get(accountLedgers, ACCOUNT)).toBeUndefined();
});
