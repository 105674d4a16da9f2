import fc from "fast-check";
import { expect, test } from "vitest";
import { fail, succeed } from "../../platform/result.ts";
import { readBars } from "./bar-history.ts";
import type { Channel } from "./channel.ts";
import type { Messages, ProtoOATrendbar } from "./protocol/open-api.generated.ts";

type Asked = Messages["ProtoOAGetTrendbarsReq"];

/** A broker that answers backwards from the end of the window, at most `page` bars at once. */
function aBroker(minutes: readonly number[], how: { page: number; saysMore: boolean; period?: "M1" | "M5" }) {
  const asked: Asked[] = [];
  const request = (async (_name: string, body: Asked) => {
    asked.push(body);
    const { fromTimestamp = 0, toTimestamp = 0 } = body;
    const fitting = minutes
      .filter((minute) => minute * 60_000 >= fromTimestamp && minute * 60_000 <= toTimestamp)
      .toSorted((a, b) => b - a);
    const trendbar: ProtoOATrendbar[] = fitting
      .slice(0, how.page)
      .map((minute) => ({ utcTimestampInMinutes: minute, volume: 1, period: "M1" }));
    const hasMore = fitting.length > how.page;
    const period = how.period ?? body.period;
    return succeed({ ctidTraderAccountId: 1, period, trendbar, ...(how.saysMore && { hasMore }) });
  }) as unknown as Channel["request"];
  return { request, asked };
}

const source = (request: Channel["request"], period: Asked["period"] = "M5") => ({
  request,
  account: 1,
  symbolId: 2,
  period,
});

const gap = (fromMinute: number, beforeMinute: number) => ({ fromMinute, beforeMinute, isLive: true });

test("a stretch is read whole however the broker cuts it, and nothing beyond it", async () => {
  const arbitrary = fc.record({
    minutes: fc.uniqueArray(fc.integer({ min: 0, max: 300_000 }), { maxLength: 60 }),
    from: fc.integer({ min: 1, max: 150_000 }),
    length: fc.integer({ min: 1, max: 200_000 }),
    page: fc.integer({ min: 1, max: 70 }),
  });
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ minutes, from, length, page }) => {
      const { request } = aBroker(minutes, { page, saysMore: true });

      const read = await readBars(source(request), gap(from, from + length));

      const expected = minutes.filter((minute) => minute >= from && minute < from + length);
      const got = read.ok ? read.value.map((bar) => bar.utcTimestampInMinutes ?? 0) : [];
      expect(got.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
    }),
  );
});

test("a great page that says nothing of more is not taken for all", async () => {
  const minutes = Array.from({ length: 1_200 }, (_, at) => at + 10);
  const { request, asked } = aBroker(minutes, { page: 500, saysMore: false });

  const read = await readBars(source(request, "M1"), gap(10, 1_210));

  expect(read.ok && new Set(read.value.map((bar) => bar.utcTimestampInMinutes)).size).toBe(1_200);
  expect(asked.length).toBeGreaterThan(2);
});

test("no window is wider than the widest that was ever documented", async () => {
  const { request, asked } = aBroker([], { page: 500, saysMore: true });

  await readBars(source(request, "M5"), gap(0, 200_000));

  const widest = Math.max(
    ...asked.map(({ fromTimestamp = 0, toTimestamp = 0 }) => toTimestamp - fromTimestamp),
  );
  expect(asked).toHaveLength(4);
  expect(widest).toBeLessThanOrEqual(3_024_000_000);
});

test("an answer of another period, and a failure, are no bars", async () => {
  const { request } = aBroker([5], { page: 9, saysMore: true, period: "M1" });
  const broken = (async () => fail("BROKER_TIMEOUT")) as unknown as Channel["request"];

  expect(await readBars(source(request, "M5"), gap(1, 9))).toMatchObject({ code: "BROKER_REPLY_UNREADABLE" });
  expect(await readBars(source(broken), gap(1, 9))).toMatchObject({ ok: false, code: "BROKER_TIMEOUT" });
});
