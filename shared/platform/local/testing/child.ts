/**
 * A process for tests to work beside and to kill. Arguments: the task, the file, how often (for `consume`:
 * anything), and the first number. Prints one number for each piece of work that was acknowledged to it.
 */
import { writeSync } from "node:fs";
import { z } from "zod";
import { Secret } from "../../secret.ts";
import { createEncryptedVault } from "../encrypted-vault.ts";
import { createRecordedLog } from "../recorded-log.ts";
import { createSqliteBus, type SqliteBus } from "../sqlite-bus.ts";
import { createSqliteStore } from "../sqlite-store.ts";
import { createSystemClock } from "../system-clock.ts";
import { counters, entries, longText, masterKey, numbers, subscriptions, TASKS, type Task } from "./facts.ts";

const argumentsSchema = z.tuple([z.enum(TASKS), z.string(), z.coerce.number(), z.coerce.number()]);
const [task, path, times, first] = argumentsSchema.parse(process.argv.slice(2));

function acknowledge(n: number): void {
  writeSync(1, `${n}\n`);
}

function openBus(): SqliteBus {
  const { log } = createRecordedLog();
  return createSqliteBus({ path, subscriptions, clock: createSystemClock(), log });
}

const work: Record<Task, () => Promise<void>> = {
  async "add-to-vault"() {
    const vault = createEncryptedVault({ path, masterKey });
    for (let round = 0; round < times; round += 1) {
      // The version is not known before: the payload tells its own number, the acknowledgement the version.
      acknowledge(await vault.add("token", Secret.of(longText(first + round))));
    }
  },
  async "write-to-store"() {
    const store = createSqliteStore({ path });
    for (let round = 0; round < times; round += 1) {
      const written = await store.transact(async (transaction) => {
        const n = ((await transaction.get(counters, "c"))?.n ?? 0) + 1;
        transaction.set(counters, "c", { n });
        transaction.set(entries, `entry-${n}`, { n, text: longText(n) });
        return n;
      });
      acknowledge(written);
    }
  },
  async publish() {
    const bus = openBus();
    for (let n = first; n < first + times; n += 1) {
      await bus.publish(numbers, { n });
      acknowledge(n);
    }
  },
  async consume() {
    await openBus().subscribe(numbers, "worker", async ({ n }) => {
      await new Promise((resolve) => setImmediate(resolve));
      acknowledge(n);
    });
    // Keeps the process alive until it is ended: the bus itself does not.
    process.stdin.resume();
  },
};

await work[task]();
