/**
 * Benchmark `kill`: from `/kill` on the phone until the broker has said that none of fifty orders works any more,
 * through the whole local stack.
 */
import { type KillGround, openKillGround } from "../tests/support/kill-ground.ts";
import { type Print, summarize, tableOf } from "./summary.ts";

const ORDERS = 50;
const ROUNDS = 40;
const P95_BUDGET_MS = 1_000;

/** Prints one row for each way in which the stack is disturbed meanwhile. */
export async function runKill(print: Print): Promise<void> {
  print(`/kill on the phone to the receipt, ${ORDERS} working orders on paper, ${ROUNDS} times each.`);
  const rows = [["", "p50 ms", "p95 ms", "max ms", `p95 ≤ ${P95_BUDGET_MS} ms`]];
  for (const [name, run] of WAYS) {
    const ground = await openKillGround();
    try {
      const { p50, p95, max } = summarize(await run(ground));
      rows.push([name, p50.toFixed(0), p95.toFixed(0), max.toFixed(0), p95 <= P95_BUDGET_MS ? "yes" : "NO"]);
    } finally {
      await ground.close();
    }
  }
  for (const line of tableOf(rows)) print(line);
}

const WAYS: readonly (readonly [string, (ground: KillGround) => Promise<readonly number[]>])[] = [
  ["at rest", (ground) => killEach(ground)],
  [
    "while bots tick",
    async (ground) => {
      const stop = await ground.tickOn();
      try {
        return await killEach(ground);
      } finally {
        await stop();
      }
    },
  ],
  [
    "while Telegram answers 429",
    async (ground) => {
      await ground.setPhoneFaults({ rateLimit: 1_000, retryAfterSeconds: 30 });
      return killEach(ground);
    },
  ],
  ["right after a restart", (ground) => killEach(ground, () => ground.restart())],
];

async function killEach(
  ground: KillGround,
  before: () => Promise<unknown> = async () => undefined,
): Promise<readonly number[]> {
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await ground.fill(ORDERS);
    await before();
    all.push((await ground.kill()).ms);
    await ground.goOn();
  }
  return all;
}
