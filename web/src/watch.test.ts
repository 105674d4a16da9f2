import { expect, test } from "vitest";
import type { ApiStatus } from "../../shared/console/api.ts";
import { anArmedConnection, aStatus, NOW } from "../testing/a-status.ts";
import { type Answer, createApiClient } from "./api.ts";
import { createServerClock } from "./clock.ts";
import { createPageState } from "./state.ts";
import { createWatch } from "./watch.ts";

/** A page that says "Armed", on a clock that stands still until it is moved. */
async function openArmedPage(connection = anArmedConnection()) {
  const good = (status: ApiStatus): Answer<ApiStatus> => ({ ok: true, value: status });
  const server = { answer: good(aStatus({ connections: [connection] })) };
  const page = { nowMs: 1_000, wallMs: Date.parse(NOW), looks: 0 };
  const state = createPageState();
  const monotonicMs = () => page.nowMs;
  const silent = createApiClient({ fetch: () => Promise.reject(new TypeError("offline")) });
  const status = async () => {
    page.looks += 1;
    return server.answer;
  };
  const watch = createWatch({
    api: { ...silent, status },
    state,
    clock: createServerClock(monotonicMs),
    monotonicMs,
    wallMs: () => page.wallMs,
    schedule: () => () => undefined,
    isHidden: () => false,
  });
  state.renewal.value = {
    step: "confirming",
    connection: connection.id,
    generation: connection.token.generation,
    sinceMs: 0,
    isTold: true,
    isSlow: false,
    isLate: false,
  };
  await watch.look();

  return {
    step: () => state.renewal.value?.step,
    async look(next: ApiStatus) {
      server.answer = good(next);
      await watch.look();
    },
    looks: () => page.looks,
    isFresh: () => state.isFresh.value,
    goOffline() {
      server.answer = { ok: false, problem: { kind: "unreachable" } };
    },
    pass(seconds: number) {
      page.nowMs += seconds * 1_000;
      page.wallMs += seconds * 1_000;
      watch.tick();
    },
    /** The machine sleeps, its monotonic clock stands still, and the page wakes with it. */
    sleep(seconds: number) {
      page.wallMs += seconds * 1_000;
      watch.tick();
    },
  };
}

test("the page says armed for as long as fresh looks confirm it", async () => {
  const page = await openArmedPage();

  page.pass(50);
  await page.look(aStatus({ connections: [anArmedConnection()] }));
  page.pass(50);

  expect(page.step()).toBe("armed");
});

test("a token that the broker refuses later takes the word armed back", async () => {
  const { token } = anArmedConnection();
  const page = await openArmedPage();
  const before = page.step();

  const refused = anArmedConnection({ token: { ...token, state: "rejected" }, acknowledged: false });
  await page.look(aStatus({ connections: [refused] }));

  expect(before).toBe("armed");
  expect(page.step()).toBeUndefined();
});

test("a token that runs out takes the word armed back before the server is asked", async () => {
  const armed = anArmedConnection();
  const expiresAt = new Date(Date.parse(NOW) + 3_000).toISOString();
  const page = await openArmedPage({ ...armed, token: { ...armed.token, expiresAt } });

  page.pass(2);
  const before = page.step();
  page.pass(1);

  expect(before).toBe("armed");
  expect(page.step()).toBeUndefined();
});

test("a page that has not heard from the server for a minute no longer says armed", async () => {
  const page = await openArmedPage();

  page.pass(59);
  const before = page.step();
  page.pass(1);

  expect(before).toBe("armed");
  expect(page.step()).toBeUndefined();
});

test.each([7, 3_600, -3_600])(
  "a machine that wakes offline with its clock %i seconds on vouches for nothing until the next status",
  async (seconds) => {
    const page = await openArmedPage();
    page.pass(10);
    const before = page.isFresh();
    page.goOffline();

    page.sleep(seconds);
    const onWaking = page.isFresh();
    page.pass(1);
    const later = page.isFresh();
    const looks = page.looks();
    await page.look(aStatus({ connections: [anArmedConnection()] }));

    expect([before, onWaking, later]).toEqual([true, false, false]);
    expect(page.step()).toBeUndefined();
    // It asked at once on waking, and not again with each second.
    expect(looks).toBe(2);
    expect(page.isFresh()).toBe(true);
  },
);

test("a clock that is corrected by a few seconds takes nothing back", async () => {
  const page = await openArmedPage();

  page.sleep(4);

  expect(page.isFresh()).toBe(true);
  expect(page.step()).toBe("armed");
});
