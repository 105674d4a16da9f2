/** `npm run bench -- NAME`: runs one benchmark and prints its table; without a name, which there are. */
import type { Print } from "./summary.ts";

interface Benchmark {
  readonly summary: string;
  load(): Promise<(print: Print) => Promise<void>>;
}

const BENCHMARKS: ReadonlyMap<string, Benchmark> = new Map([
  [
    "kill",
    {
      summary: "from /kill on the phone to the receipt of 50 working orders, in ms, at rest and disturbed",
      load: async () => (await import("./kill.ts")).runKill,
    },
  ],
  [
    "morning",
    {
      summary: "from the POST of the PIN to the worker's acknowledgement, in ms, on each platform",
      load: async () => (await import("./morning.ts")).runMorning,
    },
  ],
  [
    "page",
    {
      summary: "size of the page, and its first paint over a slow connection beside a static page's",
      load: async () => (await import("./page.ts")).runPage,
    },
  ],
  [
    "risk",
    {
      summary: "one check of an order by every control, in µs, beside bare numbers",
      load: async () => (await import("./risk.ts")).runRisk,
    },
  ],
  [
    "socket",
    {
      summary: "a cTrader price from the wire to its reader, beside ctrader-layer and protobufjs",
      load: async () => (await import("./socket.ts")).runSocket,
    },
  ],
  [
    "ticks",
    {
      summary:
        "a tick of a bot with warm indicators, with 1,000 and 10,000 bots, and their fan-out through Pub/Sub",
      load: async () => (await import("./ticks.ts")).runTicks,
    },
  ],
]);

const USAGE_ERROR = 2;

/** The exit code: 0 when it ran, whatever it measured; 1 when it could not; 2 for a name that is none. */
async function main(names: readonly string[]): Promise<number> {
  const print: Print = (line) => process.stdout.write(`${line}\n`);
  const [name] = names;
  if (name === undefined) {
    print("npm run bench -- NAME");
    for (const [each, { summary }] of BENCHMARKS) print(`  ${each.padEnd(10)}${summary}`);
    return 0;
  }
  const benchmark = BENCHMARKS.get(name);
  if (benchmark === undefined || names.length > 1) {
    process.stderr.write(`There is no such benchmark; there are ${[...BENCHMARKS.keys()].join(", ")}.\n`);
    return USAGE_ERROR;
  }
  const run = await benchmark.load();
  await run(print);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(
    `The benchmark could not run: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
