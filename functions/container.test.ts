import { once } from "node:events";
import { Agent, get } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { createRecordedLog } from "../shared/platform/local/recorded-log.ts";
import { type ContainerProcess, type ReadyFunction, startContainer } from "./container.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A process that remembers its handlers and how it was ended. */
function fakeProcess() {
  const handlers = new Map<string, (argument?: unknown) => void>();
  let exit: (code: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => {
    exit = resolve;
  });
  const process = {
    once: (event: string, handler: () => void) => void handlers.set(event, handler),
    exit: (code: number) => exit(code),
  } as unknown as ContainerProcess;
  return { process, exited, send: (event: string, argument?: unknown) => handlers.get(event)?.(argument) };
}

async function start(ready: ReadyFunction) {
  const { log, lines } = createRecordedLog();
  const life = fakeProcess();
  const server = await startContainer({
    environment: { PORT: "0", FUNCTION_TARGET: "slow" },
    functions: { slow: async () => ready, other: () => Promise.reject(new Error("not the target")) },
    log,
    process: life.process,
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { ...life, server, lines, url };
}

/** A handler that answers when it is let go, and tells when it was entered. */
function heldHandler() {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const handler: ReadyFunction["handler"] = async (_request, response) => {
    entered.resolve();
    await gate.promise;
    response.json("done");
  };
  return { handler, entered: entered.promise, letGo: () => gate.resolve() };
}

test("on SIGTERM calls under way are finished, no new one is taken, stores are closed, and the exit is clean", async () => {
  const held = heldHandler();
  const order: string[] = [];
  const life = await start({
    handler: held.handler,
    close: async () => void order.push("closed"),
  });
  // Neither side would end this connection by itself.
  life.server.keepAliveTimeout = 0;
  const agent = new Agent({ keepAlive: true });
  const answer = once(get(life.url, { agent }), "response");
  await held.entered;

  life.send("SIGTERM");
  await expect(fetch(life.url)).rejects.toThrow("fetch failed");
  held.letGo();

  const [response] = await answer;
  expect(Buffer.concat(await response.toArray()).toString()).toBe('"done"');
  expect(await life.exited).toBe(0);
  expect(order).toEqual(["closed"]);
});

test("a call that does not end is given up after 9 seconds", async () => {
  const held = heldHandler();
  const life = await start({ handler: held.handler });
  const answer = fetch(life.url).catch(() => "cut");
  await held.entered;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

  life.send("SIGTERM");
  vi.advanceTimersByTime(9_000);

  expect(await life.exited).toBe(1);
  life.server.closeAllConnections();
  expect(await answer).toBe("cut");
});

test("stores that cannot be closed are logged and do not keep the process", async () => {
  const life = await start({
    handler: (_request, response) => void response.json("fine"),
    close: () => Promise.reject(new Error("CANARY")),
  });

  life.send("SIGINT");

  expect(await life.exited).toBe(0);
  expect(life.lines.map(({ event }) => event)).toContain("function-not-closed");
  expect(JSON.stringify(life.lines)).not.toContain("CANARY");
});

test("a fault outside any call is logged without its message and ends the process as failed", async () => {
  const life = await start({ handler: (_request, response) => void response.json("fine") });

  life.send("uncaughtException", new TypeError("CANARY"));

  expect(await life.exited).toBe(1);
  expect(life.lines.at(-1)).toMatchObject({ event: "process-broken", fields: { fault: "TypeError" } });
  expect(JSON.stringify(life.lines)).not.toContain("CANARY");
  life.server.close();
  await once(life.server, "close");
});

test.each([
  [{ FUNCTION_TARGET: "missing" }, "FUNCTION_TARGET must be one of slow"],
  [{ FUNCTION_TARGET: "toString" }, "FUNCTION_TARGET must be one of slow"],
  [{}, "FUNCTION_TARGET"],
  [{ FUNCTION_TARGET: "slow", PORT: "http" }, "PORT"],
])("the environment %j is refused with its reason", async (environment, reason) => {
  const { log } = createRecordedLog();
  const functions = { slow: async () => ({ handler: () => undefined }) };

  const started = startContainer({ environment, functions, log, process: fakeProcess().process });

  await expect(started).rejects.toThrow(reason);
});
