/** The morning's list and the day's sentiment in the local stack, by the product's own parts and the simulators. */
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSentiment } from "../shared/app-sentiment.ts";
import { spendings } from "../shared/sentiment/records.ts";
import { watchlists } from "../shared/trading/scan/records.ts";
import { ticks } from "../shared/trading/ticks/records.ts";
import { setFaults } from "./support/sandbox-orders.ts";
import { openTestStack, renewByHttp, signIn, type TestStack } from "./support/stack.ts";

/** Half a minute before 08:30 in New York. */
const START = Temporal.Instant.from("2026-11-23T13:29:30Z");
const LIST = "opening-momentum:2026-11-23";

let stack: TestStack;
beforeEach(async () => {
  // Without accounts and bots of its own a file has those of the defaults.
  stack = await openTestStack({
    ...{ startAt: START, isHurried: true },
    config: { accounts: undefined, bots: undefined },
  });
});
afterEach(() => stack.close());

const moveTo = (time: string) => stack.clock.advanceTo(Temporal.Instant.from(`2026-11-23T${time}Z`));
const theList = () => stack.app.platform.store.get(watchlists, LIST);

test("no list is made while no token lives; the fresh token makes it at the next minute, and it stays", async () => {
  await signIn(stack);
  await moveTo("13:33:00");
  const before = await theList();

  await renewByHttp(stack);
  await moveTo("13:35:00");
  const made = await theList();
  await moveTo("14:24:00");

  expect(before).toBeUndefined();
  expect(made?.rows.map(({ instrument }) => instrument).sort()).toEqual([
    "AAPL",
    "AMZN",
    "MSFT",
    "NVDA",
    "TSLA",
  ]);
  expect(made?.rows.every(({ gapPercent, volume }) => gapPercent !== undefined && volume > 0)).toBe(true);
  const later = await theList();
  if (made !== undefined && made.instruments.length > 0) expect(later).toEqual(made);
  else expect(later?.at.epochMilliseconds).toBeGreaterThan(made?.at.epochMilliseconds ?? 0);
});

test("a bot that needs a list does not trade without one, and its ticks say why", async () => {
  await moveTo("14:33:30");

  const found = await stack.app.platform.store.query(ticks, { where: { bot: "opening-momentum" } });

  expect(found.length).toBeGreaterThan(0);
  expect(new Set(found.map(({ value }) => value.reason))).toEqual(new Set(["NO_WATCHLIST"]));
});

test("the sentiment is the simulator's, costs once, and is neutral when the simulator fails", async () => {
  const { platform, options } = stack.app;
  const now = stack.clock.now();
  const ask = (instrument: string) => openSentiment(platform, options).about(instrument, now);
  await setFaults(stack, "perplexity", { mood: "good" });

  const good = [await ask("PALMOIL"), await ask("PALMOIL")];
  await setFaults(stack, "perplexity", { answers: "injected" });
  const injected = await ask("XAUUSD");
  await setFaults(stack, "perplexity", { answers: null, serverError: 1 });
  const failed = await ask("EURUSD");

  expect(good.map(({ score }) => score)).toEqual([0.8, 0.8]);
  expect([injected, failed]).toEqual([
    { score: 0, isNeutralised: true, at: now },
    { score: 0, isNeutralised: true, at: now },
  ]);
  expect((await platform.store.get(spendings, "2026-11-23"))?.questions).toBe(3);
  expect(stack.logged()).not.toContain("pplx-");
});

test("a sandbox that names no stand-in asks nobody", async () => {
  const { platform, options } = stack.app;
  const { sentimentApiRoot: _, ...without } = options;
  const now = stack.clock.now();

  expect(await openSentiment(platform, without).about("PALMOIL", now)).toMatchObject({ isNeutralised: true });
  expect(await platform.store.get(spendings, "2026-11-23")).toBeUndefined();
  expect(stack.simulators.perplexity.board.state?.()).toMatchObject({ questions: 0 });
});
