import { expect, test } from "vitest";
import { type Config, configSchema } from "./config.ts";
import { joinFaults } from "./join-faults.ts";

const CONFIG = configSchema.parse({});
const [palmOil] = CONFIG.bots as [Config["bots"][number]];
const named = (id: string) => ({ ...CONFIG.connections[2], id }) as Config["connections"][number];
const places = (over: Partial<Config>) =>
  joinFaults({ ...CONFIG, ...over }).map(({ path, message }) => `${path.join(".")}: ${message}`);

test("the configuration that nobody wrote is without a fault", () => {
  expect(joinFaults(CONFIG)).toEqual([]);
});

test("a connection is not called what the paper account of another one is: they would share a ledger", () => {
  const connections = [...CONFIG.connections, named("paper-ctrader-demo")];

  expect(places({ connections })).toEqual([
    "connections.3.id: is what the paper account of ctrader-demo is called; write another name",
  ]);
  expect(places({ connections: [...CONFIG.connections, named("paper-other")] })).toEqual([]);
});

test("a connection is not called what means everything", () => {
  expect(places({ connections: [...CONFIG.connections, named("all")] })).toEqual([
    "connections.3.id: `all` means everything where trading is stopped; write another name",
  ]);
});

test.each(["all", "ctrader-demo", "paper-ctrader-demo"])(
  "a bot is not called %s: a word that stops it or lets it go on would reach further",
  (id) => {
    expect(places({ bots: [{ ...palmOil, id }] })).toEqual([
      "bots.0.id: names more than this bot where trading is stopped or goes on; write another name",
    ]);
  },
);

test("a live bot that may not be live is told that alone: an account added for it would be for nothing", () => {
  const live = { ...palmOil, connection: "etrade-production", mode: "live" } as typeof palmOil;

  expect(places({ bots: [live] })).toEqual([
    "bots.0.mode: is not earned: no bot may trade real money yet; write `mode: paper`",
  ]);
});
