import { createHmac } from "node:crypto";

/**
 * Derives everything secret of a simulator from one key, so that nothing secret has to be kept: what it keeps of
 * a token is a name that says nothing about it.
 */
export interface Seal {
  /** 32 bytes that depend on `label` and the key only. */
  derive(label: string): Uint8Array;
  /** `bytes` (at most 32) of such bytes in hex. */
  hex(label: string, bytes: number): string;
  /** The name under which a token is kept. */
  idOf(token: string): string;
}

/** A seal over `key`; two seals over one key are the same. */
export function createSeal(key: Uint8Array): Seal {
  const derive = (label: string) => createHmac("sha256", key).update(label).digest();
  const hex = (label: string, bytes: number) => derive(label).subarray(0, bytes).toString("hex");
  return { derive, hex, idOf: (token) => hex(`id|${token}`, 16) };
}
