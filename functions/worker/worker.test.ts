import { Temporal } from "temporal-polyfill";
import { afterEach, expect, test } from "vitest";
import type { Bus } from "../../shared/platform/bus.ts";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import { acknowledgeToken } from "../../shared/tokens/acknowledger.ts";
import { logIn, openTokenHouse, silentLog } from "../../tests/support/token-house.ts";
import type { SocketDesk } from "./socket-desk.ts";
import { createWorker, type Worker, type WorkerDeps } from "./worker.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A bus that hands its one handler what the test gives it; `deliver` settles as the handler does. */
function createHandBus() {
  const handlers = new Map<string, (message: unknown) => Promise<void>>();
  let closed = 0;
  const bus: Bus = {
    publish: async () => undefined,
    subscribe: async (topic, _subscriber, given) => {
      handlers.set(topic.name, (message) =>
        given(message as Parameters<typeof given>[0], { id: "m", attempt: 1 }),
      );
      return {
        close: async () => {
          closed += 1;
        },
      };
    },
    close: async () => undefined,
  };
  const hand = (topic: string, message: unknown) => {
    const handler = handlers.get(topic);
    if (handler === undefined) throw new Error("nobody has subscribed");
    return handler(message);
  };
  const deliver = (connection: string, generation = 1) =>
    hand("token-refreshed", { connection, generation, version: generation });
  return { bus, hand, deliver, topics: () => [...handlers.keys()], closed: () => closed };
}

async function setUp(over: Partial<WorkerDeps> = {}) {
  const house = openTokenHouse();
  closing.push(() => house.close());
  const hand = createHandBus();
  const asked: string[] = [];
  const steps: string[] = [];
  const deps: WorkerDeps = {
    bus: hand.bus,
    clock: house.clock,
    log: silentLog,
    connections: [house.connection],
    subscriber: "worker",
    acknowledge: (connection) => {
      asked.push(connection.id);
      return acknowledgeToken(house.parts(), connection);
    },
    startUp: async () => {
      steps.push("start-up");
      return { kind: "stopped", reason: "no-live-token" };
    },
    finishInterrupted: async () => {
      steps.push("finish");
    },
    beat: async () => {
      steps.push("beat");
    },
    openDesk: async () => undefined,
    watchKills: () => async () => undefined,
    ...over,
  };
  const worker: Worker = createWorker(deps);
  await worker.start();
  closing.push(() => worker.stop());
  await worker.idle();
  const wait = (seconds: number) => house.clock.advanceBy(Temporal.Duration.from({ seconds }));
  return { house, worker, asked, steps, wait, ...hand };
}

test("tries each connection when it starts, then looks at once and acknowledges what it finds", async () => {
  const { house, asked, steps } = await setUp();

  expect(asked).toEqual([house.connection.id]);
  expect(steps).toEqual(["start-up", "beat", "finish"]);
});

test("a message wakes it, without waiting for the next look", async () => {
  const { house, deliver } = await setUp();
  await logIn(house);

  await deliver(house.connection.id);

  expect(house.events.map((event) => event.kind)).toEqual(["acknowledged"]);
});

test("a message that comes many times at once leads to one call", async () => {
  const { house, deliver } = await setUp();
  await logIn(house);

  await Promise.all([1, 2, 3, 4].map(() => deliver(house.connection.id)));

  expect(house.issuer.count("probe")).toBe(1);
  expect(house.events).toHaveLength(1);
});

test("a message that was lost is made good by the next look, within 30 seconds", async () => {
  const { house, worker, wait } = await setUp();
  await logIn(house);

  await wait(29);
  const early = house.events.length;
  await wait(1);
  await worker.idle();

  expect(early).toBe(0);
  expect(house.events.map((event) => event.kind)).toEqual(["acknowledged"]);
});

test("a message about a connection that it does not know is done with", async () => {
  const { deliver, asked } = await setUp();
  const before = asked.length;

  await expect(deliver("elsewhere")).resolves.toBeUndefined();
  expect(asked).toHaveLength(before);
});

test("a failing acknowledgement gives the message back, and the next delivery tries again", async () => {
  const { house, deliver } = await setUp();
  await logIn(house);
  house.issuer.failures.push({ method: "probe", code: "BROKER_UNREACHABLE" });

  await expect(deliver(house.connection.id)).rejects.toThrow("BROKER_UNREACHABLE");
  await expect(deliver(house.connection.id)).resolves.toBeUndefined();
  expect(house.events.map((event) => event.kind)).toEqual(["acknowledged"]);
});

test("an acknowledgement that throws gives the message back and blocks no later one", async () => {
  let calls = 0;
  const { house, deliver } = await setUp({
    acknowledge: async () => {
      calls += 1;
      if (calls === 2) throw new Error("bug");
      return succeed(undefined);
    },
  });

  await expect(deliver(house.connection.id)).rejects.toThrow("bug");
  await expect(deliver(house.connection.id)).resolves.toBeUndefined();
});

test.each(["beat", "finishInterrupted"] as const)(
  "a failing %s does not keep the look from the rest",
  async (part) => {
    const { house, asked, wait, worker } = await setUp({ [part]: () => Promise.reject(new Error("away")) });
    await wait(30);
    await worker.idle();

    expect(asked).toEqual([house.connection.id, house.connection.id]);
  },
);

test("an acknowledgement that throws in a look does not end the looking", async () => {
  let calls = 0;
  const { wait, worker } = await setUp({
    acknowledge: async () => {
      calls += 1;
      throw new Error("bug");
    },
  });
  await wait(30);
  await worker.idle();
  await wait(30);
  await worker.idle();

  expect(calls).toBe(3);
});

/** An acknowledgement that lasts until it is released. */
function createSlow() {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isSlow = false;
  let running = 0;
  let most = 0;
  return {
    slowDown: () => {
      isSlow = true;
    },
    release: () => release(),
    most: () => most,
    acknowledge: async (): Promise<Result<unknown>> => {
      running += 1;
      most = Math.max(most, running);
      if (isSlow) await held;
      running -= 1;
      return succeed(undefined);
    },
  };
}

test("idle waits for what is at hand", async () => {
  const slow = createSlow();
  const { house, worker, deliver } = await setUp({ acknowledge: slow.acknowledge });
  slow.slowDown();
  let isIdle = false;

  const delivered = deliver(house.connection.id);
  const idle = worker.idle().then(() => {
    isIdle = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  const before = isIdle;
  slow.release();
  await Promise.all([delivered, idle]);

  expect([before, isIdle]).toEqual([false, true]);
});

test("one connection is asked about by one call at a time, a message and a look alike", async () => {
  const slow = createSlow();
  const { house, worker, deliver, wait } = await setUp({ acknowledge: slow.acknowledge });
  slow.slowDown();

  const delivered = [deliver(house.connection.id), deliver(house.connection.id)];
  await wait(30);
  slow.release();
  await Promise.all(delivered);
  await worker.idle();

  expect(slow.most()).toBe(1);
});

test("stopping closes the subscription, finishes what is at hand and looks no more", async () => {
  const slow = createSlow();
  const { house, worker, deliver, steps, wait, closed } = await setUp({ acknowledge: slow.acknowledge });
  slow.slowDown();
  const delivered = deliver(house.connection.id);
  let isStopped = false;

  const stopping = worker.stop().then(() => {
    isStopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  const before = isStopped;
  slow.release();
  await Promise.all([delivered, stopping]);
  const looks = steps.length;
  await wait(300);

  expect([before, isStopped]).toEqual([false, true]);
  expect(closed()).toBe(3);
  expect(steps).toHaveLength(looks);
});

test("a code of failure is what the redelivery is told", async () => {
  const { house, deliver } = await setUp({ acknowledge: async () => fail("BROKER_UNAVAILABLE") });

  await expect(deliver(house.connection.id)).rejects.toThrow(/^BROKER_UNAVAILABLE$/);
});

test.each(["ACCOUNT_MISSING", "VAULT_CORRUPT", "BROKER_CREDENTIALS_REJECTED"] as const)(
  "%s stays until a person acts: the message is not asked for again",
  async (code) => {
    const { house, deliver } = await setUp({ acknowledge: async () => fail(code) });

    await expect(deliver(house.connection.id)).resolves.toBeUndefined();
  },
);

test("a refusal that only the broker understands may pass: the message comes again", async () => {
  const { house, deliver } = await setUp({ acknowledge: async () => fail("BROKER_REFUSED") });

  await expect(deliver(house.connection.id)).rejects.toThrow("BROKER_REFUSED");
});

test("an account that is missing costs one call in five minutes, and what brings it in time is acknowledged", async () => {
  let account = "9999";
  const { house, wait, worker } = await setUp({
    acknowledge: (connection) => acknowledgeToken(house.parts(), { ...connection, account }),
  });
  await logIn(house);
  for (let look = 0; look < 10; look += 1) {
    await wait(30);
    await worker.idle();
  }
  const calls = house.issuer.count("probe");
  account = "1111";
  await wait(30);
  await worker.idle();

  expect(calls).toBe(1);
  expect(house.events.map((event) => event.kind)).toEqual(["acknowledged"]);
});

/** A desk that notes what is asked of it. */
function createNotedDesk(connection: SocketDesk["connection"]) {
  const did: string[] = [];
  const stands = { isLeading: true, isReady: true };
  const note = (what: string) => async () => {
    did.push(what);
  };
  const desk: SocketDesk = {
    connection,
    provesTokens: true,
    start: () => void did.push("start"),
    isLeading: () => stands.isLeading,
    isReady: () => stands.isReady,
    trades: (account) => account === connection.id,
    wake: note("wake"),
    control: note("control"),
    report: note("report"),
    observe: note("observe"),
    idle: async () => undefined,
    stop: note("stop"),
  };
  return { desk, did, stands };
}

/** A worker whose one connection is held by a socket; `becomeReady` is what its desk calls. */
async function setUpDesk(over: Partial<WorkerDeps> = {}) {
  let noted: ReturnType<typeof createNotedDesk> | undefined;
  let becomeReady = () => {};
  const all = await setUp({
    openDesk: async (connection, ready) => {
      noted = createNotedDesk(connection);
      becomeReady = ready;
      return noted.desk;
    },
    ...over,
  });
  if (noted === undefined) throw new Error("no desk was opened");
  return { ...all, ...noted, becomeReady: () => becomeReady() };
}

test("a connection with a socket is tried when its socket is ready, not before, and once", async () => {
  const { steps, did, becomeReady, worker, asked } = await setUpDesk();
  const before = [...steps];

  becomeReady();
  await worker.idle();
  const afterFirst = [...steps];
  const askedBefore = asked.length;
  becomeReady();
  await worker.idle();

  expect(before).not.toContain("start-up");
  expect(afterFirst.filter((one) => one === "start-up")).toHaveLength(1);
  expect(steps.filter((one) => one === "start-up")).toHaveLength(1);
  expect(asked).toHaveLength(askedBefore + 1);
  expect(did).toContain("wake");
});

test("what kept a token from being acknowledged counts no more once the socket has become ready again", async () => {
  let account = "9999";
  const { house, becomeReady, worker, deliver } = await setUpDesk({
    acknowledge: (connection, given) => acknowledgeToken(house.parts(), { ...connection, account }, given),
  });
  becomeReady();
  await logIn(house);
  await deliver(house.connection.id);
  account = "1111";
  await deliver(house.connection.id);
  const before = house.events.map((event) => event.kind);

  becomeReady();
  await worker.idle();

  expect([before, house.events.map((event) => event.kind)]).toEqual([[], ["acknowledged"]]);
});

test("an order wakes the desk of its connection; a control message wakes every desk", async () => {
  const { house, hand, did } = await setUpDesk();
  did.splice(0);

  await hand("order-created", { connection: house.connection.id, clientOrderId: "a1" });
  await hand("order-created", { connection: "elsewhere", clientOrderId: "a1" });
  await hand("control", { scope: "all" });

  expect(did).toEqual(["wake", "control"]);
});

test("a kill that is seen without its message wakes every desk, and is looked for while a desk leads, until the end", async () => {
  let watching: Parameters<WorkerDeps["watchKills"]>[0] | undefined;
  let isEnded = false;
  const { did, stands, worker } = await setUpDesk({
    watchKills(given) {
      watching = given;
      return async () => {
        isEnded = true;
      };
    },
  });
  did.splice(0);

  watching?.seen();
  const wanted = [watching?.isWanted()];
  stands.isLeading = false;
  wanted.push(watching?.isWanted());
  await worker.stop();

  expect(did.filter((one) => one === "control")).toHaveLength(1);
  expect(wanted).toEqual([true, false]);
  expect(isEnded).toBe(true);
});

test("a token message that reaches a process which does not lead is given back for the one that does", async () => {
  const { house, deliver, stands, asked } = await setUpDesk();
  await logIn(house);
  asked.splice(0);
  stands.isLeading = false;

  await expect(deliver(house.connection.id)).rejects.toThrow("LEASE_HELD");
  expect(asked).toEqual([]);
});

test("a new token wakes the socket before it is acknowledged, and the orders after", async () => {
  const { house, deliver, did } = await setUpDesk();
  await logIn(house);
  did.splice(0);

  await deliver(house.connection.id);

  expect(did).toEqual(["wake", "wake"]);
  expect(house.events.map((event) => event.kind)).toEqual(["acknowledged"]);
});

test("a look leaves alone a socket that is not ready, but has it say how it stands", async () => {
  const { wait, worker, stands, asked, did } = await setUpDesk();
  stands.isReady = false;
  asked.splice(0);
  did.splice(0);

  await wait(30);
  await worker.idle();

  expect(asked).toEqual([]);
  expect(did).toEqual(["report"]);
});

test("a desk whose key is missing is opened by a later look", async () => {
  const opened: string[] = [];
  const { wait, worker } = await setUp({
    openDesk: async (connection) => {
      opened.push(connection.id);
      return opened.length < 3 ? undefined : createNotedDesk(connection).desk;
    },
  });
  const before = opened.length;
  await wait(30);
  await worker.idle();
  await wait(30);
  await worker.idle();

  expect(before).toBe(2);
  expect(opened).toHaveLength(3);
});

test("stopping stops the desks too", async () => {
  const { worker, did } = await setUpDesk();

  await worker.stop();

  expect(did.at(-1)).toBe("stop");
});
