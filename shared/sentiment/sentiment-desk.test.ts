import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recordedLog } from "../../tests/support/recorded-log.ts";
import { configSchema } from "../config/config.ts";
import { createSqliteStore } from "../platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../platform/local/temporary-folder.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";
import type { Store } from "../platform/store.ts";
import type { Opinion, OpinionFailure } from "./perplexity-client.ts";
import { opinionId, opinions, spendings } from "./records.ts";
import { createSentimentDesk } from "./sentiment-desk.ts";
import type { SentimentSource } from "./source.ts";

const NOON = Temporal.Instant.from("2026-03-10T16:00:00Z");
const OPTIONS = configSchema.parse({}).sentiment;

let folder: { readonly path: string; remove(): void };
let store: Store;
let asked: string[];
let answer: (instrument: string) => Promise<Result<Opinion, OpinionFailure>>;
let key: Result<Secret, "CREDENTIAL_MISSING">;
let log: ReturnType<typeof recordedLog>;

beforeEach(() => {
  folder = makeTemporaryFolder();
  store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
  asked = [];
  answer = async () => succeed({ score: 0.5 });
  key = succeed(Secret.of("pplx-CANARY"));
  log = recordedLog();
});
afterEach(async () => {
  await store.close();
  folder.remove();
  expect(log.text()).not.toContain("CANARY");
});

/** A desk as one process has it; several share the store. */
function openDesk(options: Partial<typeof OPTIONS> = {}): SentimentSource {
  return createSentimentDesk(
    {
      store,
      log: log.log,
      readKey: async () => key,
      ask: (secret, instrument) => {
        asked.push(`${instrument} with ${secret.reveal()}`);
        return answer(instrument);
      },
    },
    { ...OPTIONS, ...options },
  );
}

const neutral = (at = NOON) => ({ score: 0, isNeutralised: true, at });

describe("what was answered", () => {
  test("is the sentiment, and is asked for once while it is fresh, by whatever process", async () => {
    expect(await openDesk().about("PALMOIL", NOON)).toEqual({ score: 0.5, isNeutralised: false, at: NOON });

    const again = await openDesk().about("PALMOIL", NOON.add({ minutes: 59 }));

    expect(again).toEqual({ score: 0.5, isNeutralised: false, at: NOON });
    expect(asked).toEqual(["PALMOIL with pplx-CANARY"]);
  });

  test("is asked for anew when it is old", async () => {
    await openDesk().about("PALMOIL", NOON);
    answer = async () => succeed({ score: -0.2 });
    const later = NOON.add({ minutes: 60 });

    expect(await openDesk().about("PALMOIL", later)).toEqual({
      score: -0.2,
      isNeutralised: false,
      at: later,
    });
  });

  test("is of its instrument only, also where names are alike", async () => {
    const desk = openDesk();
    await desk.about("A/B", NOON);
    answer = async () => succeed({ score: -1 });

    expect((await desk.about("A_2fB", NOON)).score).toBe(-1);
    expect((await desk.about("A/B", NOON)).score).toBe(0.5);
    expect(opinionId("A/B")).not.toBe(opinionId("A_2fB"));
  });

  test("is old when its moment lies ahead, as after a clock that was put back", async () => {
    await openDesk().about("PALMOIL", NOON);
    await openDesk().about("PALMOIL", NOON.subtract({ minutes: 10 }));

    expect(asked).toHaveLength(2);
  });
});

describe("asked at once", () => {
  test("by one process, it is one question", async () => {
    const desk = openDesk();

    const answers = await Promise.all([1, 2, 3].map(() => desk.about("PALMOIL", NOON)));

    expect(asked).toHaveLength(1);
    expect(answers.map(({ score }) => score)).toEqual([0.5, 0.5, 0.5]);
  });

  test("by several processes, one asks and the others do not wait: theirs is neutral", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    answer = async () => {
      await held;
      return succeed({ score: 0.5 });
    };
    let settled = 0;
    const answers = [1, 2, 3, 4].map(async () => {
      const said = await openDesk().about("PALMOIL", NOON);
      settled += 1;
      if (settled === 3) release();
      return said;
    });

    const said = await Promise.all(answers);

    expect(asked).toHaveLength(1);
    expect(said.filter(({ isNeutralised }) => !isNeutralised)).toHaveLength(1);
    expect((await store.get(spendings, "2026-03-10"))?.questions).toBe(1);
  });
});

describe("the day's money", () => {
  const dear = { dailyCost: 0.03, costPerQuestion: 0.01, cacheMinutes: 1 };

  test("allows so many questions and not one more, whoever asks", async () => {
    const desks = Array.from({ length: 10 }, () => openDesk(dear));

    const answers = await Promise.all(desks.map((desk, index) => desk.about(`X${index}`, NOON)));

    expect(asked).toHaveLength(3);
    expect(answers.filter(({ isNeutralised }) => isNeutralised)).toHaveLength(7);
    const day = await store.get(spendings, "2026-03-10");
    expect([day?.spent.toFixed(), day?.questions]).toEqual(["0.03", 3]);
  });

  test("is there again after midnight in New York, not in UTC", async () => {
    const desk = openDesk({ ...dear, dailyCost: 0.01 });
    await desk.about("A", Temporal.Instant.from("2026-03-10T23:00:00Z"));

    const sameDay = await desk.about("B", Temporal.Instant.from("2026-03-11T03:59:00Z"));
    const nextDay = await desk.about("B", Temporal.Instant.from("2026-03-11T04:00:00Z"));

    expect([sameDay.isNeutralised, nextDay.isNeutralised]).toEqual([true, false]);
  });

  test("of nothing asks nothing", async () => {
    expect(await openDesk({ dailyCost: 0 }).about("PALMOIL", NOON)).toEqual(neutral());
    expect(asked).toEqual([]);
  });

  test("is counted before the question, so that one that fails or hangs is paid for", async () => {
    let spentWhenAsked: string | undefined;
    answer = async () => {
      spentWhenAsked = (await store.get(spendings, "2026-03-10"))?.spent.toFixed();
      throw new Error("the process dies");
    };

    expect(await openDesk().about("PALMOIL", NOON)).toEqual(neutral());
    expect(spentWhenAsked).toBe("0.01");
  });

  test("does not keep a known answer from being given", async () => {
    const desk = openDesk({ dailyCost: 0.01 });
    await desk.about("PALMOIL", NOON);
    await desk.about("XAUUSD", NOON);

    expect((await desk.about("PALMOIL", NOON.add({ minutes: 5 }))).isNeutralised).toBe(false);
  });
});

describe("what goes wrong is neutral and says so:", () => {
  test.each(["SENTIMENT_UNAVAILABLE", "SENTIMENT_UNREADABLE", "SENTIMENT_KEY_REFUSED"] as const)(
    "%s is told in the log and not asked again for five minutes",
    async (code) => {
      answer = async () => fail(code, { status: 500 });
      const desk = openDesk();

      expect(await desk.about("PALMOIL", NOON)).toEqual(neutral());
      const soon = NOON.add({ minutes: 4, seconds: 59 });
      expect(await openDesk().about("PALMOIL", soon)).toEqual(neutral(soon));
      expect(asked).toHaveLength(1);
      expect(log.text()).toContain(code);
      expect((await store.get(opinions, "PALMOIL"))?.failed).toBe(code);

      answer = async () => succeed({ score: 0.1 });
      expect((await desk.about("PALMOIL", NOON.add({ minutes: 5 }))).score).toBe(0.1);
      expect((await store.get(opinions, "PALMOIL"))?.failed).toBeUndefined();
    },
  );

  test("no key costs nothing, and the first one that is entered is used at once", async () => {
    key = fail("CREDENTIAL_MISSING");
    const desk = openDesk();

    expect(await desk.about("PALMOIL", NOON)).toEqual(neutral());
    expect(await store.get(spendings, "2026-03-10")).toBeUndefined();

    key = succeed(Secret.of("pplx-CANARY"));
    expect((await desk.about("PALMOIL", NOON)).isNeutralised).toBe(false);
  });

  test("a store that fails", async () => {
    const desk = openDesk();
    await store.close();

    expect(await desk.about("PALMOIL", NOON)).toEqual(neutral());
    expect(asked).toEqual([]);
    store = createSqliteStore({ path: join(folder.path, "store.db") });
  });

  test("an old answer does not stand in for one that failed", async () => {
    const desk = openDesk();
    await desk.about("PALMOIL", NOON);
    answer = async () => fail("SENTIMENT_UNAVAILABLE");
    const later = NOON.add({ hours: 2 });

    expect(await desk.about("PALMOIL", later)).toEqual(neutral(later));
  });
});
