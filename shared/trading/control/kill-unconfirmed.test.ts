/** A kill of everything of which one account cannot be asked. */
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../../tests/support/token-house.ts";
import {
  openTradingHouse,
  rest,
  type TradingHouse,
  type TradingProcess,
} from "../../../tests/support/trading-house.ts";
import { type SocketRecord, sockets } from "../../brokers/socket-state.ts";
import { type Config, configSchema } from "../../config/config.ts";
import type { ConnectionId } from "../../config/connection.ts";
import { tokens } from "../../tokens/records.ts";
import { tradingStates } from "../records.ts";
import { readTradingStanding, refusalIn } from "../trading-state.ts";
import { createTradingControl, type TradingControl } from "./command-trading.ts";
import { confirmKills } from "./confirm-kills.ts";
import { killNotice } from "./notices.ts";
import type { KillRecord } from "./records.ts";
import { whyUnasked } from "./why-unasked.ts";

const ACTOR = { kind: "terminal" } as const;
const DEAD = "ctrader-dead" as ConnectionId;
const RESUME = { actor: ACTOR, phrase: "RESUME ALL", reason: "seen" };
const RESUME_DEAD = { ...RESUME, scope: DEAD, phrase: "RESUME CTRADER-DEAD" };
const HOLD = Temporal.Duration.from({ minutes: 5 });

let house: TradingHouse;
let config: Config;
let worker: TradingProcess;
let control: TradingControl;
let audited: string[];

beforeEach(async () => {
  house = await openTradingHouse();
  audited = [];
  const all = configSchema.parse({});
  const [account] = all.accounts;
  if (account === undefined) throw new Error("the defaults have an account");
  const other = { ...house.connection, id: DEAD, label: "the other one" };
  config = {
    ...all,
    connections: [house.connection, other],
    accounts: [house.connection, other].map(({ id }) => ({ ...account, connection: id, mode: "live" })),
    bots: [],
  };
  let ids = 0;
  control = createTradingControl({
    ...{ ...house, log: silentLog, config },
    audit: async ({ action, subject }) => void audited.push(`${action} ${subject}`),
    newId() {
      ids += 1;
      return `kill-${ids}`;
    },
  });
  worker = await house.start();
  await worker.open();
});
afterEach(() => house.close());

async function confirm(id: ConnectionId = house.connection.id): Promise<void> {
  await worker.executor.control();
  await rest(worker.executor);
  const connection = { ...house.connection, id };
  const account = { id, mode: "live" as const, connection };
  await confirmKills({ ...house, log: silentLog, account, broker: worker.broker }, worker.lease);
}

/** Kills everything, and lets all but the dead account go on. */
async function killAndGoOn(): Promise<Awaited<ReturnType<TradingControl["resume"]>>> {
  await control.kill({ actor: ACTOR, why: "test", requestId: "first" });
  await confirm();
  await house.clock.advanceBy(HOLD);
  return control.resume(RESUME);
}

const standing = (id: ConnectionId) => readTradingStanding(house.store, { id });
const read = async (id = "first"): Promise<KillRecord> => {
  const found = await control.readKill(id);
  if (!found.ok) throw new Error(found.code);
  return found.value;
};

test("everything goes on but the account that could not be asked, which stays halted by the same kill", async () => {
  const resumed = await killAndGoOn();

  const because = "there is no valid token, so log in to the other one";
  expect(resumed).toMatchObject({ value: { state: "active", stillHalted: [{ account: DEAD, because }] } });
  expect((await standing(house.connection.id)).state).toBe("active");
  expect((await standing(DEAD)).state).toBe("halted");
  expect(await house.store.get(tradingStates, DEAD)).toMatchObject({ kill: "first", who: ACTOR });
  expect(audited).toEqual(["killed all", "resumed all", `kept-halted ${DEAD}`]);
});

test("it goes on once its broker has confirmed the kill and a person says so, and by neither alone", async () => {
  await killAndGoOn();

  const early = await control.resume(RESUME_DEAD);
  await confirm(DEAD);
  const confirmed = await standing(DEAD);
  const done = await control.resume(RESUME_DEAD);

  expect(early).toMatchObject({ code: "KILL_UNCONFIRMED", detail: { accounts: DEAD } });
  expect(confirmed.state).toBe("halted");
  expect(done).toMatchObject({ ok: true });
  expect((await standing(DEAD)).state).toBe("active");
});

test("an account that has confirmed goes on by itself, whoever else of the same kill has not", async () => {
  await killAndGoOn();
  const { id } = house.connection;
  const at = house.clock.now().subtract(HOLD);
  await house.store.transact(async (transaction) =>
    transaction.set(tradingStates, id, { state: "halted", who: ACTOR, why: "test", at, kill: "first" }),
  );

  const phrase = `RESUME ${id.toUpperCase()}`;
  expect(await control.resume({ ...RESUME, scope: id, phrase })).toMatchObject({ ok: true });
});

test("where no account is confirmed, nothing goes on", async () => {
  await control.kill({ actor: ACTOR, why: "test" });
  await house.clock.advanceBy(HOLD);

  expect(await control.resume(RESUME)).toMatchObject({ code: "KILL_UNCONFIRMED" });
  expect((await standing(house.connection.id)).state).toBe("halted");
});

test("what the owner closes knowing of the kill may still go on the account that stays halted", async () => {
  await control.kill({ actor: ACTOR, why: "test" });
  const { halts } = await standing(DEAD);
  await confirm();
  await house.clock.advanceBy(HOLD);
  await control.resume(RESUME);

  const close = { ticket: { closes: "p1" }, byOwner: { despite: [...halts] } };
  expect(refusalIn(await standing(DEAD), close)).toBeUndefined();
  expect(refusalIn(await standing(DEAD), { ticket: { closes: "p1" } })).toBe("TRADING_HALTED");
});

test("why an account was stopped before is kept with the halt, and a later halt's hold time too", async () => {
  const at = house.clock.now().add({ minutes: 4 });
  await house.store.transact(async (transaction) =>
    transaction.set(tradingStates, DEAD, {
      ...{ state: "halted", who: { kind: "system" }, why: "DRAWDOWN: much", at },
    }),
  );

  await killAndGoOn();
  await confirm(DEAD);

  const kept = await house.store.get(tradingStates, DEAD);
  expect(kept?.why).toContain("stopped before: DRAWDOWN: much");
  expect(await control.resume(RESUME_DEAD)).toMatchObject({
    code: "RESUME_TOO_SOON",
    detail: { seconds: 240 },
  });
});

test("the receipt says of such an account that it could not be asked, and why; later that it stays halted", async () => {
  await control.kill({ actor: ACTOR, why: "test", requestId: "first" });
  await confirm();
  const open = killNotice(await read());
  await house.clock.advanceBy(HOLD);
  await control.resume(RESUME);
  await confirm(DEAD);
  const late = killNotice(await read());

  expect(open.lines).toContain(
    `${DEAD}: waiting; it could not be asked: there is no valid token, so log in to the other one.`,
  );
  expect(late.title).toBe(
    `Confirmed too: ${DEAD}. What was resumed meanwhile goes on, and this stays halted.`,
  );
  expect(late.lines.at(-1)).toBe(`To let ${DEAD} go on: RESUME CTRADER-DEAD`);
});

type Held = Partial<SocketRecord> & { readonly ago?: Temporal.Duration };
const TEN_SECONDS = Temporal.Duration.from({ seconds: 10 });
test.each<readonly [string | undefined, Held | undefined]>([
  ["no worker is at work on it", undefined],
  ["no worker is at work on it", { ready: true, ago: TEN_SECONDS.add({ seconds: 80 }) }],
  ["the other one is not connected (CH_DOWN)", { ready: false, lastTrouble: "CH_DOWN" }],
  ["the other one is under maintenance", { ready: false, waitingFor: "maintenance" as const }],
  [undefined, { ready: true }],
])("of an account with a token is said: %s", async (expected, socket) => {
  const record = await house.store.get(tokens, house.connection.id);
  if (record === undefined) throw new Error("the house is logged in");
  const { ago = TEN_SECONDS, ...over }: Held = { ...socket };
  const at = house.clock.now().subtract(ago);
  const held: SocketRecord = {
    ...{ connection: DEAD, phase: "ready", ready: true, readySince: at, epoch: 1, build: "x", at },
    ...over,
  };
  await house.store.transact(async (transaction) => {
    transaction.set(tokens, DEAD, { ...record, connection: DEAD });
    if (socket !== undefined) transaction.set(sockets, DEAD, held);
  });

  expect(await whyUnasked({ ...house, config }, DEAD)).toBe(expected);
});

test("on paper no token is asked for, only a worker", async () => {
  const paper = `paper-${DEAD}`;
  const at = house.clock.now();

  const before = await whyUnasked({ ...house, config }, paper);
  await house.store.transact(async (transaction) =>
    transaction.set(sockets, DEAD, {
      ...{ connection: DEAD, phase: "waiting", ready: false, readySince: at, epoch: 1, build: "x", at },
    }),
  );

  expect(before).toBe("no worker is at work on it");
  expect(await whyUnasked({ ...house, config }, paper)).toBeUndefined();
});

test("a request that joined an open kill is no new kill when it comes again after the resume", async () => {
  await control.kill({ actor: ACTOR, why: "test", requestId: "first" });
  await control.kill({ actor: ACTOR, why: "again", requestId: "second" });
  await confirm();
  await house.clock.advanceBy(HOLD);
  await control.resume(RESUME);

  const late = await control.kill({ actor: ACTOR, why: "again", requestId: "second" });

  expect(late).toMatchObject({ value: { kill: { id: "first" }, isNew: false, isHalted: false } });
  expect(await house.store.get(tradingStates, "all")).toMatchObject({ state: "active" });
});

test("a new kill halts everything again, also the account that still waits for the last one", async () => {
  await killAndGoOn();

  const again = await control.kill({ actor: ACTOR, why: "again", requestId: "third" });
  await confirm();

  expect(again).toMatchObject({ value: { isNew: true, isHalted: true } });
  expect((await standing(house.connection.id)).state).toBe("halted");
  expect((await read("third")).parts.map(({ state }) => state)).toEqual(["confirmed", "waiting"]);
});
