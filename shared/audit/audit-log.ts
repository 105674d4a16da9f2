/**
 * The append-only record of what people and Openbell decided. Each entry carries the hash of the one before,
 * so that a changed or missing entry shows.
 *
 * 1. Entry `n` holds `previous` = the hash of entry `n - 1`; the first holds 64 zeros.
 * 2. An entry's hash is SHA-256 over its other fields in canonical order.
 * 3. Entries are never rewritten.
 *
 * Who can write to the store can make the whole chain anew: what it shows is a change by accident or by halves.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { instantSchema, toIso } from "../platform/instant.ts";
import { collection, type Store } from "../platform/store.ts";

const auditEntrySchema = z.strictObject({
  sequence: z.int().positive(),
  at: instantSchema,
  /** `page:SESSION`, `terminal` or `system`. */
  actor: z.string(),
  /** A stable word, e.g. `login-begun`. */
  action: z.string(),
  /** What it was done to, e.g. a connection. */
  subject: z.string(),
  /** `ok`, a code of the error table, or of the control that has acted by itself. */
  outcome: z.string(),
  previous: z.string().length(64),
  hash: z.string().length(64),
});
export type AuditEntry = z.output<typeof auditEntrySchema>;

const headSchema = z.strictObject({ sequence: z.int().min(0), hash: z.string().length(64) });

/** By sequence number, padded with zeros to twelve digits. */
export const auditEntries = collection("audit", auditEntrySchema);
/** One document, `head`: the newest entry. */
export const auditHeads = collection("auditHeads", headSchema);
const HEAD = "head";
const ORIGIN = "0".repeat(64);
const PAGE = 500;

export interface AuditFact {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
}

/** What modules that are audited need: to say what happened. */
export type Audit = (fact: AuditFact) => Promise<void>;

export type AuditVerdict =
  | { readonly isIntact: true; readonly entries: number }
  /** `brokenAt`: the sequence number of the first entry that does not fit. */
  | { readonly isIntact: false; readonly brokenAt: number };

export interface AuditLog {
  readonly append: Audit;
  /** Walks the whole chain. */
  verify(): Promise<AuditVerdict>;
  /** The newest entries, newest first. */
  latest(limit: number): Promise<readonly AuditEntry[]>;
}

export function createAuditLog(deps: { readonly store: Store; readonly clock: Clock }): AuditLog {
  return {
    append: (fact) =>
      deps.store.transact(async (transaction) => {
        const head = (await transaction.get(auditHeads, HEAD)) ?? { sequence: 0, hash: ORIGIN };
        const body = { ...fact, sequence: head.sequence + 1, at: deps.clock.now(), previous: head.hash };
        const hash = hashOf(body);
        transaction.set(auditEntries, idOf(body.sequence), { ...body, hash });
        transaction.set(auditHeads, HEAD, { sequence: body.sequence, hash });
      }),

    async verify() {
      const head = (await deps.store.get(auditHeads, HEAD)) ?? { sequence: 0, hash: ORIGIN };
      let previous = ORIGIN;
      for (let sequence = 1; sequence <= head.sequence; sequence += 1) {
        const entry = await deps.store.get(auditEntries, idOf(sequence));
        if (entry === undefined || !isLinked(entry, previous)) return { isIntact: false, brokenAt: sequence };
        previous = entry.hash;
      }
      if (previous !== head.hash) return { isIntact: false, brokenAt: head.sequence };
      // A head that was set back leaves entries behind it.
      const beyond = await deps.store.get(auditEntries, idOf(head.sequence + 1));
      return beyond === undefined
        ? { isIntact: true, entries: head.sequence }
        : { isIntact: false, brokenAt: head.sequence + 1 };
    },

    async latest(limit) {
      const found = await deps.store.query(auditEntries, {
        orderBy: ["sequence", "desc"],
        limit: Math.min(limit, PAGE),
      });
      return found.map((one) => one.value);
    },
  };
}

function isLinked(entry: AuditEntry, previous: string): boolean {
  return entry.previous === previous && entry.hash === hashOf(entry);
}

function hashOf(entry: Omit<AuditEntry, "hash">): string {
  const fields = [
    entry.sequence,
    toIso(entry.at),
    entry.actor,
    entry.action,
    entry.subject,
    entry.outcome,
    entry.previous,
  ];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

function idOf(sequence: number): string {
  return String(sequence).padStart(12, "0");
}
