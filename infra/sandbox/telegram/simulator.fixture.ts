import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../shared/platform/clock.ts";
import { createSeededRandom } from "../../../shared/platform/local/seeded-random.ts";
import { createVirtualClock, type VirtualClock } from "../../../shared/platform/local/virtual-clock.ts";
import type { Log, LogFields } from "../../../shared/platform/log.ts";
import type { ChatStorage } from "./chat.ts";
import { createTelegramSimulator, type TelegramSimulator } from "./telegram-simulator.ts";

export const TOKEN = "7000000001:test-token_of-nobody";
export const CHAT_ID = 4711;
export const START = Temporal.Instant.from("2026-11-23T13:30:00Z");

/** A log that keeps its lines as text. */
export function createListLog(): Log & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const write = (event: string, fields: LogFields = {}) => {
    lines.push(JSON.stringify({ event, ...fields }));
  };
  const log: Log & { lines: string[] } = { lines, info: write, warn: write, error: write, for: () => log };
  return log;
}

/** Storage in memory; `text` is what would lie on the disk. */
export function createTextStorage(
  key = new Uint8Array(32).fill(7),
): ChatStorage & { text: string | undefined } {
  const storage: ChatStorage & { text: string | undefined } = {
    key,
    text: undefined,
    load: () => storage.text,
    save(text) {
      storage.text = text;
    },
  };
  return storage;
}

export interface SimulatorUnderTest extends AsyncDisposable {
  readonly simulator: TelegramSimulator;
  readonly clock: VirtualClock;
  readonly log: ReturnType<typeof createListLog>;
  readonly apiRoot: string;
  /** Moves the clock on and lets what is due then be pushed. */
  pass(seconds: number): Promise<void>;
  /** Resolves when something has begun to sleep on the clock, as a long poll does. */
  waiting(): Promise<void>;
  /** Calls a method with a JSON body and returns the status and the answer. */
  call(method: string, params?: object): Promise<{ status: number; body: Record<string, unknown> }>;
}

export async function startSimulator(
  over: { readonly storage?: ChatStorage } = {},
): Promise<SimulatorUnderTest> {
  const clock = createVirtualClock({ start: START, settle: () => simulator.settled() });
  const sleep = watchSleep(clock);
  const log = createListLog();
  const simulator: TelegramSimulator = createTelegramSimulator(
    {
      clock: sleep.clock,
      log,
      random: createSeededRandom("telegram"),
      ...(over.storage && { storage: over.storage }),
    },
    { token: TOKEN, chatId: CHAT_ID, botUsername: "openbell_test_bot" },
  );
  const apiRoot = await simulator.listen();
  return {
    simulator,
    clock,
    log,
    apiRoot,
    async pass(seconds) {
      await simulator.settled();
      await clock.advanceBy(Temporal.Duration.from({ seconds }));
      await simulator.settled();
    },
    waiting: sleep.waiting,
    async call(method, params = {}) {
      const response = await fetch(`${apiRoot}/bot${TOKEN}/${method}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(params),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

/** The same clock, with a way to hear of the first sleeper. */
function watchSleep(clock: Clock): { readonly clock: Clock; waiting(): Promise<void> } {
  let firstSleeps = () => {};
  const first = new Promise<void>((resolve) => {
    firstSleeps = resolve;
  });
  return {
    clock: {
      now: () => clock.now(),
      sleep(duration, signal) {
        const slept = clock.sleep(duration, signal);
        firstSleeps();
        return slept;
      },
    },
    waiting: () => first,
  };
}

export interface HookRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly update_id: number; readonly [field: string]: unknown };
}

/** A web hook that answers each request with the next of `answers` (then 200) and keeps what came. */
export async function startHook(
  answers: readonly (number | { readonly status: number; readonly retryAfter: number })[] = [],
): Promise<AsyncDisposable & { readonly url: string; readonly requests: readonly HookRequest[] }> {
  const requests: HookRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const answer = answers[requests.length] ?? 200;
    requests.push({
      method: request.method ?? "",
      url: request.url ?? "",
      headers: request.headers,
      body: text === "" ? { update_id: 0 } : JSON.parse(text),
    });
    if (typeof answer === "number") response.writeHead(answer, { location: "/elsewhere" }).end();
    else response.writeHead(answer.status, { "retry-after": String(answer.retryAfter) }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
