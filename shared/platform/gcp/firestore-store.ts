import { setTimeout as sleepOnTimer } from "node:timers/promises";
import type {
  DocumentReference,
  DocumentSnapshot,
  Firestore,
  Query as FirestoreQuery,
  Transaction as FirestoreTransaction,
} from "@google-cloud/firestore";
import { Temporal } from "temporal-polyfill";
import {
  type Collection,
  checkDocumentId,
  type Store,
  StoreContention,
  type StoredDocument,
  type Transaction,
} from "../store.ts";
import { decodeDocument, encodeDocument, toStoredQuery } from "../stored-document.ts";
import { GRPC, grpcCode } from "./grpc-status.ts";

type Library = typeof import("./firestore-library.ts").library;

export interface FirestoreStoreOptions {
  readonly projectId: string;
  /** Default `(default)`. */
  readonly databaseId?: string;
  /**
   * `host:port` of an emulator. Absent, it is Google's service with the machine's own credentials, or what
   * `FIRESTORE_EMULATOR_HOST` names.
   */
  readonly emulatorHost?: string;
  /** Waits between the attempts of a transaction; default: the system's timer. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/**
 * The field that Firestore's TTL policy is to look at in collections with `expiresBy`. TTL takes real
 * timestamps only, while Openbell's own instants are text.
 */
export const PURGE_FIELD = "purgeAt";

const MOST_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** After these, an attempt may be repeated: it lost a race, or its answer did not come. */
const REPEATABLE = new Set<number | undefined>([
  ...[GRPC.aborted, GRPC.cancelled, GRPC.deadlineExceeded, GRPC.internal],
  ...[GRPC.resourceExhausted, GRPC.unavailable, GRPC.unknown],
]);

/** Carries what `work` threw past the client, which would take an error with a `code` for its own. */
class WorkFailure extends Error {
  override readonly name = "WorkFailure";
}

/**
 * The store on Firestore in native mode. Documents lie there as JSON with instants as text; those of
 * collections with `expiresBy` carry a timestamp in {@link PURGE_FIELD} besides. Transactions lock what they
 * read. The client library is loaded at the first call.
 */
export function createFirestoreStore(options: FirestoreStoreOptions): Store {
  const { pause = sleepOnTimer } = options;
  let opening: Promise<{ library: Library; database: Firestore }> | undefined;
  const open = () => {
    opening ??= openDatabase(options);
    return opening;
  };

  return {
    async get(collection, id) {
      checkDocumentId(id);
      const { library, database } = await open();
      return read(library, collection, await reference(database, collection, id).get());
    },

    async query(collection, query) {
      const { where, orderBy, limit, after } = toStoredQuery(collection, query);
      const { library, database } = await open();
      let found: FirestoreQuery = database.collection(collection.name);
      for (const [field, value] of where) found = found.where(field, "==", value);
      if (orderBy) found = found.orderBy(...orderBy);
      if (after) {
        found = found.orderBy(library.FieldPath.documentId(), orderBy?.[1] ?? "asc");
        found = orderBy ? found.startAfter(after.value, after.id) : found.startAfter(after.id);
      }
      const { docs } = await found.limit(limit).get();
      return docs.map((document) => ({
        id: document.id,
        value: decodeDocument(collection, document.id, withoutPurge(library, document.data())),
      }));
    },

    async transact(work) {
      const { library, database } = await open();
      for (let attempt = 1; ; attempt += 1) {
        try {
          // The client's own repetition begins with a pause of 1 s, too long for somebody who waits.
          return await database.runTransaction((inner) => runWork(work, { library, database, inner }), {
            maxAttempts: 1,
          });
        } catch (error) {
          if (error instanceof WorkFailure) throw error.cause;
          if (!mayRepeat(error)) throw error;
          if (attempt === MOST_ATTEMPTS) throw lastError(error);
        }
        await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
      }
    },

    async close() {
      await (await opening)?.database.terminate();
    },
  };
}

async function openDatabase({ projectId, databaseId, emulatorHost }: FirestoreStoreOptions) {
  const { library } = await import("./firestore-library.ts");
  const database = new library.Firestore({
    projectId,
    ...(databaseId !== undefined && { databaseId }),
    // Without a universe the client would ask the metadata server of the cloud for it.
    ...(emulatorHost !== undefined && {
      host: emulatorHost,
      ssl: false,
      clientOptions: { universeDomain: "googleapis.com" },
    }),
    ignoreUndefinedProperties: true,
  });
  return { library, database };
}

function reference(database: Firestore, collection: { name: string }, id: string): DocumentReference {
  return database.collection(collection.name).doc(id);
}

/** Runs `work` once; a failure that is not Firestore's own comes out as the cause of a WorkFailure. */
async function runWork<R>(
  work: (transaction: Transaction) => Promise<R>,
  context: { readonly library: Library; readonly database: Firestore; readonly inner: FirestoreTransaction },
): Promise<R> {
  const { library, database, inner } = context;
  let failedRead: unknown;
  const transaction: Transaction = {
    async get(collection, id) {
      checkDocumentId(id);
      const snapshot = await inner.get(reference(database, collection, id)).catch((error: unknown) => {
        failedRead = error;
        throw error;
      });
      return read(library, collection, snapshot);
    },
    set(collection, id, value) {
      checkDocumentId(id);
      inner.set(reference(database, collection, id), encode(library, { collection, id, value }));
    },
    delete(collection, id) {
      checkDocumentId(id);
      inner.delete(reference(database, collection, id));
    },
  };
  try {
    return await work(transaction);
  } catch (error) {
    if (error === failedRead) throw error;
    throw new WorkFailure("The work of a transaction threw.", { cause: error });
  }
}

function mayRepeat(error: unknown): boolean {
  const code = grpcCode(error);
  // A transaction that waited too long is reported as an invalid argument.
  if (code === GRPC.invalidArgument) return /transaction has expired/.test(String(error));
  return REPEATABLE.has(code);
}

function lastError(error: unknown): unknown {
  if (grpcCode(error) !== GRPC.aborted) return error;
  return new StoreContention("Ten attempts at one transaction lost against other writers.", { cause: error });
}

function read<T>(library: Library, collection: Collection<T>, snapshot: DocumentSnapshot): T | undefined {
  const data = snapshot.data();
  if (data === undefined) return undefined;
  return decodeDocument(collection, snapshot.id, withoutPurge(library, data));
}

function encode<T>(
  library: Library,
  { collection, id, value }: { collection: Collection<T>; id: string; value: T },
): StoredDocument {
  // The client looks at the document only when the transaction ends.
  const document = structuredClone(encodeDocument(collection, id, value));
  if (collection.expiresBy === undefined) return document;
  if (PURGE_FIELD in document) throw new RangeError(`${collection.name} may not have a field ${PURGE_FIELD}`);
  const expiry = document[collection.expiresBy];
  if (typeof expiry !== "string") return document;
  const { epochMilliseconds } = Temporal.Instant.from(expiry);
  return { ...document, [PURGE_FIELD]: library.Timestamp.fromMillis(epochMilliseconds) };
}

/** Documents are JSON, so a timestamp in that field is the one added by `encode`. */
function withoutPurge(library: Library, data: StoredDocument): StoredDocument {
  if (!(data[PURGE_FIELD] instanceof library.Timestamp)) return data;
  const { [PURGE_FIELD]: _, ...document } = data;
  return document;
}
