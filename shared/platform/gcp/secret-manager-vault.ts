import type { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { fail, type Result, succeed } from "../result.ts";
import { Secret } from "../secret.ts";
import type { SecretName, SecretVault, SecretVersion } from "../vault.ts";
import { crc32c } from "./crc32c.ts";
import { GRPC, grpcCode } from "./grpc-status.ts";

type ClientOptions = NonNullable<ConstructorParameters<typeof SecretManagerServiceClient>[0]>;

export interface SecretManagerVaultOptions {
  readonly projectId: string;
  /** Further options of the client, for tests; absent, it is Google's service with the machine's own credentials. */
  readonly client?: ClientOptions;
}

/** A vault with a connection that can be given back. */
export interface SecretManagerVault extends SecretVault {
  close(): Promise<void>;
}

/** No retry: an add whose answer was lost may have been applied, and the next one is another version. */
const ONCE = { timeout: 10_000 };

/** For calls that may be repeated. The client's own settings begin with 2 s of waiting and end after 10 min. */
const REPEATABLE = {
  retry: {
    retryCodes: [GRPC.deadlineExceeded, GRPC.resourceExhausted, GRPC.unavailable],
    backoffSettings: {
      initialRetryDelayMillis: 100,
      retryDelayMultiplier: 2,
      maxRetryDelayMillis: 2_000,
      initialRpcTimeoutMillis: 5_000,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: 5_000,
      totalTimeoutMillis: 20_000,
    },
  },
};

/**
 * The vault on Google Secret Manager, with automatic replication. Versions are read by number only, the one
 * read that is consistent right after an add. A disabled version counts as ended. Nothing is cached. The
 * client library is loaded at the first call.
 */
export function createSecretManagerVault(options: SecretManagerVaultOptions): SecretManagerVault {
  let opening: Promise<SecretManagerServiceClient> | undefined;
  const open = (): Promise<SecretManagerServiceClient> => {
    opening ??= openClient(options);
    return opening;
  };
  const parent = `projects/${options.projectId}`;
  const secretPath = (name: SecretName): string => `${parent}/secrets/${checkName(name)}`;
  const versionPath = (name: SecretName, version: SecretVersion): string =>
    `${secretPath(name)}/versions/${checkVersion(version)}`;

  return {
    async add(name, value) {
      const path = secretPath(name);
      const client = await open();
      const first = await addVersion(client, path, value).catch(returnIf(GRPC.notFound, undefined));
      if (first !== undefined) return first;
      // Not found: nothing was added, so the add may be repeated once the secret is there.
      const secret = { replication: { automatic: {} } };
      await client
        .createSecret({ parent, secretId: name, secret }, REPEATABLE)
        .catch(returnIf(GRPC.alreadyExists, undefined));
      return addVersion(client, path, value);
    },

    async read(name, version) {
      const path = versionPath(name, version);
      const client = await open();
      const accessed = await client
        .accessSecretVersion({ name: path }, REPEATABLE)
        .catch(returnIf(GRPC.notFound, undefined))
        .catch(returnIf(GRPC.failedPrecondition, undefined));
      if (accessed === undefined) return fail("VAULT_VERSION_MISSING", { name, version });
      return openPayload(accessed[0].payload) ?? fail("VAULT_CORRUPT", { name, version });
    },

    async destroy(name, version) {
      const path = versionPath(name, version);
      const client = await open();
      await client
        .destroySecretVersion({ name: path }, REPEATABLE)
        .catch(returnIf(GRPC.notFound, undefined))
        .catch(returnIf(GRPC.failedPrecondition, undefined));
    },

    async versions(name) {
      const path = secretPath(name);
      const client = await open();
      const listed = await client
        .listSecretVersions({ parent: path, filter: "state:ENABLED" }, REPEATABLE)
        .catch(returnIf(GRPC.notFound, undefined));
      return (listed?.[0] ?? []).map((version) => versionNumber(version.name)).sort((a, b) => a - b);
    },

    async close() {
      await (await opening)?.close();
    },
  };
}

async function openClient({ projectId, client }: SecretManagerVaultOptions) {
  const { library } = await import("./secret-manager-library.ts");
  return new library.SecretManagerServiceClient({ projectId, ...client });
}

async function addVersion(
  client: SecretManagerServiceClient,
  parent: string,
  value: Secret,
): Promise<SecretVersion> {
  const data = Buffer.from(value.reveal(), "utf8");
  const [added] = await client.addSecretVersion(
    { parent, payload: { data, dataCrc32c: crc32c(data) } },
    ONCE,
  );
  const version = versionNumber(added.name);
  if (added.clientSpecifiedPayloadChecksum !== true) {
    throw new Error(`Secret Manager took version ${version} without its checksum; it may be damaged.`);
  }
  return version;
}

/** The payload as it was added; undefined when it does not match its checksum or is no UTF-8 text. */
function openPayload(
  payload: { data?: Uint8Array | string | null; dataCrc32c?: unknown } | null | undefined,
): Result<Secret, never> | undefined {
  const data = payload?.data;
  if (!(data instanceof Uint8Array) || data.length === 0) return undefined;
  if (String(payload?.dataCrc32c) !== String(crc32c(data))) return undefined;
  try {
    return succeed(Secret.of(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data)));
  } catch {
    return undefined;
  }
}

function versionNumber(path: string | null | undefined): SecretVersion {
  const digits = /\/versions\/([1-9]\d*)$/.exec(path ?? "")?.[1];
  if (digits === undefined) throw new Error("Secret Manager answered without a version number.");
  return Number(digits);
}

/** Turns an error of one gRPC status into a value, and throws every other one on. */
function returnIf<T>(code: number, value: T): (error: unknown) => T {
  return (error) => {
    if (grpcCode(error) === code) return value;
    throw error;
  };
}

function checkName(name: SecretName): SecretName {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
    throw new RangeError("A secret's name has 1 to 255 characters of A-Z a-z 0-9 - _");
  }
  return name;
}

function checkVersion(version: SecretVersion): SecretVersion {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new RangeError("A secret's version is a whole number from 1");
  }
  return version;
}
