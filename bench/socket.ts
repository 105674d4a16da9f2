/**
 * Benchmark `socket`: what a price costs from cTrader's wire to its reader, beside `@reiryoku/ctrader-layer` and
 * plain `protobufjs`. Ratios are what counts: all of one table is measured in one process, in turn. Then how soon
 * a worker acknowledges a new token, and how much memory it keeps.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAuthority } from "../infra/sandbox/ctrader/authority.ts";
import type { SocketFigures } from "./socket-client.ts";
import { measureDecode } from "./socket-decode.ts";
import { runTokens } from "./socket-tokens.ts";
import { runWorkerMemory } from "./socket-worker.ts";
import { type Print, summarize, tableOf } from "./summary.ts";

const DECODE_BUDGET = { layer: 100, protobufjs: 4 };
const RATE_BUDGET = 20;
const LATENCY_BUDGET_US = 1_000;
const GROWTH_BUDGET_MIB = 16;

/** Prints the costs of reading, the rates and delays over loopback TLS, and then what the worker does with both. */
export async function runSocket(print: Print): Promise<void> {
  printDecode(print);
  const figures = await measureOverTls();
  print("");
  printRates(print, figures);
  print("");
  printLatency(print, figures);
  print("");
  await runTokens(print);
  print("");
  await runWorkerMemory(print);
}

function printDecode(print: Print): void {
  const costs = measureDecode();
  const times = (one: number) => `${(one / costs.openbell).toFixed(1)} x`;
  print("One price read from its frame, median of the rounds.");
  const layer = costs["ctrader-layer"];
  for (const line of tableOf([
    ["", "ns", "ratio", "wanted", "kept"],
    ["Openbell", costs.openbell.toFixed(0), "1 x", "", ""],
    [
      "protobufjs, envelope and spot",
      costs.protobufjs.toFixed(0),
      times(costs.protobufjs),
      `${DECODE_BUDGET.protobufjs} x`,
      verdict(costs.protobufjs / costs.openbell >= DECODE_BUDGET.protobufjs),
    ],
    [
      "ctrader-layer, its whole path",
      layer.toFixed(0),
      times(layer),
      `${DECODE_BUDGET.layer} x`,
      verdict(layer / costs.openbell >= DECODE_BUDGET.layer),
    ],
  ])) {
    print(line);
  }
}

function printRates(print: Print, { ours, peers, grownMiB }: SocketFigures): void {
  const median = (all: readonly number[]) => summarize(all).p50;
  const ratio = median(ours) / median(peers);
  print(
    "Spots a second over loopback TLS, from the same server of frames made beforehand, median of the rounds.",
  );
  for (const line of tableOf([
    ["", "spots/s", "ratio", "wanted", "kept"],
    ["ctrader-layer", median(peers).toFixed(0), "1 x", "", ""],
    [
      "Openbell's channel",
      median(ours).toFixed(0),
      `${ratio.toFixed(1)} x`,
      `${RATE_BUDGET} x`,
      verdict(ratio >= RATE_BUDGET),
    ],
  ])) {
    print(line);
  }
  print(
    `Memory grew by ${grownMiB.toFixed(1)} MiB in the last round of ours; flat means at most ${GROWTH_BUDGET_MIB} MiB: ${verdict(grownMiB <= GROWTH_BUDGET_MIB)}`,
  );
}

function printLatency(print: Print, { latenciesUs }: SocketFigures): void {
  const sorted = [...latenciesUs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  print(`From the server's write to the subscriber at 10,000 spots a second, ${sorted.length} spots.`);
  for (const line of tableOf([
    ["p50 µs", "p99 µs", "max µs", `p99 ≤ ${LATENCY_BUDGET_US} µs`],
    [at(0.5).toFixed(0), at(0.99).toFixed(0), at(1).toFixed(0), verdict(at(0.99) <= LATENCY_BUDGET_US)],
  ])) {
    print(line);
  }
}

function verdict(isKept: boolean): string {
  return isKept ? "yes" : "NO";
}

/** Runs the reading side in a process that trusts the benchmark's own authority. */
async function measureOverTls(): Promise<SocketFigures> {
  const folder = await mkdtemp(join(tmpdir(), "openbell-bench-"));
  try {
    const nowhere = { load: () => undefined, save: () => undefined };
    const { ca, server } = await openAuthority({ certificate: nowhere, keys: nowhere }, Date.now());
    const files = { key: server.key, certificate: server.cert, ca };
    const paths = Object.keys(files).map((name) => join(folder, `${name}.pem`));
    await Promise.all(
      Object.values(files).map((text, at) => writeFile(paths[at] ?? "", text, { mode: 0o600 })),
    );
    const child = fork(new URL("./socket-client.ts", import.meta.url), paths, {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: paths[2] ?? "" },
    });
    const ended = once(child, "close").then(([code]) => {
      throw new Error(`The reading process ended with ${String(code)} before it had measured.`);
    });
    const measured = once(child, "message").then(([figures]) => figures as SocketFigures);
    ended.catch(() => undefined);
    return await Promise.race([measured, ended]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
