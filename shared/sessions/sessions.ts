/**
 * Signed-in owners. The cookie is a signed token that only names a session document, so that signing out and
 * revoking work at once.
 *
 * 1. A session lives 24 hours, never longer, and is not prolonged.
 * 2. A token counts only with our signature (HS256, no other algorithm), before its end, and while its
 *    document is there.
 * 3. Missing, forged, ended and revoked sessions fail alike.
 */
import { errors, jwtVerify, SignJWT } from "jose";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { instantSchema } from "../platform/instant.ts";
import type { Random } from "../platform/random.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";
import { collection, type Store } from "../platform/store.ts";
import type { ProofWords } from "./words.ts";

const sessionSchema = z.strictObject({
  chatId: z.string().min(1),
  words: z.tuple([z.string(), z.string()]),
  openedAt: instantSchema,
  expiresAt: instantSchema,
});

/** Open sessions by their ids. An id is no credential: it counts only inside a signed token. */
export const sessions = collection("sessions", sessionSchema, { expiresBy: "expiresAt" });

/** How long a session lives. */
export const SESSION_LIFE = Temporal.Duration.from({ hours: 24 });

const ISSUER = "openbell";
const AUDIENCE = "openbell-console";
const MIN_KEY_BYTES = 32;
const claimsSchema = z.looseObject({ jti: z.string().regex(/^[A-Za-z0-9_-]{22}$/) });

export interface Session {
  readonly id: string;
  readonly chatId: string;
  readonly words: ProofWords;
  readonly expiresAt: Temporal.Instant;
}

export interface Sessions {
  /** Opens a session; `cookieValue` is its credential. */
  open(owner: {
    readonly chatId: string;
    readonly words: ProofWords;
  }): Promise<{ readonly session: Session; readonly cookieValue: Secret }>;

  /** The session that a cookie's value stands for. */
  verify(cookieValue: string | undefined): Promise<Result<Session, "SESSION_REQUIRED">>;

  /** Ends one session at once; one that is not there is no error. */
  close(id: string): Promise<void>;

  /** Ends every session at once, for a lost or stolen device. Returns how many there were. */
  closeAll(): Promise<number>;
}

export interface SessionsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** The signing key, at least 32 bytes; from the vault. Another key ends all sessions. */
  readonly key: Secret;
}

/** Throws a RangeError for a key that is too short. */
export function createSessions(deps: SessionsDeps): Sessions {
  const keyBytes = () => new TextEncoder().encode(deps.key.reveal());
  if (keyBytes().length < MIN_KEY_BYTES) {
    throw new RangeError(`The session key must have at least ${MIN_KEY_BYTES} bytes.`);
  }
  return {
    async open({ chatId, words }) {
      const id = Buffer.from(deps.random.bytes(16)).toString("base64url");
      const openedAt = deps.clock.now();
      const expiresAt = openedAt.add(SESSION_LIFE);
      await deps.store.transact(async (transaction) => {
        transaction.set(sessions, id, { chatId, words: [...words], openedAt, expiresAt });
      });
      const token = await new SignJWT()
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setJti(id)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(epochSeconds(openedAt))
        .setExpirationTime(epochSeconds(expiresAt))
        .sign(keyBytes());
      return { session: { id, chatId, words, expiresAt }, cookieValue: Secret.of(token) };
    },

    async verify(cookieValue) {
      const id = cookieValue && (await signedSessionId(cookieValue, keyBytes(), deps.clock));
      const found = id ? await deps.store.get(sessions, id) : undefined;
      if (!id || found === undefined) return fail("SESSION_REQUIRED");
      return succeed({ id, chatId: found.chatId, words: found.words, expiresAt: found.expiresAt });
    },

    async close(id) {
      await deps.store.transact(async (transaction) => transaction.delete(sessions, id));
    },

    closeAll: () => closeAll(deps.store),
  };
}

/** The id inside a token that is signed by us and has not ended; the store is not asked. */
async function signedSessionId(token: string, key: Uint8Array, clock: Clock): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["HS256"],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["exp", "jti"],
      currentDate: new Date(clock.now().epochMilliseconds),
    });
    return claimsSchema.safeParse(payload).data?.jti;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

async function closeAll(store: Store): Promise<number> {
  let closed = 0;
  for (;;) {
    const open = await store.query(sessions, { limit: 100 });
    if (open.length === 0) return closed;
    await store.transact(async (transaction) => {
      for (const one of open) transaction.delete(sessions, one.id);
    });
    closed += open.length;
  }
}

function epochSeconds(instant: Temporal.Instant): number {
  return Math.floor(instant.epochMilliseconds / 1_000);
}
