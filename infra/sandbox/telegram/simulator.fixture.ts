import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../shared/platform/clock.ts";
import type { Log, LogFields } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import type { ChatStorage } from "./chat.ts";
import { createTelegramSimulator, type TelegramSimulator } from "./telegram-simulator.ts";

export const TOKEN = "7000000001:test-token_of-nobody";
export const CHAT_ID = 4711;

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves time on and wakes who is due, in order. */
  advance(seconds: number): void;
  /** Resolves when somebody sleeps. */
  sleeperArrives(): Promise<void>;
}

export function createManualClock(start = "2026-11-23T13:30:00Z"): ManualClock {
  let now = Temporal.Instant.from(start);
  const sleepers = new Set<{ until: Temporal.Instant; wake: () => void }>();
  const arrivals = new Set<() => void>();
  return {
    now: () => now,
    sleep(duration, signal) {
      if (signal?.aborted === true || duration.sign <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = { until: now.add(duration), wake };
        function wake() {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", wake);
          resolve();
        }
        signal?.addEventListener("abort", wake);
        sleepers.add(sleeper);
        for (const arrive of arrivals) arrive();
        arrivals.clear();
      });
    },
    advance(seconds) {
      now = now.add({ seconds });
      const due = [...sleepers].filter(({ until }) => Temporal.Instant.compare(until, now) <= 0);
      for (const { wake } of due.sort((a, b) => Temporal.Instant.compare(a.until, b.until))) wake();
    },
    sleeperArrives: () =>
      sleepers.size > 0 ? Promise.resolve() : new Promise((resolve) => arrivals.add(resolve)),
  };
}

/** Bytes that look random and are the same in every run. */
export function createCountingRandom(): Random {
  let next = 1;
  return { bytes: (count) => Uint8Array.from({ length: count }, () => (next = (next * 73 + 41) % 256)) };
}

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
  readonly clock: ManualClock;
  readonly log: ReturnType<typeof createListLog>;
  readonly apiRoot: string;
  /** Calls a method with a JSON body and returns the status and the answer. */
  call(method: string, params?: object): Promise<{ status: number; body: Record<string, unknown> }>;
}

export async function startSimulator(
  over: { storage?: ChatStorage; clock?: ManualClock } = {},
): Promise<SimulatorUnderTest> {
  const clock = over.clock ?? createManualClock();
  const log = createListLog();
  const simulator = createTelegramSimulator(
    { clock, log, random: createCountingRandom(), ...(over.storage && { storage: over.storage }) },
    { token: TOKEN, chatId: CHAT_ID, botUsername: "openbell_test_bot" },
  );
  const apiRoot = await simulator.listen();
  return {
    simulator,
    clock,
    log,
    apiRoot,
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

export interface HookRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly update_id: number; readonly [field: string]: unknown };
}

/** A web hook that answers each request with the next of `answers` (then 200) and keeps what came. */
export async function startHook(
  answers: readonly (number | { readonly status: number; readonly retryAfter: number })[] = [],
): Promise<
  AsyncDisposable & { url: string; requests: HookRequest[]; received(count: number): Promise<void> }
> {
  const requests: HookRequest[] = [];
  const waiting = new Set<() => void>();
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
    if (typeof answer === "number") response.writeHead(answer).end();
    else response.writeHead(answer.status, { "retry-after": String(answer.retryAfter) }).end();
    for (const look of waiting) look();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    received: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (requests.length >= count) resolve();
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
