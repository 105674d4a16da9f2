import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { ERRORS } from "../errors.ts";
import type { AlertContent } from "./records.ts";
import { alertText, carriesLink, linkLabel, type TextFacts } from "./texts.ts";

const NOW = Temporal.Instant.from("2026-11-23T13:30:00Z");
const OPEN = Temporal.Instant.from("2026-11-23T14:30:00Z");
const MIDNIGHT = Temporal.Instant.from("2026-11-24T05:00:00Z");

const facts = (over: Partial<TextFacts> = {}): TextFacts => ({
  now: NOW,
  ownerTimeZone: "Europe/Paris",
  isSandbox: false,
  ...over,
});

const morning = (over: Partial<Extract<AlertContent, { kind: "morning" }>> = {}): AlertContent => ({
  kind: "morning",
  date: Temporal.PlainDate.from("2026-11-23"),
  open: OPEN,
  waiting: ["E*TRADE production"],
  unacknowledged: [],
  isHalfDay: false,
  isLastRung: false,
  ...over,
});

const renewed: AlertContent = {
  kind: "renewed",
  label: "E*TRADE production",
  generation: 7,
  accounts: 2,
  expiresAt: MIDNIGHT,
};
const failed: AlertContent = {
  kind: "login-failed",
  label: "E*TRADE production",
  code: "PIN_WRONG_TOO_OFTEN",
};
const rejected: AlertContent = {
  kind: "rejected",
  label: "E*TRADE production",
  code: "BROKER_TOKEN_REJECTED",
};
const keeping: AlertContent = {
  kind: "keep-alive-failing",
  label: "E*TRADE production",
  failuresInRow: 3,
  code: "BROKER_UNREACHABLE",
  idleAt: Temporal.Instant.from("2026-11-23T17:00:00Z"),
};
const ALL: readonly AlertContent[] = [morning(), renewed, failed, rejected, keeping, { kind: "link" }];

describe("the morning's message", () => {
  test("tells the open in Eastern, Pacific and the owner's time, and what is to be done", () => {
    const text = alertText(morning(), facts());

    expect(text).toContain("the market opens in 60 minutes");
    expect(text).toContain("09:30 ET · 06:30 PT · 15:30 Paris");
    expect(text).toContain("Needs your login: E*TRADE production");
  });

  test.each([
    ["2026-03-06", "2026-03-06T14:30:00Z", "09:30 ET · 06:30 PT · 15:30 Paris"],
    // Between the two continents' changes of the clock.
    ["2026-03-09", "2026-03-09T13:30:00Z", "09:30 ET · 06:30 PT · 14:30 Paris"],
    ["2026-03-30", "2026-03-30T13:30:00Z", "09:30 ET · 06:30 PT · 15:30 Paris"],
    ["2026-10-26", "2026-10-26T13:30:00Z", "09:30 ET · 06:30 PT · 14:30 Paris"],
    ["2026-11-02", "2026-11-02T14:30:00Z", "09:30 ET · 06:30 PT · 15:30 Paris"],
  ])("keeps the zones apart on %s", (date, instant, expected) => {
    const open = Temporal.Instant.from(instant);
    const content = morning({ date: Temporal.PlainDate.from(date), open });

    expect(alertText(content, facts({ now: open.subtract({ minutes: 30 }) }))).toContain(expected);
  });

  test("names one zone once", () => {
    const text = alertText(morning(), facts({ ownerTimeZone: "America/New_York" }));

    expect(text.match(/09:30 ET/g)).toHaveLength(1);
    expect(text).toContain("06:30 PT");
  });

  test.each([
    [10 * 60, "in 10 minutes"],
    [61, "in 2 minutes"],
    [60, "in 1 minute\n"],
    [1, "in 1 minute\n"],
  ])("counts %i seconds before the open as %j", (seconds, expected) => {
    expect(alertText(morning(), facts({ now: OPEN.subtract({ seconds }) }))).toContain(expected);
  });

  test("says that it is the last call, that it is a half day, and who is not confirmed", () => {
    const text = alertText(morning({ isLastRung: true, isHalfDay: true, unacknowledged: ["B"] }), facts());

    expect(text).toContain("Last call");
    expect(text).toContain("half day");
    expect(text).toContain("not confirmed by the worker: B");
    expect(alertText(morning(), facts())).not.toMatch(/Last call|half day|confirmed/);
  });
});

test("success says what was proven and until when it holds", () => {
  const text = alertText(renewed, facts());

  expect(text).toContain("E*TRADE production is active");
  expect(text).toContain("2 accounts answered");
  expect(text).toContain("midnight (00:00 ET");
  expect(text).toContain("PT");
  expect(text).toContain("06:00 Paris");
});

test.each([
  [failed, "PIN_WRONG_TOO_OFTEN"],
  [rejected, "BROKER_TOKEN_REJECTED"],
  [keeping, "BROKER_UNREACHABLE"],
] as const)("trouble is told with what happened and what to do", (content, code) => {
  const text = alertText(content, facts());

  expect(text).toContain("E*TRADE production");
  expect(text).toContain(ERRORS[code].summary);
  expect(text).toContain(ERRORS[code].next);
});

test("keep-alive trouble tells how often and until when there is time", () => {
  expect(alertText(keeping, facts())).toContain("3 calls in a row failed");
  expect(alertText(keeping, facts())).toContain("12:00 ET · 09:00 PT · 18:00 Paris");
});

test("a code that this version does not know is shown as it is", () => {
  expect(alertText({ ...failed, code: "SOMETHING_NEW" }, facts())).toContain("SOMETHING_NEW");
});

describe("every message", () => {
  test.each(ALL)("$kind fits a lock screen by its first line, and the messenger as a whole", (content) => {
    const text = alertText(content, facts({ words: ["amber", "otter"], isSandbox: true }));

    expect(text.split("\n")[0]?.length).toBeLessThanOrEqual(60);
    expect(text.length).toBeLessThan(600);
    expect(text).not.toMatch(/https?:|undefined|NaN|\[object/);
  });

  test.each(ALL)(
    "$kind shows the two words when it carries a link, and the sandbox's mark in a sandbox",
    (content) => {
      const words = ["amber", "otter"] as const;

      expect(alertText(content, facts({ words }))).toContain("amber otter");
      expect(alertText(content, facts())).not.toContain("words");
      expect(alertText(content, facts({ isSandbox: true }))).toContain("Simulated");
      expect(alertText(content, facts())).not.toContain("Simulated");
    },
  );

  test("carries a link unless there is nothing to do", () => {
    expect(ALL.filter((content) => !carriesLink(content)).map((content) => content.kind)).toEqual([
      "renewed",
    ]);
  });

  test("says on its button what it is for", () => {
    expect(ALL.map((content) => linkLabel(content))).toEqual([
      "Renew now",
      "Renew now",
      "Renew now",
      "Renew now",
      "Open Openbell",
      "Open Openbell",
    ]);
  });
});

describe("a token that lives longer than a day", () => {
  const endsAt = Temporal.Instant.from("2026-12-23T22:30:00Z");

  test("is told to be good until a day, and not until an hour of today", () => {
    expect(alertText({ ...renewed, expiresAt: endsAt }, facts())).toContain(
      "Good until Wed 2026-12-23 17:30 ET · 14:30 PT",
    );
  });

  test("that cannot be renewed is told by its end and by one failed call", () => {
    const { idleAt: _, ...rest } = keeping;
    const lost: AlertContent = { ...rest, failuresInRow: 1, code: "RENEWAL_OUTCOME_UNKNOWN", endsAt };

    const text = alertText(lost, facts());

    expect(text).toContain("A call failed. The broker's answer to a renewal was lost");
    expect(text).toContain("Without a renewal the token ends at Wed 2026-12-23 17:30 ET");
    expect(text).not.toContain("sleep");
  });
});
