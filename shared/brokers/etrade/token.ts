import { z } from "zod";
import { Secret } from "../../platform/secret.ts";

/** A token and its secret, decoded: base64 with `/`, `+` and `=` in it. Serves for request and access tokens. */
export interface TokenPair {
  readonly token: string;
  readonly tokenSecret: Secret;
}

const payloadSchema = z.strictObject({ token: z.string().min(1), tokenSecret: z.string().min(1) });

/** Packs a pair into one secret, so that both halves are always kept and replaced together. */
export function packTokenPair(pair: TokenPair): Secret {
  return Secret.of(JSON.stringify({ token: pair.token, tokenSecret: pair.tokenSecret.reveal() }));
}

/** Opens what {@link packTokenPair} made. Throws a RangeError, without the text, for anything else. */
export function unpackTokenPair(packed: Secret): TokenPair {
  const payload = payloadSchema.safeParse(parseJson(packed.reveal()));
  if (!payload.success) throw new RangeError("The secret does not hold an E*TRADE token.");
  return { token: payload.data.token, tokenSecret: Secret.of(payload.data.tokenSecret) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
