import type { HttpFunction } from "@google-cloud/functions-framework";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createVirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import { silentLog } from "../../tests/support/token-house.ts";
import { createStrategyTickHandler } from "./handler.ts";

const NOW = Temporal.Instant.from("2026-11-23T15:00:03Z");

/** Calls the handler without a server: what it reads and writes of the two is little. */
async function call(
  handler: HttpFunction,
  scheduledFor?: string,
): Promise<{ status: number; body: unknown }> {
  const answered = { status: 0, body: undefined as unknown };
  const response = {
    set: () => response,
    status(code: number) {
      answered.status = code;
      return response;
    },
    json(body: unknown) {
      answered.body = body;
      return response;
    },
  };
  const request = { method: "POST", header: () => scheduledFor };
  await handler(request as never, response as never);
  return answered;
}

function aHandler(scan: (instant: Temporal.Instant) => Promise<unknown>) {
  const instants: string[] = [];
  const watched: number[] = [];
  const handler = createStrategyTickHandler({
    log: silentLog,
    clock: createVirtualClock({ start: NOW }),
    async fanOut(instant) {
      instants.push(String(instant));
      return { told: 2, late: 1 };
    },
    scan,
    watch: async () => watched.push(instants.length),
    sweepAlerts: async () => 0,
  });
  return { handler, instants, watched };
}

test("a call is about the instant for which it was scheduled; one by hand about the minute", async () => {
  const { handler, instants } = aHandler(async () => "scanned");

  const answer = await call(handler, "2026-11-23T14:59:00Z");
  await call(handler);

  expect(answer).toEqual({ status: 200, body: { outcome: { told: 2, late: 1, scan: "scanned" } } });
  expect(instants).toEqual(["2026-11-23T14:59:00Z", "2026-11-23T15:00:00Z"]);
});

test("a scan that fails holds up no bot and no look at all, and the scheduler calls again", async () => {
  const { handler, instants, watched } = aHandler(async () => Promise.reject(new Error("no prices")));

  expect((await call(handler)).status).toBe(500);
  expect(instants).toHaveLength(1);
  expect(watched).toEqual([1]);
});
