import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { z } from "zod";
import { instantSchema, plainDateSchema } from "../instant.ts";
import { collection, type Query, type Store, StoreContention, type Stored } from "../store.ts";
import { declareCases, type Gaps } from "./gaps.ts";

/** An adapter of the store as its contract sees it; `make` gives an empty store each time. */
export interface StoreUnderTest {
  readonly name: string;
  make(): Promise<{ readonly store: Store; close?(): Promise<void> }>;
  readonly gaps?: Gaps;
}

const notes = collection(
  "contract-notes",
  z.strictObject({
    text: z.string().max(5_000),
    count: z.int(),
    isDone: z.boolean(),
    at: instantSchema,
    day: plainDateSchema.optional(),
    tags: z.array(z.string()).optional(),
    nested: z.strictObject({ price: z.number().nullable() }).optional(),
  }),
  {
    indexes: [
      { where: ["isDone"], orderBy: ["count", "asc"] },
      { where: ["text"], orderBy: ["count", "asc"] },
      { where: ["text"], orderBy: ["count", "desc"] },
      { where: ["text"], orderBy: ["at", "asc"] },
      { where: ["text"], orderBy: ["isDone", "desc"] },
    ],
  },
);
type Note = z.output<typeof notes.schema>;

const counters = collection("contract-counters", z.strictObject({ n: z.int() }));

/** The same documents as `counters`, through a schema that they do not fit. */
const misreadCounters = collection("contract-counters", z.strictObject({ n: z.string() }));
/** The same documents as `notes`, as they lie in the store. */
const rawNotes = collection("contract-notes", z.looseObject({ at: z.string() }));

const noon = Temporal.Instant.from("2026-03-09T12:00:00Z");

const aNote = (over: Partial<Note> = {}): Note => ({
  text: "plain",
  count: 1,
  isDone: false,
  at: noon,
  ...over,
});

/** Resolves for everybody once `parties` have arrived; later arrivals pass at once. */
function createBarrier(parties: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived >= parties) resolve();
    return promise;
  };
}

/** What every store promises, whatever it is made of. */
export function storeContract(adapter: StoreUnderTest): void {
  describe(`store contract: ${adapter.name}`, () => {
    let store: Store;
    let close: (() => Promise<void>) | undefined;

    beforeEach(async () => {
      const made = await adapter.make();
      store = made.store;
      close = made.close?.bind(made);
    });

    afterEach(async () => {
      await close?.();
    });

    const put = (id: string, note: Note): Promise<void> =>
      store.transact(async (transaction) => {
        transaction.set(notes, id, note);
      });

    const increment = (id: string): Promise<number> =>
      store.transact(async (transaction) => {
        const n = ((await transaction.get(counters, id))?.n ?? 0) + 1;
        transaction.set(counters, id, { n });
        return n;
      });

    declareCases(adapter.gaps ?? {}, (test) => {
      test("a document comes back as it went in", async () => {
        const note = aNote({
          text: 'Grüße, 東京 🚀 "quoted" \\ \n\u0000 end',
          count: -(2 ** 40),
          isDone: true,
          at: Temporal.Instant.from("2026-11-01T05:59:59.123Z"),
          day: Temporal.PlainDate.from("2026-11-01"),
          tags: ["a", "", "ü"],
          nested: { price: 0.1 },
        });

        await put("n:1.a_b-C", note);
        const read = await store.get(notes, "n:1.a_b-C");

        expect(read?.at).toBeInstanceOf(Temporal.Instant);
        expect(read?.at.equals(note.at)).toBe(true);
        expect(read?.day?.equals("2026-11-01")).toBe(true);
        expect({ ...read, at: 0, day: 0 }).toEqual({ ...note, at: 0, day: 0 });
      });

      test("null and empty parts are kept, and undefined ones are left out", async () => {
        await put("n", aNote({ tags: [], nested: { price: null }, day: undefined }));

        const read = await store.get(notes, "n");

        expect(read?.tags).toEqual([]);
        expect(read?.nested).toEqual({ price: null });
        expect(read && "day" in read).toBe(false);
      });

      test("an instant lies in the store as ISO text with three decimals", async () => {
        await put("n", aNote({ at: Temporal.Instant.from("2026-03-09T08:00:00-04:00") }));

        expect((await store.get(rawNotes, "n"))?.at).toBe("2026-03-09T12:00:00.000Z");
      });

      test("a missing document is undefined, inside and outside a transaction", async () => {
        expect(await store.get(notes, "nobody")).toBeUndefined();
        expect(await store.transact((transaction) => transaction.get(notes, "nobody"))).toBeUndefined();
      });

      test("a set replaces the whole document", async () => {
        await put("n", aNote({ tags: ["old"] }));

        await put("n", aNote({ text: "new" }));

        expect(await store.get(notes, "n")).not.toHaveProperty("tags");
        expect((await store.get(notes, "n"))?.text).toBe("new");
      });

      test("a set that does not fit the schema throws and nothing of its transaction is written", async () => {
        const attempt = store.transact(async (transaction) => {
          transaction.set(counters, "fits", { n: 1 });
          transaction.set(counters, "does-not-fit", { n: 1.5 });
        });

        await expect(attempt).rejects.toThrow();
        expect(await store.get(counters, "fits")).toBeUndefined();
        expect(await store.get(counters, "does-not-fit")).toBeUndefined();
      });

      test("a stored document that does not fit the schema is not read", async () => {
        await increment("c");

        await expect(store.get(misreadCounters, "c")).rejects.toThrow();
        await expect(store.query(misreadCounters)).rejects.toThrow();
        await expect(
          store.transact((transaction) => transaction.get(misreadCounters, "c")),
        ).rejects.toThrow();
      });

      test("a deleted document is gone, and deleting nothing is no error", async () => {
        await put("n", aNote());

        await store.transact(async (transaction) => {
          transaction.delete(notes, "n");
          transaction.delete(notes, "nobody");
        });

        expect(await store.get(notes, "n")).toBeUndefined();
        expect(await store.query(notes)).toEqual([]);
      });

      test("the last of several writes to one document counts", async () => {
        await put("deleted", aNote());

        await store.transact(async (transaction) => {
          transaction.set(notes, "set", aNote({ count: 1 }));
          transaction.set(notes, "set", aNote({ count: 2 }));
          transaction.set(notes, "deleted", aNote({ count: 3 }));
          transaction.delete(notes, "deleted");
        });

        expect((await store.get(notes, "set"))?.count).toBe(2);
        expect(await store.get(notes, "deleted")).toBeUndefined();
      });

      test("a value changed after it was set is stored as it was", async () => {
        const note = { ...aNote(), tags: ["before"] };

        await store.transact(async (transaction) => {
          transaction.set(notes, "n", note);
          note.tags[0] = "after";
        });

        expect((await store.get(notes, "n"))?.tags).toEqual(["before"]);
      });

      test("ids outside the allowed alphabet throw a RangeError", async () => {
        for (const id of ["", ".", "..", "a/b", "a b", "ü", "__x__", "x".repeat(201)]) {
          await expect(store.get(notes, id)).rejects.toThrow(RangeError);
          await expect(store.transact((transaction) => transaction.get(notes, id))).rejects.toThrow(
            RangeError,
          );
          await expect(put(id, aNote())).rejects.toThrow(RangeError);
        }
        await put("x".repeat(200), aNote());
        expect(await store.get(notes, "x".repeat(200))).toBeDefined();
      });

      test("collections do not see each other's documents", async () => {
        await put("same", aNote());
        await increment("same");

        expect((await store.query(notes)).length).toBe(1);
        expect(await store.query(counters)).toEqual([{ id: "same", value: { n: 1 } }]);
      });

      test("a query without conditions gives all documents in the order of their ids", async () => {
        for (const id of ["b", "a", "B", "10", "9", "_z", "a-b", "a.b", "a:b"]) await put(id, aNote());

        const found = await store.query(notes);

        expect(found.map((one) => one.id)).toEqual(["10", "9", "B", "_z", "a", "a-b", "a.b", "a:b", "b"]);
      });

      test("a query gives the documents whose every field given is equal", async () => {
        await put("a", aNote({ text: 'x "1"', count: 1, isDone: true }));
        await put("b", aNote({ text: 'x "1"', count: 2, isDone: true }));
        await put("c", aNote({ text: "y", count: 1, isDone: false, at: noon.add({ milliseconds: 1 }) }));
        await put(
          "d",
          aNote({ text: "ü\n", count: 0, isDone: false, day: Temporal.PlainDate.from("2026-03-09") }),
        );
        const ids = async (where: Partial<Note>): Promise<string[]> =>
          (await store.query(notes, { where })).map((one) => one.id);

        expect(await ids({ text: 'x "1"' })).toEqual(["a", "b"]);
        expect(await ids({ text: 'x "1"', count: 2 })).toEqual(["b"]);
        expect(await ids({ text: "ü\n" })).toEqual(["d"]);
        expect(await ids({ isDone: true, count: 1 })).toEqual(["a"]);
        expect(await ids({ count: 0 })).toEqual(["d"]);
        expect(await ids({ at: Temporal.Instant.from("2026-03-09T08:00:00-04:00") })).toEqual([
          "a",
          "b",
          "d",
        ]);
        expect(await ids({ day: Temporal.PlainDate.from("2026-03-09") })).toEqual(["d"]);
        expect(await ids({ text: "nobody" })).toEqual([]);
        expect(await ids({})).toEqual(["a", "b", "c", "d"]);
      });

      test("a condition that is undefined throws instead of matching everything", async () => {
        await put("a", aNote());

        await expect(store.query(notes, { where: { day: undefined } })).rejects.toThrow(TypeError);
      });

      test("instants are ordered by time, both ways, and ties by id the same way", async () => {
        await put("late", aNote({ at: Temporal.Instant.from("2026-03-09T12:00:00.010Z") }));
        await put("early", aNote({ at: Temporal.Instant.from("2026-03-09T12:00:00.009Z") }));
        await put("first", aNote({ at: Temporal.Instant.from("2025-12-31T23:59:59.999Z") }));
        await put("tie", aNote({ at: Temporal.Instant.from("2026-03-09T08:00:00.009-04:00") }));

        const up = await store.query(notes, { orderBy: ["at", "asc"] });
        const down = await store.query(notes, { orderBy: ["at", "desc"] });

        expect(up.map((one) => one.id)).toEqual(["first", "early", "tie", "late"]);
        expect(down.map((one) => one.id)).toEqual(["late", "tie", "early", "first"]);
      });

      test("numbers are ordered by value", async () => {
        for (const count of [10, 9, -1, 100]) await put(`n${count}`, aNote({ count }));

        const found = await store.query(notes, { orderBy: ["count", "asc"] });

        expect(found.map((one) => one.value.count)).toEqual([-1, 9, 10, 100]);
      });

      test("documents without the field that orders are left out", async () => {
        await put("with", aNote({ day: Temporal.PlainDate.from("2026-01-01") }));
        await put("without", aNote());

        const found = await store.query(notes, { orderBy: ["day", "desc"] });

        expect(found.map((one) => one.id)).toEqual(["with"]);
      });

      test("a limit takes the first in the order", async () => {
        for (const count of [3, 1, 2]) await put(`n${count}`, aNote({ count, isDone: count !== 1 }));

        const two = await store.query(notes, { orderBy: ["count", "desc"], limit: 2 });
        const one = await store.query(notes, {
          where: { isDone: true },
          orderBy: ["count", "asc"],
          limit: 1,
        });

        expect(two.map((found) => found.value.count)).toEqual([3, 2]);
        expect(one.map((found) => found.value.count)).toEqual([2]);
      });

      test("pages put together are the whole, each document once, in whatever order", async () => {
        for (let n = 0; n < 7; n += 1) {
          // Many ties, so that a page ends among them.
          const at = noon.add({ milliseconds: n % 3 });
          await put(
            `n${(n * 5) % 7}`,
            aNote({ count: n % 2, at, isDone: n > 3, text: n < 6 ? "in" : "out" }),
          );
        }
        const orders = [undefined, ["count", "asc"], ["count", "desc"], ["at", "asc"], ["isDone", "desc"]];
        for (const orderBy of orders as readonly Query<Note>["orderBy"][]) {
          const query = { where: { text: "in" }, ...(orderBy && { orderBy }) };
          const paged: string[] = [];
          let after: Stored<Note> | undefined;
          do {
            const page = await store.query(notes, { ...query, limit: 2, ...(after && { after }) });
            paged.push(...page.map(({ id }) => id));
            after = page.at(-1);
          } while (after !== undefined);

          expect(paged).toEqual((await store.query(notes, query)).map(({ id }) => id));
          expect(paged).toHaveLength(6);
        }
      });

      test("what is chosen and sorted at once without a declared index throws, as it would in the cloud", async () => {
        const where = { isDone: true };

        await expect(store.query(notes, { where, orderBy: ["count", "desc"] })).rejects.toThrow(RangeError);
        await expect(
          store.query(notes, { where: { ...where, count: 1 }, orderBy: ["count", "asc"] }),
        ).rejects.toThrow(RangeError);
        await expect(store.query(notes, { where: { ...where, text: "" } })).resolves.toEqual([]);
      });

      test("the end of a page that an order cannot be continued from throws", async () => {
        const after = { id: "n", value: aNote() };

        await expect(store.query(notes, { orderBy: ["day", "asc"], after })).rejects.toThrow(TypeError);
      });

      test("a limit is a whole number from 1 to 1,000", async () => {
        for (const limit of [0, -1, 1.5, 1_001, Number.NaN]) {
          await expect(store.query(notes, { limit })).rejects.toThrow(RangeError);
        }
        expect(await store.query(notes, { limit: 1_000 })).toEqual([]);
      });

      test("a transaction gives back what its work gives", async () => {
        expect(await store.transact(async () => "done")).toBe("done");
      });

      test("work that throws writes nothing and its error comes out", async () => {
        await put("n", aNote({ text: "before" }));
        const error = new Error("no");

        const attempt = store.transact(async (transaction) => {
          await transaction.get(notes, "n");
          transaction.set(notes, "n", aNote({ text: "after" }));
          transaction.set(notes, "m", aNote());
          transaction.delete(notes, "n");
          throw error;
        });

        await expect(attempt).rejects.toBe(error);
        expect((await store.get(notes, "n"))?.text).toBe("before");
        expect(await store.get(notes, "m")).toBeUndefined();
      });

      test("writes are not seen outside before the work has ended", async () => {
        let seenInside: unknown = "not looked";

        await store.transact(async (transaction) => {
          transaction.set(counters, "c", { n: 1 });
          seenInside = await store.get(counters, "c");
        });

        expect(seenInside).toBeUndefined();
        expect(await store.get(counters, "c")).toEqual({ n: 1 });
      });

      test("a read after a write in one transaction throws", async () => {
        const attempt = store.transact(async (transaction) => {
          transaction.set(counters, "a", { n: 1 });
          await transaction.get(counters, "b");
        });

        await expect(attempt).rejects.toThrow();
        expect(await store.get(counters, "a")).toBeUndefined();
      });

      test("all of several concurrent increments are kept", async () => {
        const answers = await Promise.all(Array.from({ length: 8 }, () => increment("c")));

        expect(await store.get(counters, "c")).toEqual({ n: 8 });
        expect([...answers].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      });

      test("one document is created once by two that both found it missing", async () => {
        const barrier = createBarrier(2);
        const create = (text: string): Promise<boolean> =>
          store.transact(async (transaction) => {
            const isThere = (await transaction.get(notes, "one")) !== undefined;
            await barrier();
            if (!isThere) transaction.set(notes, "one", aNote({ text }));
            return !isThere;
          });

        const hasCreated = await Promise.all([create("a"), create("b")]);

        expect(hasCreated.filter(Boolean).length).toBe(1);
        expect((await store.get(notes, "one"))?.text).toBe(hasCreated[0] ? "a" : "b");
      });

      test("write skew between two documents is refused", async () => {
        await store.transact(async (transaction) => {
          transaction.set(counters, "left", { n: 1 });
          transaction.set(counters, "right", { n: 1 });
        });
        const barrier = createBarrier(2);
        const takeOne = (mine: "left" | "right"): Promise<void> =>
          store.transact(async (transaction) => {
            const left = (await transaction.get(counters, "left"))?.n ?? 0;
            const right = (await transaction.get(counters, "right"))?.n ?? 0;
            await barrier();
            if (left + right === 2) transaction.set(counters, mine, { n: 0 });
          });

        await Promise.all([takeOne("left"), takeOne("right")]);

        const left = await store.get(counters, "left");
        const right = await store.get(counters, "right");
        expect((left?.n ?? 0) + (right?.n ?? 0)).toBe(1);
      });

      test("two reads in one transaction belong to one point in time", async () => {
        await store.transact(async (transaction) => {
          transaction.set(counters, "left", { n: 0 });
          transaction.set(counters, "right", { n: 0 });
        });
        const moveBoth = (n: number): Promise<void> =>
          store.transact(async (transaction) => {
            transaction.set(counters, "left", { n });
            transaction.set(counters, "right", { n });
          });
        const readBoth = (): Promise<readonly unknown[]> =>
          store.transact(async (transaction) => [
            (await transaction.get(counters, "left"))?.n,
            (await transaction.get(counters, "right"))?.n,
          ]);

        const writer = (async () => {
          for (let n = 1; n <= 10; n += 1) await moveBoth(n);
        })();
        const seen: (readonly unknown[])[] = [];
        for (let read = 0; read < 10; read += 1) seen.push(await readBoth());
        await writer;

        for (const [left, right] of seen) expect(left).toBe(right);
      });

      test("work runs again when another writer was faster, and sees what that one wrote", async () => {
        const seen: (number | undefined)[] = [];
        const barrier = createBarrier(2);
        const race = (): Promise<void> =>
          store.transact(async (transaction) => {
            const n = (await transaction.get(counters, "c"))?.n;
            seen.push(n);
            await barrier();
            transaction.set(counters, "c", { n: (n ?? 0) + 1 });
          });

        await Promise.all([race(), race()]);

        expect(await store.get(counters, "c")).toEqual({ n: 2 });
        expect(seen.filter((n) => n === undefined).length).toBeGreaterThanOrEqual(1);
        expect(seen.at(-1)).toBe(1);
      });

      test("ten lost races end in StoreContention, and nothing is written", async () => {
        let attempts = 0;

        const attempt = store.transact(async (transaction) => {
          await transaction.get(counters, "c");
          attempts += 1;
          const n = attempts;
          await store.transact(async (faster) => {
            faster.set(counters, "c", { n });
          });
          transaction.set(counters, "c", { n: -1 });
        });

        await expect(attempt).rejects.toThrow(StoreContention);
        expect(attempts).toBe(10);
        expect(await store.get(counters, "c")).toEqual({ n: 10 });
      });
    });
  });
}
