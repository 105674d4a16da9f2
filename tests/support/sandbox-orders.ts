/** What tests tell a stack's sandbox to do, over HTTP as any tool would. */
import { expect } from "vitest";
import type { JournalLine } from "../../infra/sandbox/etrade/journal.ts";
import { createCaller } from "./http-caller.ts";
import type { TestStack } from "./stack.ts";

/** Sets switches of `etrade`, `telegram` or `delivery`. */
export async function setFaults(stack: TestStack, board: string, faults: unknown): Promise<void> {
  const answer = await createCaller(stack.addresses.sandbox)("POST", `/${board}/faults`, { body: faults });
  expect(answer.status, answer.text).toBe(200);
}

/** Moves the clock: `{ to }` or `{ advance }`. */
export async function moveClock(stack: TestStack, order: unknown): Promise<void> {
  const answer = await createCaller(stack.addresses.sandbox)("POST", "/clock", { body: order });
  expect(answer.status, answer.text).toBe(200);
}

/** Runs a job now; the status that its service answered. */
export async function runJob(stack: TestStack, name: string): Promise<number> {
  const answer = await createCaller(stack.addresses.sandbox)("POST", `/jobs/${name}/run`);
  return (JSON.parse(answer.text) as { status: number }).status;
}

/** The calls of one kind that reached the simulated broker, oldest first; of all calls it keeps the last 50. */
export function brokerCalls(stack: TestStack, endpoint: string): readonly JournalLine[] {
  return stack.simulators.etrade
    .state()
    .calls.filter((call) => call.endpoint === endpoint)
    .toReversed();
}

/** Endings of calls to the broker that were not answered well, with how often each happened. */
export function refusedCalls(stack: TestStack): Readonly<Record<string, number>> {
  const counters = Object.entries(stack.simulators.etrade.state().counters);
  return Object.fromEntries(counters.filter(([name]) => !name.endsWith(" 200")));
}
