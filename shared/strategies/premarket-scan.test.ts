import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Candidate, rankCandidates } from "./premarket-scan.ts";
import { scanTermsSchema } from "./scan-terms.ts";

const TERMS = scanTermsSchema.parse({});

function aCandidate(instrument: string, over: Partial<Candidate> = {}): Candidate {
  return { instrument, last: 103, previousClose: 100, volume: 50_000, bid: 102.9, ask: 103.1, ...over };
}

function listed(candidates: readonly Candidate[], terms: object = {}): readonly string[] {
  return rankCandidates(candidates, scanTermsSchema.parse(terms)).watchlist;
}

test("the widest gap comes first, then the larger volume, then the name", () => {
  const candidates = [
    aCandidate("B"),
    aCandidate("A"),
    aCandidate("LOUD", { volume: 60_000 }),
    aCandidate("WIDE", { last: 105 }),
  ];

  expect(listed(candidates)).toEqual(["WIDE", "LOUD", "A", "B"]);
});

describe("left out, with the reason:", () => {
  test.each<[string, Partial<Candidate>, Partial<Candidate>]>([
    ["gap too small", { last: 100.99 }, { last: 101 }],
    ["too little volume", { volume: 9_999 }, { volume: 10_000 }],
    ["spread too wide", { bid: 102, ask: 103 }, { bid: 102.75, ask: 103.25 }],
    ["price out of bounds", { last: 4.99, previousClose: 4 }, { last: 5, previousClose: 4 }],
    ["price out of bounds", { last: 1_000.01 }, { last: 1_000 }],
    ["has no usable price", { previousClose: 0 }, {}],
    ["has no usable price", { previousClose: Number.NaN }, {}],
    ["has no usable price", { bid: 103.2, ask: 103.1 }, {}],
    ["has no usable price", { bid: Number.NaN }, {}],
    ["has no usable price", { last: Number.POSITIVE_INFINITY, previousClose: 1 }, {}],
    ["too little volume", { volume: Number.NaN }, {}],
  ])("%s (%j, but not %j)", (left, out, within) => {
    const scan = rankCandidates([aCandidate("OUT", out), aCandidate("IN", within)], TERMS);

    expect(scan.watchlist).toEqual(["IN"]);
    expect(scan.rows.find(({ instrument }) => instrument === "OUT")?.left).toBe(left);
  });
});

test.each([
  ["up", ["UP"]],
  ["down", ["DOWN"]],
  ["both", ["DOWN", "UP"]],
])("where only gaps %s count, the list is %j", (gaps, expected) => {
  const candidates = [aCandidate("UP", { last: 102 }), aCandidate("DOWN", { last: 97 })];

  expect(listed(candidates, { gaps })).toEqual(expected);
});

test("the list ends where it is long enough, and the rest is told apart", () => {
  const scan = rankCandidates(
    [aCandidate("A", { last: 109 }), aCandidate("B"), aCandidate("C", { last: 100 })],
    {
      ...TERMS,
      most: 1,
    },
  );

  expect(scan.watchlist).toEqual(["A"]);
  expect(scan.rows.map(({ instrument, left }) => [instrument, left])).toEqual([
    ["A", undefined],
    ["B", "beyond the best 1"],
    ["C", "gap too small"],
  ]);
});

test("the order in which they come makes no difference, and each comes back once", () => {
  const number = fc.oneof(
    fc.double({ min: 0.01, max: 500, noNaN: true }),
    fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY),
  );
  const anyCandidates = fc
    .uniqueArray(fc.constantFrom("A", "B", "C", "D", "E", "F"), { minLength: 1 })
    .chain((names) =>
      fc.tuple(
        ...names.map((instrument) =>
          fc.record({
            instrument: fc.constant(instrument),
            ...{ last: number, previousClose: number, volume: number, bid: number, ask: number },
          }),
        ),
      ),
    );
  const shuffled = anyCandidates.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, fc.constantFrom("both", "up", "down"), ([all, mixed], gaps) => {
      const terms = { ...TERMS, gaps: gaps as "both", volume: 1 };
      const scan = rankCandidates(all, terms);

      expect(rankCandidates(mixed, terms).watchlist).toEqual(scan.watchlist);
      expect(scan.rows.map(({ instrument }) => instrument).sort()).toEqual(
        all.map((one) => one.instrument).sort(),
      );
      expect(scan.watchlist.length).toBeLessThanOrEqual(TERMS.most);
    }),
    { numRuns: 500 },
  );
});

test.each([
  { from: "09:30", until: "09:00" },
  { lowestPrice: 10, highestPrice: 5 },
  { from: "25:00" },
  { most: 51 },
])("terms of %j are refused", (terms) => {
  expect(scanTermsSchema.safeParse(terms).success).toBe(false);
});
