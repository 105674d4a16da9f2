/** The worker's own process, as its container starts it, on Google's clients and simulated brokers. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tokenRefreshed } from "../shared/tokens/records.ts";
import { type ContainerProcess, startContainerProcess } from "./support/container-process.ts";
import { WORKER_DOCKERFILE } from "./support/dockerfile.ts";
import { describeEmulated } from "./support/emulators/describe-emulated.ts";
import { openRehearsal, type Rehearsal } from "./support/rehearsal.ts";
import { PRODUCTION } from "./support/stack.ts";

/** Under the half minute after which a worker looks by itself: whoever is this fast was woken. */
const WOKEN = { timeout: 10_000, interval: 20 };
const IN_TIME = { timeout: 20_000, interval: 20 };
const DOUBLED = { timeout: 20_000, interval: 100 };

/** Each test starts processes of its own, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

describeEmulated("the worker's process", (hosts) => {
  let place: Rehearsal;
  let started: ContainerProcess[];

  beforeEach(async () => {
    place = await openRehearsal(hosts);
    started = [];
  });
  afterEach(async () => {
    for (const one of started) one.kill("SIGKILL");
    await Promise.all(started.map((one) => one.ended));
    await place.close();
  });

  function startWorker(): ContainerProcess {
    const worker = startContainerProcess(WORKER_DOCKERFILE, place.environment);
    started.push(worker);
    return worker;
  }

  function acknowledged(generation: number, patience: typeof WOKEN) {
    return vi.waitFor(async () => {
      const found = await place.acknowledgement();
      expect(found).toMatchObject({ generation, announcedAt: expect.anything() });
      return found;
    }, patience);
  }

  /** The broker's answers take so long that a process can be met in the middle of its call. */
  async function holdAccountCall(storeToken: () => Promise<unknown>, latencyMs: number): Promise<void> {
    const before = place.accountCalls();
    place.simulators.etrade.setFaults({ latencyMs });
    await storeToken();
    await vi.waitFor(() => expect(place.accountCalls()).toBeGreaterThan(before), IN_TIME);
    place.simulators.etrade.setFaults({ latencyMs: null });
  }

  const toldOwner = () =>
    place.simulators.telegram.phone.messages().filter((one) => one.text.includes("is active")).length;
  const saidAcknowledged = () =>
    started.flatMap((one) => one.lines()).filter((line) => line.event === "token-acknowledged").length;

  test("woken by Pub/Sub, it acknowledges the version that it was told of by a real accounts call", async () => {
    const worker = startWorker();
    await worker.printed("worker-started");
    await (await place.beginLogin())();
    await acknowledged(1, IN_TIME);
    const storeSecond = await place.beginLogin();
    const callsBefore = place.accountCalls();

    const token = await storeSecond();
    const acknowledgement = await acknowledged(2, WOKEN);

    expect(acknowledgement).toMatchObject({ by: "worker", generation: 2, version: token.version });
    expect(acknowledgement?.accounts).toBeGreaterThan(0);
    expect(place.accountCalls()).toBeGreaterThan(callsBefore);
    expect(worker.output()).not.toMatch(/"severity":"(?:ERROR|WARNING)"/);
  });

  test("started after the broadcast, it acknowledges too", async () => {
    await (await place.beginLogin())();
    expect(await place.acknowledgement()).toBeUndefined();

    startWorker();

    await acknowledged(1, IN_TIME);
  });

  test("on SIGTERM it finishes the call at hand and exits with 0 within 10 seconds", async () => {
    const worker = startWorker();
    await worker.printed("worker-started");
    await holdAccountCall(await place.beginLogin(), 3_000);
    const atSignal = await place.acknowledgement();

    worker.kill("SIGTERM");
    const deadline = AbortSignal.timeout(10_000);
    const ended = await worker.ended;

    expect(atSignal).toBeUndefined();
    expect(ended).toBe(0);
    expect(deadline.aborted).toBe(false);
    expect(await place.acknowledgement()).toMatchObject({ generation: 1, version: 1 });
    expect(worker.lines().at(-1)?.event).toBe("worker-stopped");
  });

  test("of two that make their call at once only one acknowledges, and the owner is told once", async () => {
    const workers = [startWorker(), startWorker()];
    await Promise.all(workers.map((one) => one.printed("worker-started")));
    const storeToken = await place.beginLogin();
    place.simulators.etrade.setFaults({ latencyMs: 6_000 });
    const callsBefore = place.accountCalls();

    const { connection, generation, version } = await storeToken();
    // Doubled broadcasts, until the second worker has one too and is in its call while the first still is.
    await vi.waitFor(async () => {
      await place.app.platform.bus.publish(tokenRefreshed, { connection, generation, version });
      expect(place.accountCalls()).toBeGreaterThanOrEqual(callsBefore + 2);
    }, DOUBLED);
    expect(await place.acknowledgement()).toBeUndefined();
    place.simulators.etrade.setFaults({ latencyMs: null });
    await acknowledged(1, IN_TIME);
    for (const one of workers) one.kill("SIGTERM");

    expect(await Promise.all(workers.map((one) => one.ended))).toEqual([0, 0]);
    expect(saidAcknowledged()).toBe(1);
    expect(toldOwner()).toBe(1);
  });

  test("killed in the middle of its call, it acknowledges after a restart, without another login", async () => {
    const first = startWorker();
    await first.printed("worker-started");
    await holdAccountCall(await place.beginLogin(), 3_000);
    first.kill("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");
    const afterDeath = await place.acknowledgement();

    startWorker();
    const acknowledgement = await acknowledged(1, IN_TIME);

    expect(afterDeath).toBeUndefined();
    expect(acknowledgement).toMatchObject({ generation: 1, version: 1, connection: PRODUCTION });
    expect(toldOwner()).toBe(1);
  });
});
