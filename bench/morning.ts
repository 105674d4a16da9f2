/**
 * Benchmark `morning`: how long from the POST of the PIN until the worker has acknowledged the day's token by a
 * real call at the simulated broker. Everything runs in this process, so one monotonic clock times both ends.
 */
import {
  hasEmulators,
  startFirestoreEmulator,
  startPubsubEmulator,
} from "../tests/support/emulators/emulators.ts";
import { startSecretManagerServer } from "../tests/support/secret-manager/secret-manager-server.ts";
import { type Ground, openMorningStack } from "./morning-stack.ts";
import { type Print, summarize, tableOf } from "./summary.ts";

const RUNS = 100;
const P95_BUDGET_MS = 1_000;
/** A part that takes longer is cut off, and says so. */
const PART_LIMIT_MS = 60_000;

/** Prints n, p50, p95 and max on each ground, and whether p95 keeps the budget over all runs. */
export async function runMorning(print: Print): Promise<void> {
  print("From the POST of the PIN to the worker's acknowledgement, the first (cold) run included.");
  const rows = [["", "n", "p50 ms", "p95 ms", "max ms", `p95 ≤ ${P95_BUDGET_MS} ms`]];
  rows.push(["local stack (SQLite)", ...(await measure({ kind: "local" }))]);
  if (hasEmulators(process.env)) rows.push(...(await measureOnEmulators()));
  else print("Left out: both parts on Google's emulators (gcloud with the emulators, or Java, not found).");
  for (const line of tableOf(rows)) print(line);
}

async function measureOnEmulators(): Promise<readonly string[][]> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const pubsub = await startPubsubEmulator();
    closers.push(pubsub.stop);
    const firestore = await startFirestoreEmulator();
    closers.push(firestore.stop);
    const secretManager = await startSecretManagerServer();
    closers.push(secretManager.stop);
    const place = { hosts: { pubsub: pubsub.host, firestore: firestore.host }, secretManager };
    const asBus: Ground = { kind: "pubsub", place: { ...place, projectId: "demo-bench-bus" } };
    const everything: Ground = { kind: "everything", place: { ...place, projectId: "demo-bench" } };
    return [
      ["Pub/Sub emulator as the bus, else local", ...(await measure(asBus))],
      ["Pub/Sub, Firestore and Secret Manager", ...(await measure(everything))],
    ];
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** One row of the table, without its name. */
async function measure(ground: Ground): Promise<readonly string[]> {
  const stack = await openMorningStack(ground, RUNS);
  const samples: number[] = [];
  const deadlineMs = performance.now() + PART_LIMIT_MS;
  try {
    while (samples.length < RUNS && performance.now() < deadlineMs) samples.push(await stack.logIn());
  } finally {
    await stack.close();
  }
  const { count, p50, p95, max } = summarize(samples);
  const isComplete = count === RUNS;
  const verdict = p95 <= P95_BUDGET_MS ? "yes" : "NO";
  return [
    String(count),
    ...[p50, p95, max].map((ms) => ms.toFixed(0)),
    isComplete ? verdict : `${verdict}, cut off after ${PART_LIMIT_MS / 1_000} s`,
  ];
}
