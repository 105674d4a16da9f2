import type { WritableBook } from "./book.ts";

/** The mirror of one account; `accountId` is the account whose events count, undefined while it is not known. */
export function openBook(_parts: { accountId(): number | undefined }): WritableBook {
  throw new Error("not written yet");
}
