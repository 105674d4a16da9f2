import type { AddressInfo } from "node:net";
import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { afterEach, describe, expect, test } from "vitest";
import { createRecordedLog } from "../shared/platform/local/recorded-log.ts";
import { type JobHandler, jobHandler, runEach } from "./job-handler.ts";
import { createKeepAliveHandler } from "./keep-alive/handler.ts";
import { createMorningAlertHandler } from "./morning-alert/handler.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
let functions = 0;

/** Serves a handler with the functions framework's own server. */
async function serve(handler: JobHandler): Promise<string> {
  functions += 1;
  const name = `job-${functions}`;
  http(name, handler);
  const server = getTestServer(name);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const post = (url: string, body = "{}") =>
  fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-cloudscheduler-scheduletime": "2026-11-23T13:30:00Z" },
  });

describe("a job", () => {
  test("answers what it did, and nobody caches that", async () => {
    const { log, lines } = createRecordedLog();
    const url = await serve(jobHandler(log, async () => ({ did: "rang" })));

    const answer = await post(url);

    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({ outcome: { did: "rang" } });
    expect(lines).toMatchObject([
      { level: "info", event: "job-done", fields: { scheduledFor: "2026-11-23T13:30:00Z" } },
    ]);
  });

  test.each(["", "{}", "[1,2]"])("does not depend on the body %j", async (body) => {
    const { log } = createRecordedLog();
    const url = await serve(jobHandler(log, async () => "ok"));

    expect((await post(url, body)).status).toBe(200);
  });

  test("is done again by a doubled call", async () => {
    let calls = 0;
    const { log } = createRecordedLog();
    const url = await serve(
      jobHandler(log, async () => {
        calls += 1;
      }),
    );

    await Promise.all([post(url), post(url)]);

    expect(calls).toBe(2);
  });

  test.each(["GET", "PUT", "DELETE"])("is not set off by %s", async (method) => {
    let isRun = false;
    const { log } = createRecordedLog();
    const url = await serve(
      jobHandler(log, async () => {
        isRun = true;
      }),
    );

    const answer = await fetch(url, { method });

    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST");
    expect(await answer.json()).toEqual({ error: { code: "METHOD_NOT_ALLOWED" } });
    expect(isRun).toBe(false);
  });

  test("that throws answers 500 without a word of what was thrown, logs it, and serves the next call", async () => {
    const { log, lines } = createRecordedLog();
    let calls = 0;
    const url = await serve(
      jobHandler(log, async () => {
        calls += 1;
        if (calls === 1) throw new Error("canary in the message");
      }),
    );

    const failed = await post(url);
    const text = await failed.text();

    expect(failed.status).toBe(500);
    expect(JSON.parse(text)).toEqual({ error: { code: "INTERNAL" } });
    expect(lines[0]).toMatchObject({ level: "error", event: "job-failed" });
    expect((await post(url)).status).toBe(200);
  });
});

describe("several works of one job", () => {
  test("run in order and give their outcomes", async () => {
    const order: number[] = [];
    const works = [1, 2, 3].map((n) => async () => order.push(n));

    expect(await runEach(works)).toEqual([1, 2, 3]);
    expect(order).toEqual([1, 2, 3]);
  });

  test("all run although one fails, and the job fails with that", async () => {
    let isLastRun = false;
    const broken = new Error("away");

    const running = runEach([
      () => Promise.reject(broken),
      async () => {
        isLastRun = true;
      },
    ]);

    await expect(running).rejects.toBe(broken);
    expect(isLastRun).toBe(true);
  });

  test("that fail together are told together", async () => {
    const running = runEach([() => Promise.reject(new Error("a")), () => Promise.reject(new Error("b"))]);

    await expect(running).rejects.toMatchObject({ errors: [{ message: "a" }, { message: "b" }] });
  });
});

test("the morning's job proves what is armed before it rings, and sends what is still to be sent", async () => {
  const { log } = createRecordedLog();
  const steps: string[] = [];
  const url = await serve(
    createMorningAlertHandler({
      log,
      proveArmed: async () => {
        steps.push("prove");
        return { "etrade-production": { did: "kept", isRenewed: false } };
      },
      ringMorning: async () => {
        steps.push("ring");
        return { did: "rang", rung: 60, delivery: "sent" };
      },
      sweepAlerts: async () => 2,
    }),
  );

  expect(await (await post(url)).json()).toEqual({
    outcome: {
      proven: { "etrade-production": { did: "kept", isRenewed: false } },
      morning: { did: "rang", rung: 60, delivery: "sent" },
      resent: 2,
    },
  });
  expect(steps).toEqual(["prove", "ring"]);
});

test("the keeper's job keeps tokens alive although logins cannot be finished", async () => {
  const { log } = createRecordedLog();
  const done: string[] = [];
  const url = await serve(
    createKeepAliveHandler({
      log,
      recoverLogins: () => Promise.reject(new Error("vault away")),
      keepAll: async () => {
        done.push("kept");
        return {};
      },
      sweepAlerts: async () => done.push("swept"),
    }),
  );

  expect((await post(url)).status).toBe(500);
  expect(done).toEqual(["kept", "swept"]);
});
