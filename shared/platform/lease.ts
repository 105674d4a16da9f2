import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "./clock.ts";
import { instantSchema } from "./instant.ts";
import type { Random } from "./random.ts";
import { fail, type Result, succeed } from "./result.ts";
import { collection, type Store, type Transaction } from "./store.ts";

/** The right to do one named piece of work alone, until `expiresAt`. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Rises with every take-over, also after a release: of two writers the one with the lower fence is late. */
  readonly fence: number;
  readonly expiresAt: Temporal.Instant;
}

export interface LeaseOptions {
  /** How long the lease lasts without `renew`; longer than the work ever takes. */
  readonly ttl: Temporal.Duration;
  /**
   * A name that no other process uses, so that a process which was killed gets its lease back when it
   * starts again. Default: a new random name for each call.
   */
  readonly holder?: string;
}

export interface LeaseDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Lets one process at a time do a named piece of work.
 *
 * 1. Two leases of one name with different holders never last at the same instant of the clock.
 * 2. The fence of a name only rises.
 * 3. What a late holder renews or releases is never the lease of its successor.
 */
export interface Leases {
  /** `LEASE_HELD`: another holder's lease lasts. The same holder takes its own lease over, under a new fence. */
  acquire(name: string, options: LeaseOptions): Promise<Result<Lease, "LEASE_HELD">>;

  /** The lease, lasting `ttl` from now. `LEASE_HELD`: it was released or taken over in the meantime. */
  renew(lease: Lease, ttl: Temporal.Duration): Promise<Result<Lease, "LEASE_HELD">>;

  /**
   * Whether nobody has released the lease or taken it over: for a write that must not be a late holder's, in
   * the transaction that writes. Whether the lease still lasts is not looked at.
   */
  isHeld(transaction: Pick<Transaction, "get">, lease: Lease): Promise<boolean>;

  /** Ends the lease early; does nothing when it was taken over in the meantime. */
  release(lease: Lease): Promise<void>;

  /**
   * Runs `work` only while holding the lease, and releases it whatever `work` does. Callers do not queue:
   * whoever comes second gets `LEASE_HELD` at once.
   */
  withLease<R>(
    name: string,
    options: LeaseOptions,
    work: (lease: Lease) => Promise<R>,
  ): Promise<Result<R, "LEASE_HELD">>;
}

/** `holder` is missing after a release; the record stays, because the fence must go on rising. */
const leases = collection(
  "leases",
  z.strictObject({ holder: z.string().optional(), fence: z.int().positive(), expiresAt: instantSchema }),
);

export function createLeases(deps: LeaseDeps): Leases {
  return {
    acquire: (name, options) => acquire(deps, name, options),
    renew: (lease, ttl) => renew(deps, lease, ttl),
    isHeld: isHeldIn,
    release: (lease) => release(deps, lease),
    async withLease(name, options, work) {
      const lease = await acquire(deps, name, options);
      if (!lease.ok) return lease;
      try {
        return succeed(await work(lease.value));
      } finally {
        // A lease that cannot be released ends by itself; what the work did must not be hidden by that.
        await release(deps, lease.value).catch(() => undefined);
      }
    },
  };
}

function expiryFrom(now: Temporal.Instant, ttl: Temporal.Duration): Temporal.Instant {
  const expiresAt = now.add(ttl).round({ smallestUnit: "millisecond", roundingMode: "floor" });
  if (Temporal.Instant.compare(expiresAt, now) <= 0) throw new RangeError("A lease lasts at least 1 ms.");
  return expiresAt;
}

function acquire(
  { store, clock, random }: LeaseDeps,
  name: string,
  { ttl, holder = Buffer.from(random.bytes(16)).toString("hex") }: LeaseOptions,
): Promise<Result<Lease, "LEASE_HELD">> {
  return store.transact(async (transaction) => {
    const current = await transaction.get(leases, name);
    const now = clock.now();
    const isHeld =
      current?.holder !== undefined &&
      current.holder !== holder &&
      Temporal.Instant.compare(now, current.expiresAt) < 0;
    if (isHeld) return fail("LEASE_HELD", { lease: name });

    const taken = { holder, fence: (current?.fence ?? 0) + 1, expiresAt: expiryFrom(now, ttl) };
    transaction.set(leases, name, taken);
    return succeed({ name, ...taken });
  });
}

function renew(
  { store, clock }: LeaseDeps,
  lease: Lease,
  ttl: Temporal.Duration,
): Promise<Result<Lease, "LEASE_HELD">> {
  return store.transact(async (transaction) => {
    if (!(await isHeldIn(transaction, lease))) return fail("LEASE_HELD", { lease: lease.name });
    const { name, holder, fence } = lease;
    const expiresAt = expiryFrom(clock.now(), ttl);
    transaction.set(leases, name, { holder, fence, expiresAt });
    return succeed({ ...lease, expiresAt });
  });
}

function release({ store, clock }: LeaseDeps, lease: Lease): Promise<void> {
  return store.transact(async (transaction) => {
    if (!(await isHeldIn(transaction, lease))) return;
    transaction.set(leases, lease.name, { fence: lease.fence, expiresAt: clock.now() });
  });
}

async function isHeldIn(transaction: Pick<Transaction, "get">, lease: Lease): Promise<boolean> {
  const current = await transaction.get(leases, lease.name);
  return current?.holder === lease.holder && current.fence === lease.fence;
}
