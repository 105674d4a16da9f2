import { fail, type Result, succeed } from "../../../platform/result.ts";
import { Secret } from "../../../platform/secret.ts";

/** What may be a code; its form is not published, so only what no code can hold is turned away. */
const CODE = /^[A-Za-z0-9._~+/=-]{1,500}$/;

/** The address to which the broker sends the owner back, as a browser shows it. */
const ADDRESS = /^https?:\/\//i;

/**
 * A code as the owner gave it, in the form that the token endpoint takes: the code alone, or the whole address to
 * which the broker has sent the browser, with the code in it.
 */
export function readVerifier(text: Secret): Result<Secret, "PIN_MALFORMED"> {
  const given = text.reveal().trim();
  const code = ADDRESS.test(given) ? codeIn(given) : given;
  return code !== undefined && CODE.test(code) ? succeed(Secret.of(code)) : fail("PIN_MALFORMED");
}

function codeIn(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  // A bare `+` may be a part of the code, never a blank.
  const query = new URLSearchParams(new URL(address).search.replaceAll("+", "%2B"));
  return query.get("code") ?? undefined;
}
