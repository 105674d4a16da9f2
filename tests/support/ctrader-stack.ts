/** What whole-system tests do with the simulated cTrader of a stack. */
import { Temporal } from "temporal-polyfill";
import { expect, vi } from "vitest";
import type { JournalLine } from "../../infra/sandbox/ctrader/journal.ts";
import type { VenueTruth } from "../../infra/sandbox/ctrader/venue.ts";
import type { BrokerHost } from "../../infra/sandbox/ctrader/words.ts";
import { type SocketRecord, sockets } from "../../shared/brokers/socket-state.ts";
import type { ApiConnectionStatus } from "../../shared/console/api.ts";
import { openTestStack, signIn, type TestStack, type TestStackOptions } from "./stack.ts";

export const DEMO = "ctrader-demo";
export const LIVE = "ctrader-live";

const aConnection = (environment: BrokerHost) => ({
  id: `ctrader-${environment}`,
  label: `cTrader ${environment}`,
  broker: "ctrader",
  environment,
  needed: "on-demand",
});

/** Half a minute before the alert of a Monday, on which the simulated market is open. */
const BEFORE_ALERT = Temporal.Instant.from("2026-11-23T13:29:30Z");

export interface CtraderStackOptions extends Omit<TestStackOptions, "config"> {
  /** Whether the owner comes by the alert's link. Default: yes. */
  readonly isSignedIn?: boolean;
}

/** A stack with these cTrader connections. */
export async function openCtraderStack(
  hosts: readonly BrokerHost[] = ["demo"],
  { isSignedIn = true, ...options }: CtraderStackOptions = {},
): Promise<TestStack> {
  const etrade = { id: "etrade-production", label: "E*TRADE", broker: "etrade", environment: "production" };
  const connections = [{ ...etrade, needed: "every-morning" }, ...hosts.map(aConnection)];
  const stack = await openTestStack({ startAt: BEFORE_ALERT, ...options, config: { connections } });
  if (isSignedIn) await signIn(stack);
  return stack;
}

/** Begins at the page, agrees at the broker's pages, and comes back by its redirect; the generation it brought. */
export async function logIn(stack: TestStack, connection = DEMO): Promise<number> {
  const authorization = await stack.owner.begin(connection);
  const landing = await stack.owner.comeBack(await stack.owner.logIn(authorization));
  expect(landing).toMatchObject({ connected: connection });
  return Number(landing.generation);
}

/** {@link logIn}, and waits until the worker has acknowledged it. */
export async function connect(stack: TestStack, connection = DEMO): Promise<number> {
  const generation = await logIn(stack, connection);
  await stack.owner.waitForGreen(connection, generation, 15_000);
  return generation;
}

export async function connectionOf(stack: TestStack, id = DEMO): Promise<ApiConnectionStatus> {
  const found = (await stack.app.services.status()).connections.find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no connection ${id}.`);
  return found;
}

/** Waits in real time until the worker says so of a connection's socket. */
export function waitForSocket(
  stack: TestStack,
  expected: Partial<SocketRecord>,
  { connection = DEMO, timeout = 10_000 }: { connection?: string; timeout?: number } = {},
): Promise<SocketRecord> {
  return vi.waitFor(
    async () => {
      const record = await stack.app.platform.store.get(sockets, connection);
      expect(record).toMatchObject(expected);
      return record as SocketRecord;
    },
    { timeout, interval: 25 },
  );
}

/** The messages that came to one of the simulated hosts, oldest first; the last 200 of both hosts are kept. */
export function heard(stack: TestStack, host: BrokerHost): readonly JournalLine[] {
  const lines = stack.simulators.ctrader.simulator.state().messages.toReversed();
  return lines.filter((line) => line.host === host && line.direction === "in");
}

/** What the first account of a host truly holds. */
export function truthOf(stack: TestStack, host: BrokerHost = "demo"): VenueTruth {
  const { simulator, addresses } = stack.simulators.ctrader;
  const account = addresses.accounts.find((one) => one.host === host);
  if (account === undefined) throw new Error(`There is no ${host} account.`);
  return simulator.truth(account.ctidTraderAccountId);
}
