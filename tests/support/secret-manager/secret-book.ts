import { status } from "@grpc/grpc-js";
import { crc32c } from "../../../shared/platform/gcp/crc32c.ts";

const MOST_PAYLOAD_BYTES = 65_536;

/** Why Secret Manager refuses a call, as its gRPC status. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

export interface KeptVersion {
  readonly name: string;
  state: "ENABLED" | "DESTROYED";
  data: Buffer;
  /** Checksum of what was added. */
  readonly dataCrc32c: number;
}

/** The secrets and versions behind a local Secret Manager, with the real one's refusals. */
export class SecretBook {
  /** Versions by the secret's full name; a version's number is its place, counted from 1. */
  readonly #secrets = new Map<string, KeptVersion[]>();

  create(parent: string, secretId: string): string {
    if (!/^projects\/[^/]+$/.test(parent)) throw new Refusal(status.INVALID_ARGUMENT, "Bad parent.");
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(secretId)) throw new Refusal(status.INVALID_ARGUMENT, "Bad id.");
    const name = `${parent}/secrets/${secretId}`;
    if (this.#secrets.has(name)) throw new Refusal(status.ALREADY_EXISTS, "The secret exists.");
    this.#secrets.set(name, []);
    return name;
  }

  versionsOf(secret: string): KeptVersion[] {
    const versions = this.#secrets.get(secret);
    if (versions === undefined) throw new Refusal(status.NOT_FOUND, "No such secret.");
    return versions;
  }

  add(secret: string, data: Buffer, checksum: number | undefined): KeptVersion {
    const versions = this.versionsOf(secret);
    if (data.length === 0 || data.length > MOST_PAYLOAD_BYTES) {
      throw new Refusal(status.INVALID_ARGUMENT, "The payload has 1 to 65,536 bytes.");
    }
    const dataCrc32c = crc32c(data);
    if (checksum !== undefined && checksum !== dataCrc32c) {
      throw new Refusal(status.INVALID_ARGUMENT, "The payload does not match its checksum.");
    }
    const name = `${secret}/versions/${versions.length + 1}`;
    const version: KeptVersion = { name, state: "ENABLED", data, dataCrc32c };
    versions.push(version);
    return version;
  }

  /**
   * The version of that full name. `latest` is one version behind: the real one promises no more right after
   * an add, and so whoever relies on it fails here.
   */
  version(name: string): KeptVersion {
    const [, secret, alias] = /^(.+)\/versions\/([^/]+)$/.exec(name) ?? [];
    if (secret === undefined) throw new Refusal(status.INVALID_ARGUMENT, "Bad version name.");
    const versions = this.versionsOf(secret);
    const found = alias === "latest" ? versions.at(-2) : versions[Number(alias) - 1];
    if (found === undefined) throw new Refusal(status.NOT_FOUND, "No such version.");
    return found;
  }

  enabledVersion(name: string): KeptVersion {
    const version = this.version(name);
    if (version.state !== "ENABLED") throw new Refusal(status.FAILED_PRECONDITION, "It is destroyed.");
    return version;
  }
}
