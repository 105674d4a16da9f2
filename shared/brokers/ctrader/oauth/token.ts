import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { Secret } from "../../../platform/secret.ts";

/** What one login or one refresh brings: the refresh token works once, and takes the access token with it. */
export interface CtraderGrant {
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
  /** From the moment of issue, as the broker said it; undefined where it said nothing. */
  readonly life: Temporal.Duration | undefined;
}

const payloadSchema = z.strictObject({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  lifeSeconds: z.int().positive().optional(),
});

/** Packs a grant into one secret, so that both halves are always kept and replaced together. */
export function packGrant({ accessToken, refreshToken, life }: CtraderGrant): Secret {
  return Secret.of(
    JSON.stringify({
      accessToken: accessToken.reveal(),
      refreshToken: refreshToken.reveal(),
      ...(life !== undefined && { lifeSeconds: life.total("seconds") }),
    }),
  );
}

/** Opens what {@link packGrant} made. Throws a RangeError, without the text, for anything else. */
export function unpackGrant(packed: Secret): CtraderGrant {
  const payload = payloadSchema.safeParse(parseJson(packed.reveal()));
  if (!payload.success) throw new RangeError("The secret does not hold a cTrader token.");
  const { accessToken, refreshToken, lifeSeconds } = payload.data;
  return {
    accessToken: Secret.of(accessToken),
    refreshToken: Secret.of(refreshToken),
    life: lifeSeconds === undefined ? undefined : Temporal.Duration.from({ seconds: lifeSeconds }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
