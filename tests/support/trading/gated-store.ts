/** A store as one process reaches it: every call takes its time, may fail, and may be the process's last. */
import type { Collection, Store, Transaction } from "../../../shared/platform/store.ts";
import type { Draws } from "./draws.ts";
import type { Process, Simulation } from "./simulation.ts";

/** Something that was written, as far as it is known to have been. */
export interface Written {
  readonly collection: string;
  readonly id: string;
  /** Undefined: it was deleted. */
  readonly value: unknown;
}

export interface StoreWeather {
  /** Of 100 calls, so many fail: half of the transactions that do have been applied. */
  faultPercent: number;
  /** Of 100 calls, so many take seconds. */
  slowPercent: number;
}

export interface GateDeps {
  readonly simulation: Simulation;
  readonly draws: Draws;
  readonly weather: StoreWeather;
  /** Called right after each commit. */
  readonly committed: (writes: readonly Written[], by: Process) => void;
}

class ProcessDied extends Error {
  override readonly name = "ProcessDied";
}

class StoreAway extends Error {
  override readonly name = "StoreAway";
}

export function createGatedStore(deps: GateDeps, inner: Store, process: Process): Store {
  const { simulation, draws, weather } = deps;

  function takeMs(): number {
    if (draws.chance(weather.slowPercent)) return draws.between(200, 4_000);
    return draws.chance(10) ? draws.between(5, 120) : draws.between(0, 4);
  }

  function gate(): Promise<void> {
    return new Promise((resolve) => void simulation.after(takeMs(), resolve, process));
  }

  /** Within a transaction a death is told, so that a real store lets go of what it has locked. */
  async function innerGate(): Promise<void> {
    simulation.underWay -= 1;
    try {
      await new Promise<void>((resolve, reject) => {
        const forget = process.onDeath(() => reject(new ProcessDied(process.name)));
        simulation.after(
          takeMs(),
          () => {
            forget();
            resolve();
          },
          process,
        );
      });
    } finally {
      simulation.underWay += 1;
    }
  }

  async function real<R>(call: () => Promise<R>): Promise<R> {
    simulation.underWay += 1;
    try {
      return await call();
    } catch (error) {
      if (process.isDead) return new Promise<never>(() => {});
      throw error;
    } finally {
      simulation.underWay -= 1;
    }
  }

  async function read<R>(call: () => Promise<R>): Promise<R> {
    await gate();
    if (draws.chance(weather.faultPercent)) throw new StoreAway("before");
    return real(call);
  }

  async function transact<R>(work: (transaction: Transaction) => Promise<R>): Promise<R> {
    await gate();
    const fault = draws.chance(weather.faultPercent) ? draws.pick(["before", "after"] as const) : "none";
    if (fault === "before") throw new StoreAway(fault);
    const hasManyGates = draws.chance(15);
    let writes: Written[] = [];
    const result = await real(() =>
      inner.transact(async (transaction) => {
        writes = [];
        const value = await work(gated(transaction, writes, hasManyGates));
        await innerGate();
        return value;
      }),
    );
    deps.committed(writes, process);
    await gate();
    if (fault === "after") throw new StoreAway(fault);
    return result;
  }

  function gated(inner: Transaction, writes: Written[], hasManyGates: boolean): Transaction {
    return {
      async get(collection, id) {
        if (hasManyGates && draws.chance(30)) await innerGate();
        return inner.get(collection, id);
      },
      set<T>(collection: Collection<T>, id: string, value: T) {
        writes.push({ collection: collection.name, id, value });
        inner.set(collection, id, value);
      },
      delete(collection, id) {
        writes.push({ collection: collection.name, id, value: undefined });
        inner.delete(collection, id);
      },
    };
  }

  return {
    get: (collection, id) => read(() => inner.get(collection, id)),
    query: (collection, query) => read(() => inner.query(collection, query)),
    transact,
    close: async () => undefined,
  };
}
