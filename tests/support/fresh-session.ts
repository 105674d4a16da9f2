import { cookieOf, createCaller, linkCodeOf } from "./http-caller.ts";
import type { TestStack } from "./stack.ts";

/** Signs in by a link that is asked for on the page; the session's cookie. A link can be had once a minute. */
export async function freshSession(stack: TestStack): Promise<string> {
  const call = createCaller(new URL(stack.addresses.console).origin);
  const before = (await stack.owner.messages()).length;
  await call("POST", "/api/session/link", { body: {} });
  const link = await stack.owner.waitForMessage(
    (one) => one.id > before && one.text.includes("fresh link"),
    5_000,
  );
  return cookieOf(await call("POST", "/api/session", { body: { code: linkCodeOf(link) } }));
}
