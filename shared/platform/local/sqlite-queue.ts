import type { DatabaseSync, StatementSync } from "node:sqlite";
import { inWriteTransaction, openSqliteFile } from "./sqlite-file.ts";

/** A subscription that gets its own copy of every message of its topic. */
export interface SubscriptionName {
  readonly topic: string;
  readonly subscriber: string;
}

/** A copy of a message for one subscriber. Due times are on the bus's clock, claims on the machine's. */
export interface QueueCopy extends SubscriptionName {
  /** The delivery id: one for all copies of a message. */
  readonly message: string;
  readonly body: string;
  readonly dueMs: number;
}

export interface ClaimedCopy {
  readonly id: number;
  readonly message: string;
  readonly body: string;
  readonly attempt: number;
}

/** Who claims: a name of its own, and the process by which others see whether it still lives. */
export interface QueueOwner {
  readonly name: string;
  readonly pid: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS bus_copies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    message TEXT NOT NULL,
    body TEXT NOT NULL,
    due_ms INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    owner_pid INTEGER,
    claimed_until_ms INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS bus_copies_by_due ON bus_copies (topic, subscriber, due_ms);
  CREATE INDEX IF NOT EXISTS bus_copies_claimed ON bus_copies (owner) WHERE owner IS NOT NULL`;

/** The bus's messages in a SQLite file: every method is one statement or one transaction. */
export class SqliteQueue {
  readonly #database: DatabaseSync;
  readonly #owner: QueueOwner;
  readonly #statements = new Map<string, StatementSync>();

  /** Power loss may cost the last messages, which a bus may lose; the death of a process costs none. */
  constructor(path: string, owner: QueueOwner) {
    this.#database = openSqliteFile({ path, durability: "process-death", schema: SCHEMA });
    this.#owner = owner;
  }

  add(copies: readonly QueueCopy[]): void {
    const insert = this.#sql(
      "INSERT INTO bus_copies (topic, subscriber, message, body, due_ms) VALUES (?, ?, ?, ?, ?)",
    );
    inWriteTransaction(this.#database, () => {
      for (const copy of copies) {
        insert.run(copy.topic, copy.subscriber, copy.message, copy.body, copy.dueMs);
      }
    });
  }

  hasDue({ topic, subscriber }: SubscriptionName, at: { clockMs: number; machineMs: number }): boolean {
    const due = this.#sql(
      `SELECT 1 FROM bus_copies
       WHERE topic = ? AND subscriber = ? AND due_ms <= ? AND claimed_until_ms <= ? LIMIT 1`,
    );
    return due.get(topic, subscriber, at.clockMs, at.machineMs) !== undefined;
  }

  /** Takes up to `most` due copies, the oldest first, for as long as the claim lasts. */
  claim(
    { topic, subscriber }: SubscriptionName,
    at: { clockMs: number; machineMs: number; untilMs: number; most: number },
  ): readonly ClaimedCopy[] {
    const claim = this.#sql(
      `UPDATE bus_copies SET owner = ?, owner_pid = ?, claimed_until_ms = ?, attempt = attempt + 1
       WHERE id IN (
         SELECT id FROM bus_copies
         WHERE topic = ? AND subscriber = ? AND due_ms <= ? AND claimed_until_ms <= ? ORDER BY id LIMIT ?
       ) RETURNING id, message, body, attempt`,
    );
    const { name, pid } = this.#owner;
    const values = [name, pid, at.untilMs, topic, subscriber, at.clockMs, at.machineMs, at.most] as const;
    return claim.all(...values) as unknown as readonly ClaimedCopy[];
  }

  /** Lengthens a claim that is still this owner's. */
  extend(id: number, untilMs: number): void {
    const extend = this.#sql("UPDATE bus_copies SET claimed_until_ms = ? WHERE id = ? AND owner = ?");
    extend.run(untilMs, id, this.#owner.name);
  }

  remove(id: number): void {
    this.#sql("DELETE FROM bus_copies WHERE id = ?").run(id);
  }

  /** Gives a copy back to come again at `dueMs`, unless its claim has passed to another owner. */
  defer(id: number, dueMs: number): void {
    const defer = this.#sql(
      `UPDATE bus_copies SET due_ms = ?, owner = NULL, owner_pid = NULL, claimed_until_ms = 0
       WHERE id = ? AND owner = ?`,
    );
    defer.run(dueMs, id, this.#owner.name);
  }

  /** Frees what owners in ended processes had claimed. */
  freeClaimsOf(isEnded: (pid: number) => boolean): void {
    const owners = this.#sql(
      "SELECT DISTINCT owner, owner_pid AS pid FROM bus_copies WHERE owner IS NOT NULL AND owner <> ?",
    ).all(this.#owner.name) as unknown as readonly { owner: string; pid: number }[];
    const free = this.#sql(
      "UPDATE bus_copies SET owner = NULL, owner_pid = NULL, claimed_until_ms = 0 WHERE owner = ?",
    );
    for (const { owner, pid } of owners) if (isEnded(pid)) free.run(owner);
  }

  /** Whether any owner is at work on any copy. */
  hasClaims(machineMs: number): boolean {
    const claimed = this.#sql(
      "SELECT 1 FROM bus_copies WHERE owner IS NOT NULL AND claimed_until_ms > ? LIMIT 1",
    );
    return claimed.get(machineMs) !== undefined;
  }

  /** When the first copy after `clockMs` is due that nobody has claimed. */
  nextDueMs({ topic, subscriber }: SubscriptionName, clockMs: number): number | undefined {
    const next = this.#sql(
      `SELECT min(due_ms) AS next FROM bus_copies
       WHERE topic = ? AND subscriber = ? AND due_ms > ? AND owner IS NULL`,
    ).get(topic, subscriber, clockMs) as { next: number | null } | undefined;
    return next?.next ?? undefined;
  }

  /** Changes when another connection has written to the file. */
  changeMark(): unknown {
    return this.#sql("PRAGMA data_version").get()?.data_version;
  }

  close(): void {
    this.#database.close();
  }

  #sql(text: string): StatementSync {
    const statement = this.#statements.get(text) ?? this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
