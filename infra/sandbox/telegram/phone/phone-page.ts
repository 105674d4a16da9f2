import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { createPageShell, refuse } from "../../page/page-shell.ts";
import type { PhoneChange } from "../chat.ts";
import type { Phone } from "../phone.ts";

const MAX_BODY_BYTES = 64_000;

const tapSchema = z.strictObject({ messageId: z.int(), callbackData: z.string().max(64) });
const sendSchema = z.strictObject({ text: z.string().trim().min(1).max(4096) });

/**
 * The owner's phone as a page, to be mounted anywhere: `GET /` the page, `GET /messages` the bot's messages as
 * JSON, `POST /tap` `{ messageId, callbackData }` and `POST /send` `{ text }` what the owner does (204),
 * `GET /events` the conversation and then every change of it as server-sent events.
 */
export function createPhonePage(simulator: { readonly phone: Phone }): Hono {
  const { phone } = simulator;
  const asset = (name: string) => new URL(name, import.meta.url);
  const page = createPageShell({ html: asset("phone.html"), assets: ["phone.css", "phone.js"].map(asset) });
  page.use(
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => refuse(context, "REQUEST_TOO_LARGE") }),
  );

  page.get("/messages", (context) => context.json(phone.messages()));
  page.get("/events", (context) => streamEvents(context, phone));
  page.post("/tap", async (context) => {
    const body = await readBody(context, tapSchema);
    if ("refusal" in body) return body.refusal;
    const outcome = phone.tap(body.value.messageId, body.value.callbackData);
    return outcome === "tapped" ? context.body(null, 204) : refuse(context, "SANDBOX_BUTTON_UNKNOWN");
  });
  page.post("/send", async (context) => {
    const body = await readBody(context, sendSchema);
    if ("refusal" in body) return body.refusal;
    phone.send(body.value.text);
    return context.body(null, 204);
  });
  return page;
}

function streamEvents(context: Context, phone: Phone): Response {
  return streamSSE(context, async (stream) => {
    const gone = new Promise<void>((resolve) => stream.onAbort(resolve));
    const tell = (change: PhoneChange) => {
      const data = JSON.stringify(change.kind === "note" ? { text: change.text } : change.entry);
      // A screen that has gone is noticed by `gone`.
      stream.writeSSE({ event: change.kind, data }).catch(() => {});
    };
    // Both in one step, so that no change falls between them.
    const told = stream.writeSSE({ event: "conversation", data: JSON.stringify(phone.conversation()) });
    const stop = phone.onChange(tell);
    await told;
    await gone;
    stop();
  });
}

/** JSON only: a form on another site could post anything else here without being asked. */
async function readBody<T>(
  context: Context,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T } | { readonly refusal: Response }> {
  if (!/^application\/json\b/i.test(context.req.header("content-type") ?? "")) {
    return { refusal: refuse(context, "REQUEST_NOT_JSON") };
  }
  const body = schema.safeParse(await context.req.json().catch(() => undefined));
  return body.success ? { value: body.data } : { refusal: refuse(context, "REQUEST_MALFORMED") };
}
