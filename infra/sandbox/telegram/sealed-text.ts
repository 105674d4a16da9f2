import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Turns text into base64url that only the same key opens, and back. */
export interface TextSeal {
  seal(text: string): string;
  /** `undefined` when the text was sealed with another key or was changed. */
  open(sealed: string): string | undefined;
}

/**
 * Seals by AES-256-GCM. The nonce is a keyed hash of the text, so that a seeded generator of random bytes can
 * never make one nonce serve two texts; equal texts give equal results.
 * `key`: 32 bytes, else a RangeError.
 */
export function createTextSeal(key: Uint8Array): TextSeal {
  if (key.length !== 32) throw new RangeError("The key of a seal has 32 bytes.");
  const part = (purpose: string) => Buffer.from(hkdfSync("sha256", key, "", purpose, 32));
  const cipherKey = part("openbell sandbox seal: cipher");
  const nonceKey = part("openbell sandbox seal: nonce");
  return {
    seal(text) {
      const iv = createHmac("sha256", nonceKey).update(text).digest().subarray(0, IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", cipherKey, iv);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv("aes-256-gcm", cipherKey, bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      try {
        const body = bytes.subarray(IV_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      } catch {
        return undefined;
      }
    },
  };
}
