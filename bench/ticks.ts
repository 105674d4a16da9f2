/**
 * Benchmark `ticks`: what a tick of a bot with warm indicators costs on the local store, whether that grows with
 * the number of bots, and how long one minute's messages take through Pub/Sub.
 */
import { hasEmulators } from "../tests/support/emulators/emulators.ts";
import { type Print, summarize, tableOf } from "./summary.ts";
import { measureFanOut } from "./tick-fan-out.ts";
import { openTickGround } from "./tick-ground.ts";

const RATE_BUDGET = 1_000;
const P99_BUDGET_MS = 20;
/** How much dearer a tick may be with ten times as many bots. */
const GROWTH_BUDGET = 1.5;
const AT_ONCE = 8;
/** As many ticks for each row, however many bots there are. */
const TICKS = 20_000;
const FAN_OUT = 1_000;

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly reasons: string;
}

/** Prints the rates and delays of ticks, then the fan-out. */
export async function runTicks(print: Print): Promise<void> {
  print(
    `Ticks on the local store, ${AT_ONCE} at once, strategies warm; "a core" is by the time of the processor.`,
  );
  const rows = [
    ["", "ticks/s a core", "p50 ms", "p99 ms", "max ms", `≥ ${RATE_BUDGET}/s`, `p99 ≤ ${P99_BUDGET_MS} ms`],
  ];
  const notes: string[] = [];
  const row = (name: string, one: Measured) => {
    rows.push([
      name,
      ...[one.perSecond, one.p50, one.p99, one.max].map((value, index) => value.toFixed(index === 0 ? 0 : 2)),
      verdict(one.perSecond >= RATE_BUDGET),
      verdict(one.p99 <= P99_BUDGET_MS),
    ]);
    notes.push(`${name}: ${one.reasons}`);
  };
  const thousand = await measure(1_000, false);
  row("1,000 bots", thousand);
  const tenThousand = await measure(10_000, false);
  row("10,000 bots", tenThousand);
  row("1,000 bots that all want an order", await measure(1_000, true));
  for (const line of tableOf(rows)) print(line);
  for (const note of notes) print(note);
  const growth = thousand.perSecond / tenThousand.perSecond;
  print(
    `A tick costs ${growth.toFixed(2)} x as much with ten times as many bots; linear means at most ${GROWTH_BUDGET} x: ${verdict(growth <= GROWTH_BUDGET)}`,
  );
  print("");
  if (hasEmulators(process.env)) await printFanOut(print);
  else print("Left out: the fan-out through Pub/Sub's emulator (gcloud or Java not found).");
}

async function measure(bots: number, isWanting: boolean): Promise<Measured> {
  const ground = await openTickGround(bots, { wanting: isWanting });
  try {
    // Loads and warms every strategy.
    await ground.tickAll(AT_ONCE);
    const took: number[] = [];
    let processorMs = 0;
    for (let round = 0; round < Math.max(2, TICKS / bots); round += 1) {
      await ground.nextMinute();
      const before = process.cpuUsage();
      took.push(...(await ground.tickAll(AT_ONCE)));
      const { user, system } = process.cpuUsage(before);
      processorMs += (user + system) / 1_000;
    }
    const sorted = [...took].sort((one, other) => one - other);
    const { p50, max } = summarize(took);
    const reasons = [...ground.reasons].map(([reason, count]) => `${count} ${reason}`).join(", ");
    return {
      perSecond: (took.length / processorMs) * 1_000,
      p50,
      p99: sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN,
      max,
      reasons,
    };
  } finally {
    await ground.close();
  }
}

async function printFanOut(print: Print): Promise<void> {
  const { told, publishedMs, arrivedMs, ticks } = await measureFanOut(FAN_OUT);
  print(
    `${told} bots told through Pub/Sub's emulator in ${publishedMs.toFixed(0)} ms; the last of their pushes was answered ${arrivedMs.toFixed(0)} ms after the call, and ${ticks} ticks lie in the store: ${verdict(ticks === FAN_OUT)}`,
  );
}

function verdict(isKept: boolean): string {
  return isKept ? "yes" : "NO";
}
