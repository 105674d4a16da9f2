import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { silentLog } from "../../tests/support/token-house.ts";
import { aToken, CONNECTION, ISSUED } from "../../tests/support/token-records.ts";
import { createVirtualClock } from "../platform/local/virtual-clock.ts";
import type { TokenEvent } from "../tokens/token-events.ts";
import type { NewAlert } from "./outbox.ts";
import { createOwnerAlerts } from "./owner-alerts.ts";

function createTold(
  over: {
    post?: () => Promise<never>;
    noteArmed?: () => Promise<void>;
    noteDisarmed?: () => Promise<void>;
  } = {},
) {
  const posted: { id: string; alert: NewAlert }[] = [];
  const armed: string[] = [];
  const announce = createOwnerAlerts({
    clock: createVirtualClock({ start: ISSUED }),
    log: silentLog,
    post: async (id, alert) => {
      posted.push({ id, alert });
      return "sent";
    },
    noteArmed: async () => {
      armed.push("armed");
    },
    noteDisarmed: async ({ generation }) => {
      armed.push(`disarmed ${generation}`);
    },
    ...over,
  });
  return { announce, posted, armed };
}

const about = { connection: CONNECTION };
const acknowledgement = {
  connection: CONNECTION.id,
  generation: 3,
  version: 5,
  by: "worker",
  at: ISSUED,
  accounts: 2,
  latencyMs: 10,
  account: "1111",
};
const acknowledged: TokenEvent = {
  ...about,
  kind: "acknowledged",
  record: aToken({ generation: 3, version: 5 }),
  acknowledgement,
};
const failing = (streak: string, failuresInRow: number): TokenEvent => ({
  ...about,
  kind: "keep-alive-failing",
  generation: 3,
  failuresInRow,
  code: "BROKER_UNREACHABLE",
  streak,
  idleAt: ISSUED,
});

test.each([
  [acknowledged, "acknowledged:etrade-production:3", "renewed"],
  [
    { ...about, kind: "login-failed", login: "L1", code: "PIN_WRONG_TOO_OFTEN" },
    "login-failed:etrade-production:L1",
    "login-failed",
  ],
  [
    { ...about, kind: "rejected", generation: 3, code: "BROKER_TOKEN_REJECTED" },
    "rejected:etrade-production:3",
    "rejected",
  ],
  [failing("100", 3), "keep-alive-failing:etrade-production:3:100", "keep-alive-failing"],
] satisfies [TokenEvent, string, string][])(
  "each kind of news has its own alert: $1",
  async (event, id, kind) => {
    const { announce, posted } = createTold();

    await announce(event);

    expect(posted).toMatchObject([{ id, alert: { content: { kind } } }]);
    expect(posted[0]?.alert.usefulUntil).toEqual(ISSUED.add(Temporal.Duration.from({ hours: 6 })));
  },
);

test("one streak of failures is one alert, however long it grows; the next streak is another", async () => {
  const { announce, posted } = createTold();

  await announce(failing("100", 3));
  await announce(failing("100", 4));
  await announce(failing("900", 3));

  expect(new Set(posted.map((one) => one.id)).size).toBe(2);
});

const rejected: TokenEvent = { ...about, kind: "rejected", generation: 3, code: "BROKER_TOKEN_REJECTED" };

test("an acknowledgement may arm the morning, a refusal disarms it, other news does neither", async () => {
  const { announce, armed } = createTold();

  await announce(failing("100", 3));
  expect(armed).toEqual([]);
  await announce(acknowledged);
  expect(armed).toEqual(["armed"]);
  await announce(rejected);
  expect(armed).toEqual(["armed", "disarmed 3"]);
});

test.each([
  ["post", acknowledged],
  ["noteArmed", acknowledged],
  ["noteDisarmed", rejected],
] as const)("a failing %s does not fail what the news is about", async (part, event) => {
  const { announce } = createTold({ [part]: () => Promise.reject(new Error("store away")) });

  await expect(announce(event)).resolves.toBeUndefined();
});

test.each(["noteArmed", "noteDisarmed"] as const)("the owner is told although %s fails", async (part) => {
  const { announce, posted } = createTold({ [part]: () => Promise.reject(new Error("store away")) });

  await announce(part === "noteArmed" ? acknowledged : rejected);

  expect(posted).toHaveLength(1);
});

test.each([rejected, failing("100", 3)])("trouble names the token that it is about: $kind", async (event) => {
  const { announce, posted } = createTold();

  await announce(event);

  expect(posted).toMatchObject([{ alert: { content: { generation: 3 } } }]);
});
