import { Firestore, Timestamp } from "@google-cloud/firestore";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { z } from "zod";
import { aProjectId, describeEmulated } from "../../../tests/support/emulators/describe-emulated.ts";
import { storeContract } from "../contracts/store.contract.ts";
import { instantSchema } from "../instant.ts";
import { collection } from "../store.ts";
import { createFirestoreStore } from "./firestore-store.ts";

describeEmulated("Firestore store", (hosts) => {
  storeContract({
    name: "Firestore",
    async make() {
      const store = createFirestoreStore({ projectId: aProjectId(), emulatorHost: hosts.firestore });
      return { store, close: () => store.close() };
    },
    gaps: {
      "ten lost races end in StoreContention, and nothing is written":
        "a reader's lock makes the faster writer wait, so nobody can win ten times",
    },
  });

  test("documents that expire carry a timestamp for Firestore's TTL, which readers do not see", async () => {
    const codes = collection(
      "codes",
      z.strictObject({ expiresAt: instantSchema.optional(), code: z.string() }),
      { expiresBy: "expiresAt" },
    );
    const projectId = aProjectId();
    const store = createFirestoreStore({ projectId, emulatorHost: hosts.firestore });
    const client = new Firestore({
      projectId,
      host: hosts.firestore,
      ssl: false,
      clientOptions: { universeDomain: "googleapis.com" },
    });
    const expiresAt = Temporal.Instant.from("2026-03-09T12:00:00.123Z");

    await store.transact(async (transaction) => {
      transaction.set(codes, "expires", { code: "a", expiresAt });
      transaction.set(codes, "stays", { code: "b" });
    });

    expect((await client.doc("codes/expires").get()).data()).toEqual({
      code: "a",
      expiresAt: "2026-03-09T12:00:00.123Z",
      purgeAt: Timestamp.fromMillis(expiresAt.epochMilliseconds),
    });
    expect((await client.doc("codes/stays").get()).data()).toEqual({ code: "b" });
    expect(new Set(Object.keys((await store.get(codes, "expires")) ?? {}))).toEqual(
      new Set(["code", "expiresAt"]),
    );
    expect((await store.query(codes)).map((found) => found.value.code)).toEqual(["a", "b"]);
    await Promise.all([store.close(), client.terminate()]);
  });
});
