import { fail, type Result, succeed } from "../../platform/result.ts";
import { Secret } from "../../platform/secret.ts";

/** What E*TRADE's PINs look like: five letters and digits in practice, up to seven in the manual. */
export const VERIFIER_PATTERN = /^[A-Za-z0-9]{4,10}$/;

/** Trims a pasted PIN and makes it upper-case, the way the broker's page shows it. */
export function normalizeVerifier(text: string): Result<string, "PIN_MALFORMED"> {
  const trimmed = text.trim();
  return VERIFIER_PATTERN.test(trimmed) ? succeed(trimmed.toUpperCase()) : fail("PIN_MALFORMED");
}

/** A PIN as the owner gave it, in the form that E*TRADE takes. */
export function readVerifier(text: Secret): Result<Secret, "PIN_MALFORMED"> {
  const verifier = normalizeVerifier(text.reveal());
  return verifier.ok ? succeed(Secret.of(verifier.value)) : verifier;
}
