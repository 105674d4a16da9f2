/** The functions' own process, as their container starts it, on Google's clients and simulated brokers. */
import { createServer } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ContainerProcess, startContainerProcess } from "./support/container-process.ts";
import { FUNCTIONS_DOCKERFILE } from "./support/dockerfile.ts";
import { describeEmulated } from "./support/emulators/describe-emulated.ts";
import { openRehearsal, type Rehearsal } from "./support/rehearsal.ts";

/** Each test starts processes of its own, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

describeEmulated("the functions' process", (hosts) => {
  let place: Rehearsal;
  let container: ContainerProcess | undefined;

  beforeEach(async () => {
    place = await openRehearsal(hosts);
  });
  afterEach(async () => {
    container?.kill("SIGKILL");
    await container?.ended;
    await place.close();
  });

  async function serve(target: string): Promise<{ url: string; process: ContainerProcess }> {
    const port = await findFreePort();
    const environment = { ...place.environment, FUNCTION_TARGET: target, PORT: String(port) };
    const process = startContainerProcess(FUNCTIONS_DOCKERFILE, environment);
    container = process;
    await process.printed("function-listening");
    return { url: `http://127.0.0.1:${port}`, process };
  }

  async function stop(process: ContainerProcess): Promise<unknown> {
    process.kill("SIGTERM");
    return process.ended;
  }

  test("the console answers, guards the owner's part, and ends cleanly on SIGTERM", async () => {
    await place.app.beat("worker");
    const { url, process } = await serve("console");

    const health = await fetch(`${url}/api/health`);
    const status = await fetch(`${url}/api/status`);

    expect([health.status, await health.json()]).toMatchObject([200, { build: "rehearsal" }]);
    expect(status.status).toBe(401);
    expect(await stop(process)).toBe(0);
    expect(process.lines().at(-1)?.event).toBe("function-stopped");
  });

  test("the keep-alive job looks at every connection", async () => {
    await (await place.beginLogin())();
    const { url, process } = await serve("keep-alive");

    const answer = await fetch(`${url}/`, { method: "POST" });

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      outcome: {
        connections: { "etrade-production": { did: "nothing" }, "etrade-sandbox": {} },
        recovered: 0,
      },
    });
    expect(await stop(process)).toBe(0);
  });

  test("the morning alert runs, and takes nothing but the scheduler's POST", async () => {
    const { url, process } = await serve("morning-alert");

    expect((await fetch(`${url}/`)).status).toBe(405);
    expect((await fetch(`${url}/`, { method: "POST" })).status).toBe(200);
    expect(await stop(process)).toBe(0);
  });

  test("the web hook refuses whoever does not know its secret", async () => {
    const { url, process } = await serve("telegram");

    const answer = await fetch(`${url}/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ update_id: 1 }),
    });

    expect(answer.status).toBe(401);
    expect(await stop(process)).toBe(0);
  });
});

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("No free port was given."));
      });
    });
  });
}
