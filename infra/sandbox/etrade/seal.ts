import { type Seal as CommonSeal, createSeal as createCommonSeal } from "../seal.ts";

const PIN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const PIN_LENGTH = 5;

/** A seal that derives a token's secret and its PIN as well. */
export interface Seal extends CommonSeal {
  secretOf(token: string): string;
  /** Five letters `A-Z0-9`. */
  pinOf(token: string): string;
}

/** A seal over `key`; two seals over one key are the same. */
export function createSeal(key: Uint8Array): Seal {
  const seal = createCommonSeal(key);
  return {
    ...seal,
    secretOf: (token) => Buffer.from(seal.derive(`secret|${token}`)).toString("base64"),
    pinOf: (token) => pinFrom((round) => seal.derive(`pin|${round}|${token}`)),
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
