import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createNotedMessenger, type NotedMessenger } from "../../tests/support/noted-messenger.ts";
import { logIn, openTokenHouse, silentLog, type TokenHouse } from "../../tests/support/token-house.ts";
import { configSchema } from "../config/config.ts";
import type { Connection } from "../config/connection.ts";
import { acknowledgeToken } from "../tokens/acknowledger.ts";
import { keepAlive } from "../tokens/keeper.ts";
import { ringMorning } from "./morning.ts";
import { type ProveArmedDeps, proveArmed } from "./prove-armed.ts";

/** Monday, 23 November 2026. */
const at = (clock: string) => Temporal.Instant.from(`2026-11-23T${clock}-05:00`);
let house: TokenHouse;
let phone: NotedMessenger;
beforeEach(async () => {
  house = openTokenHouse(at("08:31"));
  phone = createNotedMessenger();
});
afterEach(() => house.close());

const goTo = (clock: string) => house.clock.advanceTo(at(clock));
const probes = () => house.issuer.count("probe");

function deps(over: Partial<ProveArmedDeps> = {}) {
  const { connections, alerts: ladder } = configSchema.parse({});
  return {
    ...house.parts(),
    connections,
    ladder,
    messenger: phone,
    compose: async () => ({ text: "ring" }),
    isStillTrue: async () => true,
    keep: (...[connection, options]: Parameters<ProveArmedDeps["keep"]>) =>
      keepAlive(house.parts(), connection, options),
    ...over,
  };
}

/** Logs in and has the worker confirm it: one call. */
async function arm() {
  await logIn(house);
  await acknowledgeToken(house.parts(), house.connection);
}

/** What the morning's job does. */
async function runJob() {
  await proveArmed(deps());
  return ringMorning(deps());
}

test("a token that died after it was armed is found dead at the last rung, and rung for", async () => {
  await arm();
  await goTo("09:00");
  house.issuer.alive.clear();
  await goTo("09:20");

  expect(await runJob()).toMatchObject({ did: "rang", rung: 10 });
  expect(phone.delivered).toHaveLength(1);
  expect(house.events.map((event) => event.kind)).toContain("rejected");
});

test("a token that lives is proven once, however often the job comes, and nobody is rung", async () => {
  await arm();
  await goTo("09:20");

  await Promise.all([runJob(), runJob(), runJob()]);
  await goTo("09:25");
  const late = await runJob();

  expect(probes()).toBe(2);
  expect(late).toEqual({ did: "nothing", reason: "all-armed" });
  expect(phone.delivered).toEqual([]);
});

test("two jobs that have both decided to call make one call", async () => {
  await arm();
  await goTo("09:20");
  let isSecond = false;
  const keep: ProveArmedDeps["keep"] = async (connection, options) => {
    if (!isSecond) {
      isSecond = true;
      await proveArmed(deps({ keep }));
    }
    return keepAlive(house.parts(), connection, options);
  };

  await proveArmed(deps({ keep }));

  expect(probes()).toBe(2);
});

test.each([
  ["before the last rung", "09:19:59"],
  ["at the open", "09:30"],
])("%s nothing is called", async (_when, clock) => {
  await arm();
  await goTo(clock);

  expect(await proveArmed(deps())).toEqual({});
  expect(probes()).toBe(1);
});

test("on a closed day nothing is called", async () => {
  await house.clock.advanceTo(Temporal.Instant.from("2026-11-26T09:25:00-05:00"));
  await arm();

  expect(await proveArmed(deps())).toEqual({});
  expect(probes()).toBe(1);
});

test("a connection that is not armed, or that no morning needs, is not called", async () => {
  const [needed, other] = configSchema.parse({}).connections;
  if (needed === undefined || other === undefined) throw new Error("The default configuration has changed.");
  await logIn(house);
  await goTo("09:20");
  const unconfirmed = await proveArmed(deps());
  await arm();
  await goTo("09:21");
  const idle: Connection = { ...needed, needed: "on-demand" };

  expect(other.needed).not.toBe("every-morning");
  expect(unconfirmed).toEqual({});
  expect(await proveArmed(deps({ connections: [idle] }))).toEqual({});
});

test("a network fault at the last rung takes no token away, and a proof that breaks is told as failed", async () => {
  await arm();
  await goTo("09:20");
  house.issuer.failures.push({ method: "probe", code: "BROKER_UNREACHABLE" });

  const unreached = await proveArmed(deps());
  const broken = await proveArmed(deps({ keep: () => Promise.reject(new Error("bug")), log: silentLog }));

  expect(unreached).toEqual({ "etrade-production": { did: "failed", code: "BROKER_UNREACHABLE" } });
  expect(broken).toEqual({ "etrade-production": { did: "failed", code: "INTERNAL" } });
  expect(await ringMorning(deps())).toEqual({ did: "nothing", reason: "all-armed" });
});
