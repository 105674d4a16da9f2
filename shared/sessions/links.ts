/**
 * One-time links: how the owner's phone proves itself to the page.
 *
 * 1. A code opens one session at most, however many try it at the same moment.
 * 2. The store holds no code, only its SHA-256; a code has 256 random bits, so the hash needs no salt.
 * 3. Spent, late and unknown codes fail alike.
 */
import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { instantSchema } from "../platform/instant.ts";
import type { Random } from "../platform/random.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";
import { collection, type Store } from "../platform/store.ts";
import { drawWords, type ProofWords } from "./words.ts";

const linkSchema = z.strictObject({
  chatId: z.string().min(1),
  words: z.tuple([z.string(), z.string()]),
  issuedAt: instantSchema,
  expiresAt: instantSchema,
  /** Who burned it: one redemption's random name. */
  burnedBy: z.string().optional(),
});

/** Links by the SHA-256 of their codes. */
export const links = collection("links", linkSchema, { expiresBy: "expiresAt" });

const CODE = /^[A-Za-z0-9_-]{43}$/;

export interface IssuedLink {
  /** 43 characters of base64url: 256 bits. It belongs into a URL's fragment, which no server sees. */
  readonly code: Secret;
  readonly words: ProofWords;
}

export interface RedeemedLink {
  readonly chatId: string;
  readonly words: ProofWords;
}

export interface Links {
  /** Makes a link for one chat, good until `expiresAt`. Earlier links stay good. */
  issue(request: { readonly chatId: string; readonly expiresAt: Temporal.Instant }): Promise<IssuedLink>;

  /** Burns a code. Anything but a live code, bad text included, is `LINK_NOT_VALID`. */
  redeem(code: string): Promise<Result<RedeemedLink, "LINK_NOT_VALID">>;
}

export interface LinksDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

export function createLinks(deps: LinksDeps): Links {
  return {
    async issue({ chatId, expiresAt }) {
      const code = Buffer.from(deps.random.bytes(32)).toString("base64url");
      const link = { chatId, words: drawWords(deps.random), issuedAt: deps.clock.now(), expiresAt };
      await deps.store.transact(async (transaction) => {
        transaction.set(links, hashOf(code), { ...link, words: [...link.words] });
      });
      return { code: Secret.of(code), words: link.words };
    },

    async redeem(code) {
      if (!CODE.test(code)) return fail("LINK_NOT_VALID");
      const id = hashOf(code);
      // The store may run the work again after its writes were applied: the name tells our burn from another's.
      const redemption = Buffer.from(deps.random.bytes(16)).toString("base64url");
      return deps.store.transact(async (transaction) => {
        const link = await transaction.get(links, id);
        if (link === undefined || hasPassed(link.expiresAt, deps.clock.now())) return fail("LINK_NOT_VALID");
        if (link.burnedBy !== undefined && link.burnedBy !== redemption) return fail("LINK_NOT_VALID");
        transaction.set(links, id, { ...link, burnedBy: redemption });
        return succeed({ chatId: link.chatId, words: link.words });
      });
    },
  };
}

/** What ends at an instant is over at that instant. */
function hasPassed(instant: Temporal.Instant, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(instant, now) <= 0;
}

function hashOf(code: string): string {
  return createHash("sha256").update(code).digest("base64url");
}
