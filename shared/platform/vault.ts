import type { Result } from "./result.ts";
import type { Secret } from "./secret.ts";

/** 1 to 255 letters, digits, `-` and `_`: what Secret Manager takes as a secret's id. */
export type SecretName = string;

/** A version's number, counted from 1 by the vault. */
export type SecretVersion = number;

/**
 * Keeps secrets by name and version number. Versions are immutable. Reading goes by number only: it is the
 * one read that Secret Manager promises to be consistent right after a write.
 */
export interface SecretVault {
  /**
   * Stores `value` as the next version, creating the secret at its first version, and returns the number.
   * Atomic; throws when the vault cannot be reached, and the version may then exist all the same.
   */
  add(name: SecretName, value: Secret): Promise<SecretVersion>;

  /** The exact payload that was added; its checksum is verified. */
  read(
    name: SecretName,
    version: SecretVersion,
  ): Promise<Result<Secret, "VAULT_VERSION_MISSING" | "VAULT_CORRUPT">>;

  /** Ends one version for good. A version that is missing or ended already is no error. */
  destroy(name: SecretName, version: SecretVersion): Promise<void>;

  /**
   * The numbers of the versions that are not destroyed, ascending. May lag behind writes: fit for cleaning
   * up, not for finding the current version.
   */
  versions(name: SecretName): Promise<readonly SecretVersion[]>;
}

const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** Throws a RangeError for a name that not every adapter can hold. */
export function checkSecretName(name: SecretName): void {
  if (!NAME.test(name)) throw new RangeError("A secret's name has 1 to 255 letters, digits, - and _");
}
