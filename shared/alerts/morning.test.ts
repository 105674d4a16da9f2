import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createNotedMessenger, type NotedMessenger } from "../../tests/support/noted-messenger.ts";
import { logIn, openTokenHouse, silentLog, type TokenHouse } from "../../tests/support/token-house.ts";
import { configSchema } from "../config/config.ts";
import { acknowledgeToken } from "../tokens/acknowledger.ts";
import { noteRejection } from "../tokens/token-use.ts";
import {
  isStillTrue,
  type MorningDeps,
  morningConnections,
  noteArmed,
  noteDisarmed,
  ringMorning,
} from "./morning.ts";
import { postAlert, sweepAlerts } from "./outbox.ts";
import { alerts, mornings } from "./records.ts";
import { alertText } from "./texts.ts";

/** Monday, 23 November 2026. */
const at = (clock: string) => Temporal.Instant.from(`2026-11-23T${clock}-05:00`);
let house: TokenHouse;
let phone: NotedMessenger;
beforeEach(() => {
  house = openTokenHouse(at("08:29:59"));
  phone = createNotedMessenger();
});
afterEach(() => house.close());

function deps(): MorningDeps {
  const { store, clock } = house;
  const config = configSchema.parse({});
  return {
    store,
    clock,
    messenger: phone,
    log: silentLog,
    compose: async (content) => ({
      text: alertText(content, { now: clock.now(), ownerTimeZone: "Europe/Paris", isSandbox: false }),
    }),
    isStillTrue: (content) =>
      isStillTrue({ ...house.parts(), connections: config.connections, subscriber: "worker" }, content),
    connections: config.connections,
    ladder: config.alerts,
    subscriber: "worker",
  };
}

const ring = () => ringMorning(deps());
const goTo = (clock: string) => house.clock.advanceTo(at(clock));
const morning = () => house.store.get(mornings, "2026-11-23");
const acknowledge = () => acknowledgeToken(house.parts(), house.connection);

/** The scheduler's calls, every ten minutes from 07:00 to 09:50. */
const CALLS = ["08:30", "08:40", "08:50", "09:00", "09:10", "09:20", "09:30", "09:40", "09:50"];

test("each rung rings once, though every call of the scheduler comes three times at once", async () => {
  expect(await ring()).toEqual({ did: "nothing", reason: "too-early" });
  const rungs: string[] = [];
  for (const clock of CALLS) {
    await goTo(clock);
    const before = phone.delivered.length;
    await Promise.all([ring(), ring(), ring()]);
    if (phone.delivered.length > before) rungs.push(clock);
  }

  expect(phone.delivered).toHaveLength(3);
  expect(rungs).toEqual(["08:30", "09:00", "09:20"]);
  expect(phone.delivered[2]?.text).toContain("Last call");
});

test("a rung whose call was lost or late rings with the next call, and missed rungs are not made up for", async () => {
  await goTo("08:50");
  const late = await ring();
  await goTo("09:25");
  const later = await ring();

  expect(late).toEqual({ did: "rang", rung: 60, delivery: "sent" });
  expect(later).toEqual({ did: "rang", rung: 10, delivery: "sent" });
  expect(phone.delivered).toHaveLength(2);
});

test("an armed morning is silent", async () => {
  await logIn(house);
  await acknowledge();
  await goTo("08:30");

  expect(await ring()).toEqual({ did: "nothing", reason: "all-armed" });
  expect(phone.delivered).toEqual([]);
});

test("a token that the worker has not confirmed keeps ringing, and is named as that", async () => {
  await logIn(house);
  await goTo("08:30");

  await ring();

  expect(phone.delivered[0]?.text).toContain("not confirmed by the worker: E*TRADE production");
  expect(phone.delivered[0]?.text).not.toContain("Needs your login");
});

test("only what is needed each morning rings", async () => {
  await goTo("08:30");
  await ring();

  expect(phone.delivered[0]?.text).toContain("Needs your login: E*TRADE production");
  expect(phone.delivered[0]?.text).not.toContain("sandbox");
});

test("a phone that cannot be reached fails no call, and the rung is not rung anew by the next", async () => {
  phone.troubles.push({ code: "MESSENGER_UNREACHABLE" }, new Error("bug"));
  await goTo("08:30");

  const first = await ring();
  await goTo("08:40");
  const second = await ring();

  expect(first).toEqual({ did: "rang", rung: 60, delivery: "not-sent-yet" });
  expect(second).toEqual({ did: "rang", rung: 60, delivery: "known" });
  expect(await house.store.query(alerts)).toHaveLength(1);
});

test("the first ring and the first arming of a morning are what its history tells", async () => {
  await goTo("08:30");
  await ring();
  await goTo("09:00");
  await ring();
  await goTo("09:05");
  await logIn(house);
  await noteArmed(deps());
  const unconfirmed = await morning();
  await acknowledge();
  await noteArmed(deps());
  await goTo("09:15");
  await logIn(house);
  await acknowledge();
  await noteArmed(deps());

  expect(unconfirmed?.armedAt).toBeUndefined();
  expect(await morning()).toMatchObject({ alertedAt: at("08:30"), armedAt: at("09:05"), open: at("09:30") });
});

/** What the keeper does with a token that the broker refuses: it tells first and notes then. */
async function refuse(generation: number) {
  const { connection } = house;
  await noteDisarmed(deps(), { connection, generation });
  await noteRejection(house, { connection: connection.id, generation }, "BROKER_TOKEN_REJECTED");
}

async function arm() {
  const { generation } = await logIn(house);
  await acknowledge();
  await noteArmed(deps());
  return generation;
}

test("a token that the broker refuses before the open takes the arming back, and a later one counts", async () => {
  await goTo("08:31");
  await ring();
  const first = await arm();
  await goTo("09:10");
  await refuse(first);
  const refused = await morning();
  await goTo("09:40");
  await arm();

  expect(refused).toMatchObject({ alertedAt: at("08:31") });
  expect(refused?.armedAt).toBeUndefined();
  expect((await morning())?.armedAt).toEqual(at("09:40"));
});

test.each([
  ["at the open", "09:30", 0, {}],
  ["of a token that has a successor", "09:10", -1, {}],
  ["of a connection that no morning needs", "09:10", 0, { needed: "on-demand" }],
] as const)("a refusal %s leaves the arming", async (_what, clock, off, over) => {
  await goTo("08:31");
  await arm();
  const second = await arm();
  await goTo(clock);

  const connection = { ...house.connection, ...over };
  await noteDisarmed(deps(), { connection, generation: second + off });

  expect((await morning())?.armedAt).toEqual(at("08:31"));
});

test("a refusal before anything was armed starts no history", async () => {
  await logIn(house);
  await refuse(1);

  expect(await morning()).toBeUndefined();
});

test("arming after the close or on a closed day belongs to no morning", async () => {
  await goTo("16:00");
  await logIn(house);
  await acknowledge();
  await noteArmed(deps());
  await house.clock.advanceTo(Temporal.Instant.from("2026-11-26T13:00:00Z"));
  await logIn(house);
  await acknowledge();
  await noteArmed(deps());

  expect(await house.store.query(mornings)).toEqual([]);
});

test("yesterday's acknowledged token arms nothing today", async () => {
  await logIn(house);
  await acknowledge();
  expect((await morningConnections(deps()))[0]).toMatchObject({ state: "armed" });

  await house.clock.advanceTo(Temporal.Instant.from("2026-11-24T13:30:00Z"));

  expect((await morningConnections(deps()))[0]).toMatchObject({ state: "waiting" });
  expect(await ring()).toMatchObject({ did: "rang", rung: 60 });
});

test("a day outside the calendar is an error, not a holiday", async () => {
  await house.close();
  house = openTokenHouse(Temporal.Instant.from("2051-01-03T13:30:00Z"));

  await expect(ring()).rejects.toThrow("CALENDAR_OUT_OF_RANGE");
});

test("a rung that waits for the phone is not sent once everything is armed by another way", async () => {
  phone.troubles.push({ code: "MESSENGER_UNREACHABLE" });
  await goTo("08:30");
  await ring();
  await logIn(house);
  await acknowledge();
  await goTo("08:40");

  await sweepAlerts(deps());

  expect(phone.delivered).toEqual([]);
});

test.each([
  ["is still in force", async () => {}, 1],
  [
    "the broker has refused since",
    (generation: number) =>
      noteRejection(house, { connection: house.connection.id, generation }, "BROKER_TOKEN_REJECTED"),
    0,
  ],
  ["has ended at midnight", () => house.clock.advanceTo(Temporal.Instant.from("2026-11-24T05:00:00Z")), 0],
  ["a later login has replaced", () => logIn(house).then(() => undefined), 0],
])("a message that a token is active, which waits for the phone and %s", async (_title, change, messages) => {
  const { generation, expiresAt } = await logIn(house);
  const { label } = house.connection;
  const usefulUntil = expiresAt.add({ hours: 6 });
  phone.troubles.push({ code: "MESSENGER_UNREACHABLE" });
  await postAlert(deps(), "a", {
    content: { kind: "renewed", label, generation, accounts: 2, expiresAt },
    usefulUntil,
  });
  await goTo("08:40");

  await change(generation);
  await sweepAlerts(deps());

  expect(phone.delivered).toHaveLength(messages);
});

const troubles = {
  rejected: { kind: "rejected", code: "BROKER_TOKEN_REJECTED" },
  "keep-alive-failing": {
    kind: "keep-alive-failing",
    failuresInRow: 3,
    code: "BROKER_UNREACHABLE",
    idleAt: at("10:30"),
  },
} as const;

describe.each(["rejected", "keep-alive-failing"] as const)(
  "an alert of the kind %s that waits for the phone",
  (kind) => {
    async function postWaiting(generation?: number) {
      phone.troubles.push({ code: "MESSENGER_UNREACHABLE" });
      const about = { label: house.connection.label, ...(generation !== undefined && { generation }) };
      await postAlert(deps(), "a", { content: { ...troubles[kind], ...about }, usefulUntil: at("14:00") });
      await goTo("08:40");
    }

    test("is sent while its token is the newest, refused or not", async () => {
      const { generation } = await logIn(house);
      await refuse(generation);
      await postWaiting(generation);

      await sweepAlerts(deps());

      expect(phone.delivered).toHaveLength(1);
    });

    test("is not sent once a login has brought a new token", async () => {
      const { generation } = await logIn(house);
      await postWaiting(generation);
      await logIn(house);

      await sweepAlerts(deps());

      expect(phone.delivered).toEqual([]);
    });

    test("is read and sent although an earlier build did not write which token it is about", async () => {
      await logIn(house);
      await postWaiting();

      await sweepAlerts(deps());

      expect(phone.delivered).toHaveLength(1);
    });
  },
);
