/** Workers' desks on a simulated cTrader in memory, one store between them, and time that is told to pass. */
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { createSocketDesk, type SocketDesk } from "../../functions/worker/socket-desk.ts";
import { createMemoryDial } from "../../infra/sandbox/ctrader/testing/memory-dial.ts";
import { openRig, type Rig } from "../../infra/sandbox/ctrader/testing/rig.ts";
import { assembleSocketKit } from "../../shared/app-sockets.ts";
import { openHeldSocket } from "../../shared/brokers/ctrader/held-socket.ts";
import type { Dial } from "../../shared/brokers/ctrader/link.ts";
import { packGrant } from "../../shared/brokers/ctrader/oauth/token.ts";
import type { Config } from "../../shared/config/config.ts";
import { type CtraderConnection, connectionSchema } from "../../shared/config/connection.ts";
import { createEncryptedVault } from "../../shared/platform/local/encrypted-vault.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSqliteStore } from "../../shared/platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import type { Log } from "../../shared/platform/log.ts";
import { Secret } from "../../shared/platform/secret.ts";
import type { Store } from "../../shared/platform/store.ts";
import type { Timers } from "../../shared/platform/timers.ts";
import { acknowledgementId } from "../../shared/tokens/acknowledger.ts";
import { createHeldTokens } from "../../shared/tokens/held-tokens.ts";
import { acknowledgements, tokens } from "../../shared/tokens/records.ts";
import { packToken, tokenSecretName } from "../../shared/tokens/token-payload.ts";
import { type OrderRequest, submitOrder } from "../../shared/trading/submit-order.ts";
import { createNotedBus, silentLog } from "./token-house.ts";

export const DEMO = connectionSchema.parse({
  id: "ctrader-demo",
  broker: "ctrader",
  environment: "demo",
  label: "cTrader demo",
  needed: "on-demand",
}) as CtraderConnection;

/** A worker's process, as far as its socket goes. */
export interface SocketProcess {
  readonly desk: SocketDesk;
  /** Ends it as SIGKILL does: none of its calls is answered, none of its timers fires, its link is cut. */
  kill(): void;
  /** Stops it as SIGSTOP does: its link stays, what comes waits. */
  pause(): void;
  /** Goes on as after SIGCONT, with everything that waited. */
  resume(): Promise<void>;
  /** Has it end or stop at its `calls`th call to the store from now: before it, or before its answer. */
  strike(how: "kill" | "pause", at: { readonly calls: number; readonly when: "before" | "after" }): void;
}

export type SocketHouse = Awaited<ReturnType<typeof openSocketHouse>>;

export async function openSocketHouse(options: Parameters<typeof openRig>[0] = {}) {
  const rig: Rig = openRig(options);
  const folder = makeTemporaryFolder();
  const store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
  const vault = createEncryptedVault({ path: join(folder.path, "vault.db"), masterKey: new Uint8Array(32) });
  const bus = createNotedBus();
  await giveToken();
  const started: SocketProcess[] = [];

  /** The connection's token, stored and proved. */
  async function giveToken(): Promise<void> {
    const { accessToken, refreshToken } = rig.grant();
    const now = rig.clock.now();
    const issuedAt = now.toString();
    const grant = packGrant({
      accessToken: Secret.of(accessToken),
      refreshToken: Secret.of(refreshToken),
      life: undefined,
    });
    const payload = packToken({ authorization: "test", issuedAt, token: grant });
    const version = await vault.add(tokenSecretName(DEMO.id), payload);
    const shared = { connection: DEMO.id, generation: 1, version };
    await store.transact(async (transaction) => {
      transaction.set(tokens, DEMO.id, {
        ...{ ...shared, authorization: "test", issuedAt: now, lastUsedAt: now },
        expiresAt: now.add({ hours: 24 * 30 }),
      });
      transaction.set(acknowledgements, acknowledgementId(DEMO.id, "worker"), {
        ...{ ...shared, by: "worker", at: now, accounts: 1, latencyMs: 1, account: "0001" },
      });
    });
  }

  function start(name: string, log: Log = silentLog, config?: Config): SocketProcess {
    const life = createLife(rig.timers);
    const random = createSeededRandom(name);
    const platform = { store: life.store(store), vault, bus, clock: rig.clock, random, log };
    const { timers } = life;
    const dial = life.dial(createMemoryDial(rig.gateway));
    const { clientId, clientSecret } = rig.applications.demo;
    const keep = async () => ({ did: "nothing", reason: "test" }) as const;
    const socket = openHeldSocket(
      { ...platform, timers, dial, tokens: createHeldTokens({ ...platform, keep }, DEMO) },
      {
        address: { host: "demo.test", port: 1 },
        connection: DEMO,
        application: { clientId, clientSecret: Secret.of(clientSecret) },
      },
    );
    const kit = assembleSocketKit(
      {
        ...{ platform, subscriber: "worker", keep },
        options: { machineClock: rig.clock, timers, build: "test", ...(config && { config }) },
      },
      DEMO,
      socket,
    );
    const desk = createSocketDesk({
      provesTokens: true,
      ...kit,
      connection: DEMO,
      timers,
      log,
      ready: () => undefined,
    });
    desk.start();
    const process = { desk, ...life.ends };
    started.push(process);
    return process;
  }

  return {
    rig,
    store,
    start,
    submit: (clientOrderId: string, over: Partial<OrderRequest["ticket"]> = {}) =>
      submitOrder({ store, bus, clock: rig.clock, log: silentLog }, anOrder(clientOrderId, over)),
    /** Lets time pass in steps of `stepMs`, the store's answers in between. */
    async pass(ms: number, stepMs = 100): Promise<void> {
      for (let passed = 0; passed < ms; passed += stepMs) {
        await rig.timers.advance(Math.min(stepMs, ms - passed));
        await settle();
      }
    },
    async close() {
      for (const one of started) one.kill();
      await settle();
      rig.close();
      await store.close();
      vault.close();
      folder.remove();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function anOrder(clientOrderId: string, over: Partial<OrderRequest["ticket"]>): OrderRequest {
  return {
    connection: DEMO.id,
    clientOrderId,
    source: "test",
    ticket: {
      instrument: "EURUSD",
      side: "buy",
      type: "market",
      quantity: new Decimal(1000),
      timeInForce: "ioc",
      ...over,
    },
  };
}

/** What a process sees of the world while it runs, is stopped, and once it is dead. */
function createLife(timers: Timers) {
  const waiting: (() => void)[] = [];
  const links = new Set<() => void>();
  let state: "running" | "paused" | "dead" = "running";
  let blow: { readonly at: number; readonly when: "before" | "after"; readonly fall: () => void } | undefined;
  let calls = 0;
  const meet = (run: () => void) => {
    if (state === "paused") waiting.push(run);
    else if (state === "running") run();
  };

  async function answered<R>(call: () => Promise<R>): Promise<R> {
    const ask = () => new Promise<void>((resolve) => meet(resolve));
    calls += 1;
    const isHit = blow?.at === calls;
    if (isHit && blow?.when === "before") blow.fall();
    await ask();
    const result = await call();
    if (isHit && blow?.when === "after") blow.fall();
    await ask();
    return result;
  }

  function kill(): void {
    state = "dead";
    for (const cut of links) cut();
  }
  function pause(): void {
    if (state === "running") state = "paused";
  }

  return {
    timers: {
      now: timers.now,
      after: (ms: number, run: () => void) => timers.after(ms, () => meet(run)),
    } satisfies Timers,
    store: (store: Store): Store => ({
      get: (...given) => answered(() => store.get(...given)),
      query: (...given) => answered(() => store.query(...given)),
      transact: (work) => answered(() => store.transact(work)),
      close: async () => undefined,
    }),
    dial:
      (real: Dial): Dial =>
      (address, events) => {
        const link = real(address, {
          opened: (peer) => meet(() => events.opened(peer)),
          received: (chunk) => meet(() => events.received(chunk)),
          drained: () => meet(() => events.drained()),
          ended: (end) => meet(() => events.ended(end)),
        });
        links.add(() => link.close());
        return { write: (bytes) => state !== "dead" && link.write(bytes), close: () => link.close() };
      },
    ends: {
      kill,
      pause,
      /** One by one, what each sets off coming first: a process goes on where it was stopped, not at its timers. */
      async resume() {
        for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
          run();
          for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        }
        state = "running";
      },
      strike(how: "kill" | "pause", { calls: later, when }: { calls: number; when: "before" | "after" }) {
        blow = { at: calls + later, when, fall: how === "kill" ? kill : pause };
      },
    },
  };
}
