import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createNotedMessenger, type NotedMessenger } from "../../tests/support/noted-messenger.ts";
import { MORNING, openTokenHouse, silentLog, type TokenHouse } from "../../tests/support/token-house.ts";
import { type OutboxDeps, postAlert, sweepAlerts } from "./outbox.ts";
import { type AlertContent, alerts } from "./records.ts";

let house: TokenHouse;
let phone: NotedMessenger;
beforeEach(() => {
  house = openTokenHouse();
  phone = createNotedMessenger();
});
afterEach(() => house.close());

const LINK: AlertContent = { kind: "link" };
const alert = (hours = 6) => ({ content: LINK, usefulUntil: MORNING.add({ hours }) });
const pass = (seconds: number) => house.clock.advanceBy(Temporal.Duration.from({ seconds }));
const stored = (id = "a") => house.store.get(alerts, id);

function deps(over: Partial<OutboxDeps> = {}): OutboxDeps {
  const { store, clock } = house;
  return {
    store,
    clock,
    messenger: phone,
    log: silentLog,
    compose: async () => ({ text: "hello" }),
    isStillTrue: async () => true,
    ...over,
  };
}

describe("what is already done", () => {
  test("is not asked for any more, and ends unsent", async () => {
    phone.troubles.push({ code: "MESSENGER_UNREACHABLE" });
    await postAlert(deps(), "a", alert());
    await pass(60);

    const sent = await sweepAlerts(deps({ isStillTrue: async () => false }));
    await pass(600);
    const later = await sweepAlerts(deps());

    expect([sent, later]).toEqual([0, 0]);
    expect(phone.delivered).toEqual([]);
    expect(await stored()).toMatchObject({ state: "too-late" });
  });
});

describe("posting", () => {
  test("sends at once and notes it", async () => {
    expect(await postAlert(deps(), "a", alert())).toBe("sent");
    expect(phone.delivered).toEqual([{ text: "hello" }]);
    expect(await stored()).toMatchObject({ state: "sent", attempts: 1, sentAt: MORNING });
  });

  test("the same again changes nothing, in a row or at once", async () => {
    const together = await Promise.all([1, 2, 3].map(() => postAlert(deps(), "a", alert())));
    const again = await postAlert(deps(), "a", alert());

    expect(together.filter((one) => one === "sent")).toHaveLength(1);
    expect(again).toBe("known");
    expect(phone.delivered).toHaveLength(1);
  });

  test("what is of no use any more is not sent", async () => {
    expect(await postAlert(deps(), "a", { content: LINK, usefulUntil: MORNING })).toBe("not-sent-yet");
    expect(await stored()).toMatchObject({ state: "too-late" });
    expect(phone.attempts()).toBe(0);
  });
});

describe("a messenger in trouble", () => {
  test.each(["MESSENGER_UNREACHABLE", "MESSENGER_TIMEOUT", "MESSENGER_RATE_LIMITED"] as const)(
    "%s is noted, fails nobody, and is tried again after 20 seconds",
    async (code) => {
      phone.troubles.push({ code });

      const posted = await postAlert(deps(), "a", alert());
      await pass(19);
      const early = await sweepAlerts(deps());
      const meanwhile = await stored();
      await pass(1);
      const due = await sweepAlerts(deps());

      expect([posted, early, due]).toEqual(["not-sent-yet", 0, 1]);
      expect(meanwhile).toMatchObject({ state: "waiting", failure: code, attempts: 1 });
      expect(phone.delivered).toHaveLength(1);
      expect(await stored()).toMatchObject({ state: "sent", attempts: 2 });
    },
  );

  test("a refusal is final", async () => {
    phone.troubles.push({ code: "MESSENGER_REFUSED" });
    await postAlert(deps(), "a", alert());
    await pass(3_600);

    expect(await sweepAlerts(deps())).toBe(0);
    expect(phone.attempts()).toBe(1);
    expect(await stored()).toMatchObject({ state: "refused", failure: "MESSENGER_REFUSED" });
  });

  test("pauses double from 20 seconds up to ten minutes, until the alert is of no use", async () => {
    for (let one = 0; one < 100; one += 1) phone.troubles.push({ code: "MESSENGER_UNREACHABLE" });
    await postAlert(deps(), "a", alert(1));
    const pauses: number[] = [];
    let last = house.clock.now();

    for (let tick = 0; tick < 400; tick += 1) {
      await pass(10);
      const before = phone.attempts();
      await sweepAlerts(deps());
      if (phone.attempts() === before) continue;
      pauses.push(last.until(house.clock.now()).total("seconds"));
      last = house.clock.now();
    }

    expect(pauses).toEqual([20, 40, 80, 160, 320, 600, 600, 600, 600]);
    expect(await stored()).toMatchObject({ state: "too-late", failure: "MESSENGER_UNREACHABLE" });
  });

  test("is left in peace for as long as it asks", async () => {
    phone.troubles.push({ code: "MESSENGER_RATE_LIMITED", detail: { retryAfterSeconds: 35 } });
    await postAlert(deps(), "a", alert());

    await pass(34);
    expect(await sweepAlerts(deps())).toBe(0);
    await pass(1);
    expect(await sweepAlerts(deps())).toBe(1);
  });

  test("that throws fails nobody, wedges nothing, and holds up no other alert", async () => {
    phone.troubles.push(new Error("bug"));

    expect(await postAlert(deps(), "a", alert())).toBe("not-sent-yet");
    expect(await stored()).toMatchObject({ state: "waiting", failure: "INTERNAL" });
    expect(await postAlert(deps(), "b", alert())).toBe("sent");
    await pass(20);
    expect(await sweepAlerts(deps())).toBe(1);
    expect(phone.delivered).toHaveLength(2);
  });

  test("an alert that cannot be put into words holds up none behind it", async () => {
    const broken = deps({ compose: () => Promise.reject(new Error("no link")) });
    expect(await postAlert(broken, "a", alert())).toBe("not-sent-yet");
    phone.troubles.push({ code: "MESSENGER_UNREACHABLE" });
    await postAlert(deps(), "b", alert());
    await pass(20);
    let isFirst = true;
    const brokenOnce = deps({
      compose: async () => {
        if (!isFirst) return { text: "hello" };
        isFirst = false;
        throw new Error("no link");
      },
    });

    expect(await sweepAlerts(brokenOnce)).toBe(1);
    expect(await stored("a")).toMatchObject({ state: "waiting", failure: "INTERNAL", attempts: 2 });
    expect(await stored("b")).toMatchObject({ state: "sent" });
  });
});

describe("a process that dies", () => {
  test("after claiming: the alert goes out a minute later", async () => {
    const never = { send: () => new Promise<never>(() => undefined) };
    void postAlert(deps({ messenger: never }), "a", alert());
    while ((await stored())?.state !== "sending") await pass(0);

    await pass(59);
    expect(await sweepAlerts(deps())).toBe(0);
    await pass(1);
    expect(await sweepAlerts(deps())).toBe(1);
    expect(phone.delivered).toHaveLength(1);
  });

  test("after sending: the alert comes twice rather than not at all, and then no more", async () => {
    const dying = {
      send: async () => {
        await phone.send({ text: "hello" });
        return new Promise<never>(() => undefined);
      },
    };
    void postAlert(deps({ messenger: dying }), "a", alert());
    while (phone.delivered.length === 0) await pass(0);
    await pass(60);

    await sweepAlerts(deps());
    await pass(600);
    await sweepAlerts(deps());

    expect(phone.delivered).toHaveLength(2);
    expect(await stored()).toMatchObject({ state: "sent" });
  });

  test("between two sweepers only one sends", async () => {
    phone.troubles.push({ code: "MESSENGER_UNREACHABLE" });
    await postAlert(deps(), "a", alert());
    await pass(20);

    const sent = await Promise.all([sweepAlerts(deps()), sweepAlerts(deps()), sweepAlerts(deps())]);

    expect(sent.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(phone.delivered).toHaveLength(1);
  });

  test.each([
    ["success", undefined],
    ["failure", { code: "MESSENGER_TIMEOUT" } as const],
  ])("and one that was only slow: its late %s does not undo another's success", async (_, trouble) => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isReached = false;
    const slow = {
      send: async (message: Parameters<NotedMessenger["send"]>[0]) => {
        isReached = true;
        await held;
        if (trouble) phone.troubles.push(trouble);
        return phone.send(message);
      },
    };
    const posting = postAlert(deps({ messenger: slow }), "a", alert());
    while (!isReached) await pass(0);
    await pass(60);
    let between: string | undefined;
    // A second process claims it and is in the middle of sending when the first comes back.
    const meanwhile = {
      send: async (message: Parameters<NotedMessenger["send"]>[0]) => {
        release();
        await posting;
        between = (await stored())?.state;
        return phone.send(message);
      },
    };

    await sweepAlerts(deps({ messenger: meanwhile }));
    await pass(3_600);

    // A late failure must not free the alert for a third while the second is sending it.
    expect(between).toBe(trouble === undefined ? "sent" : "sending");
    expect(await stored()).toMatchObject({ state: "sent" });
    expect(await sweepAlerts(deps())).toBe(0);
  });
});
