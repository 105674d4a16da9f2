import { z } from "zod";

const buttonSchema = z.union([
  z.strictObject({ text: z.string(), url: z.string() }),
  z.strictObject({ text: z.string(), callbackData: z.string() }),
]);

/** A button under a message: opens an address, or sends its data back to the bot. */
export type PhoneButton = z.output<typeof buttonSchema>;

const entrySchema = z.strictObject({
  id: z.int(),
  at: z.iso.datetime(),
  from: z.enum(["bot", "owner"]),
  text: z.string(),
  buttons: z.array(z.array(buttonSchema)),
});

/** One line of the conversation, in the order of ids. */
export type PhoneEntry = z.output<typeof entrySchema>;

const updateKindSchema = z.enum(["message", "callback_query"]);
export type UpdateKind = z.output<typeof updateKindSchema>;

const pendingUpdateSchema = z.strictObject({
  id: z.int(),
  kind: updateKindSchema,
  /** The update as it goes over the wire, without its id. */
  body: z.record(z.string(), z.unknown()),
  notBefore: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type PendingUpdate = z.output<typeof pendingUpdateSchema>;

const webhookSchema = z.strictObject({
  url: z.string(),
  secretToken: z.string().optional(),
  maxConnections: z.int(),
});
export type Webhook = z.output<typeof webhookSchema>;

/** Everything that outlives a restart of the simulator. */
export const chatStateSchema = z.strictObject({
  nextMessageId: z.int(),
  nextUpdateId: z.int(),
  entries: z.array(entrySchema),
  pending: z.array(pendingUpdateSchema),
  webhook: webhookSchema.optional(),
  /** Absent: all kinds. */
  allowedUpdates: z.array(z.string()).optional(),
  /** Ids of taps that the bot has not answered yet. */
  openTaps: z.array(z.string()),
  commands: z.array(z.strictObject({ command: z.string(), description: z.string() })),
});
export type ChatState = z.output<typeof chatStateSchema>;

/** A chat in which nothing was said. `firstUpdateId`: Telegram starts anywhere and counts up. */
export function emptyChatState(firstUpdateId: number): ChatState {
  return {
    nextMessageId: 1,
    nextUpdateId: firstUpdateId,
    entries: [],
    pending: [],
    openTaps: [],
    commands: [],
  };
}
