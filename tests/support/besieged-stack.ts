/** A stack with a signed-in owner, to be tried with bad input: what it holds, and whether it still works. */
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import type { PhoneMessage } from "../../infra/sandbox/owner/scripted-owner.ts";
import { type ApiAuthorization, authorizationSchema } from "../../shared/console/api.ts";
import { type Caller, contentOf, cookieOf, createCaller, linkCodeOf } from "./http-caller.ts";
import { moveClock } from "./sandbox-orders.ts";
import { openTestStack, PRODUCTION, renewByHttp, type TestStack } from "./stack.ts";

export interface BesiegedStack {
  readonly stack: TestStack;
  /** Scheme, host and port that everything is reached by. */
  readonly origin: string;
  /** The spent code of the morning's link. */
  readonly code: string;
  readonly cookie: string;
  /** Calls as the owner's page. */
  readonly call: Caller;
  begin(): Promise<ApiAuthorization>;
  /** Everything stored but counters of attempts, signs of life, and the record of who tried what. */
  stored(): readonly unknown[];
  newestLink(): Promise<PhoneMessage>;
  /** Signs in afresh and renews: the proof that nothing was broken. */
  expectStillWorking(): Promise<void>;
  /** Closes it, and fails when the log holds a stack or anything that was not foreseen. */
  close(): Promise<void>;
}

export async function openBesiegedStack(): Promise<BesiegedStack> {
  const stack = await openTestStack();
  const { origin } = new URL(stack.addresses.console);
  const stranger = createCaller(origin);
  await moveClock(stack, { advance: "PT30S" });
  const code = linkCodeOf(await stack.owner.waitForMessage((one) => one.buttons.length > 0, 10_000));
  const cookie = cookieOf(await stranger("POST", "/api/session", { body: { code } }));
  const call = createCaller(origin, { cookie, origin });

  async function newestLink(): Promise<PhoneMessage> {
    await stack.owner.waitForMessage(isFreshLink, 10_000);
    const newest = (await stack.owner.messages()).filter(isFreshLink).at(-1);
    if (newest === undefined) throw new Error("There is no link.");
    return newest;
  }

  return {
    stack,
    origin,
    code,
    cookie,
    call,
    newestLink,
    stored: () => documentsIn(`${stack.folder}/store.db`),
    async begin() {
      const path = `/api/connections/${PRODUCTION}/authorizations`;
      return contentOf(authorizationSchema, await call("POST", path, { body: {} }));
    },
    async expectStillWorking() {
      await moveClock(stack, { advance: "PT61S" });
      expect((await stranger("POST", "/api/session/link", { body: {} })).status).toBe(202);
      await stack.owner.openLink(await newestLink());
      expect(await renewByHttp(stack)).toBeGreaterThan(0);
    },
    async close() {
      const logged = stack.logged();
      await stack.close();
      expect(logged).not.toMatch(/"stack":|request-broken|request-failed|look-failed/);
    },
  };
}

function isFreshLink(message: PhoneMessage): boolean {
  return message.text.includes("fresh link");
}

function documentsIn(path: string): readonly unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database
    .prepare(
      `SELECT collection, id, body FROM documents
       WHERE collection NOT IN ('rateLimits', 'audit', 'auditHeads', 'heartbeats', 'sockets', 'leases') ORDER BY collection, id`,
    )
    .all();
  database.close();
  return rows;
}
