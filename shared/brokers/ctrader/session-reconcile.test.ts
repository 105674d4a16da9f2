import { expect, test } from "vitest";
import type { Result } from "../../platform/result.ts";
import type { CtraderCallFailure } from "./channel.ts";
import { readySession, wireSession } from "./testing/session-on-a-wire.ts";
import { error } from "./testing/wired-server.ts";

const comparisons = (heard: readonly string[]) =>
  heard.filter((name) => name === "ProtoOAReconcileReq").length;

function watched<T>(promise: Promise<T>): { now(): T | undefined } {
  let value: T | undefined;
  void promise.then((settled) => {
    value = settled;
  });
  return { now: () => value };
}

const codeOf = (answer: Result<void, CtraderCallFailure> | undefined) =>
  answer === undefined ? "waiting" : answer.ok ? "ok" : answer.code;

test("a refresh is answered once a comparison that began after it is done", async () => {
  const { session, server, timers } = await readySession();
  const before = comparisons(server.heard);

  const first = watched(session.refresh());
  await timers.advance(10);
  const meanwhile = codeOf(first.now());
  await timers.advance(200);

  expect(meanwhile).toBe("waiting");
  expect(codeOf(first.now())).toBe("ok");
  expect(comparisons(server.heard)).toBe(before + 1);
  expect(session.state().phase).toBe("ready");
});

test("callers of one moment share a comparison, and who asks while one is under way gets the next", async () => {
  const { session, server, timers } = await readySession();
  const before = comparisons(server.heard);

  const together = [watched(session.refresh()), watched(session.refresh())];
  await timers.advance(30);
  const later = watched(session.refresh());
  await timers.advance(20);
  const first = [...together, later].map((one) => codeOf(one.now()));
  await timers.advance(100);

  expect(first).toEqual(["ok", "ok", "waiting"]);
  expect(codeOf(later.now())).toBe("ok");
  expect(comparisons(server.heard)).toBe(before + 2);
});

test("a refresh says so where the session is not ready, where it ends, and where no answer comes", async () => {
  const { session, timers, link } = await readySession();
  const cut = watched(session.refresh());
  link().end("reset");
  await timers.advance(1);
  expect(codeOf(cut.now())).toBe("BROKER_UNREACHABLE");
  expect(codeOf(await session.refresh())).toBe("BROKER_UNREACHABLE");

  const stopped = wireSession();
  expect(codeOf(await stopped.session.refresh())).toBe("BROKER_UNREACHABLE");

  const quiet = await readySession();
  quiet.server.answerMs = 20_000;
  const slow = watched(quiet.session.refresh());
  await quiet.timers.advance(14_999);
  const before = codeOf(slow.now());
  await quiet.timers.advance(2);
  expect([before, codeOf(slow.now())]).toEqual(["waiting", "BROKER_TIMEOUT"]);
});

test("a comparison that fails answers its callers with the failure, and the next one can succeed", async () => {
  const { session, server, timers } = await readySession();
  server.fail("ProtoOAReconcileReq", error("CANT_ROUTE_REQUEST"));

  const failed = watched(session.refresh());
  await timers.advance(200);
  const again = watched(session.refresh());
  await timers.advance(200);

  expect(codeOf(failed.now())).not.toBe("ok");
  expect(codeOf(failed.now())).not.toBe("waiting");
  expect(codeOf(again.now())).toBe("ok");
});
