import { z } from "zod";

/** What the parent process asks the one that talks to the keychain. */
export const keychainRequestSchema = z.discriminatedUnion("act", [
  z.strictObject({ act: z.literal("read"), service: z.string(), account: z.string() }),
  z.strictObject({ act: z.literal("write"), service: z.string(), account: z.string(), text: z.string() }),
]);

export type KeychainRequest = z.output<typeof keychainRequestSchema>;

/** What it answers when the keychain did: null when there was nothing to read, and after a write. */
export const keychainAnswerSchema = z.strictObject({ text: z.string().nullable() });
