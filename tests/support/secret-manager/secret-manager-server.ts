import { createRequire } from "node:module";
import {
  credentials,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { type KeptVersion, Refusal, SecretBook } from "./secret-book.ts";

const SERVICE = "google.cloud.secretmanager.v1.SecretManagerService";

/** What a method gets: the request as protobuf gives it, with bytes as Buffers and int64 as text. */
type Request = Readonly<Record<string, unknown>>;
type Method = (request: Request) => object;

/** A local Secret Manager for the real client, with switches for what goes wrong in the real one. */
export interface SecretManagerServer {
  /** Options for `SecretManagerServiceClient` that lead to this server. */
  readonly clientOptions: {
    readonly apiEndpoint: string;
    readonly port: number;
    readonly sslCreds: ReturnType<typeof credentials.createInsecure>;
    readonly clientOptions: { readonly universeDomain: string };
  };
  /** The methods called so far, in order, failed ones included. */
  readonly calls: readonly string[];
  /** The next call of `method` fails without doing anything. */
  failNext(method: string, code: status): void;
  /** The next call of `method` does its work, and its answer is lost on the way back. */
  loseNextAnswer(method: string): void;
  /** Changes one bit of a stored payload and leaves its checksum as it was. */
  corrupt(version: string): void;
  /** Takes a payload without looking at the checksum that came with it, as an old proxy would. */
  forgetNextChecksum(): void;
  stop(): Promise<void>;
}

interface Switches {
  readonly failing: Map<string, status>;
  readonly losing: Set<string>;
  isForgetful: boolean;
}

/** Starts a local Secret Manager on a free port of loopback, made from the client's own proto descriptors. */
export async function startSecretManagerServer(
  options: { readonly pageSize?: number } = {},
): Promise<SecretManagerServer> {
  const book = new SecretBook();
  const calls: string[] = [];
  const switches: Switches = { failing: new Map(), losing: new Set(), isForgetful: false };
  const methods = createMethods(book, switches, options.pageSize ?? 5);
  const handlers = Object.entries(methods).map(([name, method]) => {
    const handle = answer(name, method, { calls, switches });
    return [name, handle] as const;
  });
  const server = new Server();
  server.addService(loadService(), Object.fromEntries(handlers) as UntypedServiceImplementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    clientOptions: {
      apiEndpoint: "127.0.0.1",
      port,
      sslCreds: credentials.createInsecure(),
      // Otherwise the client asks the metadata server of the cloud for it.
      clientOptions: { universeDomain: "googleapis.com" },
    },
    calls,
    failNext: (method, code) => void switches.failing.set(method, code),
    loseNextAnswer: (method) => void switches.losing.add(method),
    corrupt(version) {
      const kept = book.version(version);
      kept.data = Buffer.from(kept.data);
      kept.data[0] = (kept.data[0] ?? 0) ^ 1;
    },
    forgetNextChecksum() {
      switches.isForgetful = true;
    },
    async stop() {
      server.forceShutdown();
    },
  };
}

function loadService(): ServiceDefinition {
  const json = createRequire(import.meta.url)("@google-cloud/secret-manager/build/protos/protos.json");
  const types = fromJSON(json, { longs: String, enums: String, defaults: true, oneofs: true });
  return types[SERVICE] as ServiceDefinition;
}

/** One method as grpc wants it, behind the switches. */
function answer(
  name: string,
  method: Method,
  { calls, switches }: { calls: string[]; switches: Switches },
): handleUnaryCall<Request, object> {
  return (call, done) => {
    calls.push(name);
    const failure = switches.failing.get(name);
    switches.failing.delete(name);
    try {
      if (failure !== undefined) throw new Refusal(failure, "This call was told to fail.");
      const reply = method(call.request);
      if (switches.losing.delete(name)) throw new Refusal(status.UNAVAILABLE, "The answer was lost.");
      done(null, reply);
    } catch (error) {
      const code = error instanceof Refusal ? error.code : status.INTERNAL;
      done({ code, details: error instanceof Error ? error.message : String(error) });
    }
  };
}

const text = (value: unknown): string => String(value ?? "");

function describeVersion({ name, state }: KeptVersion): { name: string; state: string } {
  return { name, state };
}

/** `filter` in the one form that is known here. */
function selectState(versions: readonly KeptVersion[], filter: string): readonly KeptVersion[] {
  if (filter === "") return versions;
  const state = /^state:(ENABLED|DESTROYED)$/.exec(filter)?.[1];
  if (state === undefined) throw new Refusal(status.INVALID_ARGUMENT, "Unknown filter.");
  return versions.filter((version) => version.state === state);
}

function createMethods(book: SecretBook, switches: Switches, mostInPage: number): Record<string, Method> {
  return {
    CreateSecret({ parent, secretId, secret }) {
      if (!(secret as { replication?: { automatic?: object } } | null)?.replication?.automatic) {
        throw new Refusal(status.INVALID_ARGUMENT, "Automatic replication is missing.");
      }
      return { name: book.create(text(parent), text(secretId)) };
    },

    GetSecret({ name }) {
      book.versionsOf(text(name));
      return { name };
    },

    AddSecretVersion({ parent, payload }) {
      const { data, dataCrc32c } = payload as { data: Buffer; dataCrc32c?: string };
      const checksum = switches.isForgetful || dataCrc32c === undefined ? undefined : Number(dataCrc32c);
      switches.isForgetful = false;
      const version = book.add(text(parent), data, checksum);
      return { ...describeVersion(version), clientSpecifiedPayloadChecksum: checksum !== undefined };
    },

    AccessSecretVersion({ name }) {
      const { name: fullName, data, dataCrc32c } = book.enabledVersion(text(name));
      return { name: fullName, payload: { data, dataCrc32c: String(dataCrc32c) } };
    },

    DestroySecretVersion({ name }) {
      const version = book.enabledVersion(text(name));
      version.state = "DESTROYED";
      version.data = Buffer.alloc(0);
      return describeVersion(version);
    },

    ListSecretVersions({ parent, pageSize, pageToken, filter }) {
      // The newest come first, as in the real one.
      const all = selectState(book.versionsOf(text(parent)).toReversed(), text(filter));
      const from = Number(pageToken) || 0;
      const to = from + Math.min(Number(pageSize) || mostInPage, mostInPage);
      return {
        versions: all.slice(from, to).map(describeVersion),
        nextPageToken: to < all.length ? String(to) : "",
        totalSize: all.length,
      };
    },
  };
}
