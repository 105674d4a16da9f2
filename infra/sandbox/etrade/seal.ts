import { createHmac } from "node:crypto";

const PIN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const PIN_LENGTH = 5;

/**
 * Derives everything secret from one key, so that nothing secret has to be kept: a token's stored name, its
 * secret and its PIN all follow from the token itself and the key.
 */
export interface Seal {
  /** 32 bytes that depend on `label` and the key only. */
  derive(label: string): Uint8Array;
  /** `bytes` (at most 32) of such bytes in hex. */
  hex(label: string, bytes: number): string;
  /** The name under which a token is kept; says nothing about the token. */
  idOf(token: string): string;
  secretOf(token: string): string;
  /** Five letters `A-Z0-9`. */
  pinOf(token: string): string;
}

/** A seal over `key`; two seals over one key are the same. */
export function createSeal(key: Uint8Array): Seal {
  const derive = (label: string) => createHmac("sha256", key).update(label).digest();
  const hex = (label: string, bytes: number) => derive(label).subarray(0, bytes).toString("hex");
  return {
    derive,
    hex,
    idOf: (token) => hex(`id|${token}`, 16),
    secretOf: (token) => derive(`secret|${token}`).toString("base64"),
    pinOf: (token) => pinFrom((round) => derive(`pin|${round}|${token}`)),
  };
}

function pinFrom(bytes: (round: number) => Uint8Array): string {
  const fair = PIN_LETTERS.length * Math.floor(256 / PIN_LETTERS.length);
  let pin = "";
  for (let round = 0; pin.length < PIN_LENGTH; round += 1) {
    for (const byte of bytes(round)) {
      if (byte < fair && pin.length < PIN_LENGTH) pin += PIN_LETTERS[byte % PIN_LETTERS.length];
    }
  }
  return pin;
}
