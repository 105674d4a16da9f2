/** Reads a message that Pub/Sub pushes by HTTP, in the envelope of a push subscription or of an Eventarc event. */
import { z } from "zod";
import type { Topic } from "../../shared/platform/bus.ts";

export type Pushed<M> =
  | { readonly ok: true; readonly message: M; readonly id: string | undefined }
  /** What is wrong with it, without any of its content. */
  | { readonly ok: false; readonly fault: string };

const envelopeSchema = z.object({
  message: z.object({ data: z.base64(), messageId: z.string().optional() }),
});

/** A push's own body, and that of an event whose attributes travel within it. */
const bodySchema = z.union([
  envelopeSchema,
  z.object({ data: envelopeSchema }).transform(({ data }) => data),
]);

/** Never throws. */
export function readPush<M>(topic: Topic<M>, body: unknown): Pushed<M> {
  const envelope = bodySchema.safeParse(body);
  if (!envelope.success) return { ok: false, fault: "it has no envelope of Pub/Sub" };
  const { data, messageId } = envelope.data.message;
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(data, "base64").toString("utf8"));
  } catch {
    return { ok: false, fault: "its data is no JSON" };
  }
  const message = topic.schema.safeParse(content);
  if (message.success) return { ok: true, message: message.data, id: messageId };
  const places = message.error.issues.map(({ path, code }) => `${path.join(".") || "(message)"}: ${code}`);
  return { ok: false, fault: `it does not fit its topic (${places.join(", ")})` };
}
