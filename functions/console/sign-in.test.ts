import { afterEach, beforeEach, expect, test } from "vitest";
import { fail } from "../../shared/platform/result.ts";
import { OPEN_TIME } from "../../shared/sessions/testing/harness.ts";
import { createHouse, type House, OWNER_CHAT } from "./testing/house.ts";

let house: House;

beforeEach(() => {
  house = createHouse();
});
afterEach(() => house.close());

const signIn = (code: unknown, from?: string) =>
  house.ask("/api/session", { method: "POST", body: { code }, ...(from === undefined ? {} : { from }) });

const cookieOf = (answer: Response) => /^__session=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1];

test("a link signs its owner in: the words of the message and a session cookie come back", async () => {
  const { code, words } = await house.links.issue({ chatId: OWNER_CHAT, expiresAt: OPEN_TIME });

  const answer = await signIn(code.reveal());

  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ words: [...words], expiresAt: "2026-11-24T13:30:00.000Z" });
  const status = await house.ask("/api/status", { cookie: cookieOf(answer) ?? "" });
  expect(status.status).toBe(200);
  expect(await status.json()).toMatchObject({ words: [...words] });
});

test("the cookie is signed, for 24 hours, and out of reach of scripts, plain HTTP and other sites", async () => {
  const answer = await signIn(await house.issueCode());

  const [pair, ...attributes] = (answer.headers.get("set-cookie") ?? "").split("; ");
  expect(pair).toMatch(/^__session=[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Strict", "Secure"]);
});

test("no GET, HEAD or OPTIONS burns a code, wherever it stands", async () => {
  const code = await house.issueCode();
  for (const method of ["GET", "HEAD", "OPTIONS"]) {
    for (const path of [`/api/session?code=${code}`, `/api/session/${code}`, `/api/status?code=${code}`]) {
      const answer = await house.ask(path, { method });

      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.has("set-cookie")).toBe(false);
    }
  }

  expect((await signIn(code)).status).toBe(200);
});

test("of 9 sign-ins at once with one code exactly one succeeds", async () => {
  const code = await house.issueCode();

  const answers = await Promise.all(Array.from({ length: 9 }, () => signIn(code)));

  expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(8).fill(401)]);
  expect(answers.filter((answer) => answer.headers.has("set-cookie"))).toHaveLength(1);
});

test("spent, unknown, malformed, late and foreign codes are answered alike to the byte", async () => {
  const spent = await house.issueCode();
  await signIn(spent);
  const foreign = await house.issueCode("someone-else");
  const late = await house.issueCode();

  const answers = [
    await signIn(spent),
    await signIn("A".repeat(43)),
    await signIn("x"),
    await signIn(foreign),
  ];
  await house.clock.advanceTo(OPEN_TIME);
  answers.push(await signIn(late));

  const seen = await Promise.all(answers.map(async (a) => [a.status, await a.text(), [...a.headers]]));
  expect(seen[0]?.[0]).toBe(401);
  expect(seen[0]?.[1]).toContain("LINK_NOT_VALID");
  for (const one of seen) expect(one).toEqual(seen[0]);
});

test("a code that was made for another chat is spent by trying", async () => {
  const foreign = await house.issueCode("someone-else");
  await signIn(foreign);

  expect((await house.links.redeem(foreign)).ok).toBe(false);
});

test("the eleventh sign-in within a minute from one address is refused, with the time to wait", async () => {
  const code = await house.issueCode();
  for (let i = 0; i < 10; i += 1) expect((await signIn("wrong", "192.0.2.7")).status).toBe(401);
  await house.pass(15);

  const refused = await signIn(code, "192.0.2.7");
  const elsewhere = await signIn(code, "192.0.2.8");

  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("45");
  expect(await refused.json()).toMatchObject({
    error: { code: "RATE_LIMITED", detail: { retryAfterSeconds: 45 } },
  });
  expect(elsewhere.status).toBe(200);
});

test("broken attempts to sign in count like wrong ones", async () => {
  for (let i = 0; i < 10; i += 1) await house.ask("/api/session", { method: "POST", body: "{" });

  expect((await signIn(await house.issueCode())).status).toBe(429);
});

test("a fresh link goes out once, and the answer is the same when none does", async () => {
  const ask = () => house.ask("/api/session/link", { method: "POST" });

  const sent = await ask();
  const overLimit = await ask();
  await house.pass(60);
  house.services.answers.sendFreshLink = async () => fail("MESSENGER_UNREACHABLE");
  const unsent = await ask();
  await house.pass(60);
  house.services.answers.sendFreshLink = async () => {
    throw new Error("canary");
  };
  const broken = await ask();

  const seen = await Promise.all(
    [sent, overLimit, unsent, broken].map(async (a) => [a.status, await a.text(), [...a.headers]]),
  );
  expect(seen[0]?.slice(0, 2)).toEqual([202, "{}"]);
  for (const one of seen) expect(one).toEqual(seen[0]);
  expect(house.services.calls.map(([method]) => method)).toEqual(Array(3).fill("sendFreshLink"));
  expect(house.audited.map(({ action, outcome }) => [action, outcome])).toEqual([
    ["link-requested", "ok"],
    ["link-requested", "MESSENGER_UNREACHABLE"],
    ["link-requested", "INTERNAL"],
  ]);
});

test("signing out ends the session at once and clears the cookie", async () => {
  const cookie = await house.signIn();

  const answer = await house.ask("/api/session", { method: "DELETE", cookie });

  expect(answer.status).toBe(204);
  expect(await answer.text()).toBe("");
  expect(answer.headers.get("set-cookie")).toBe(
    "__session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict",
  );
  expect((await house.ask("/api/status", { cookie })).status).toBe(401);
});

test("sign-ins and sign-outs are audited, by session or by address, without codes or cookies", async () => {
  const code = await house.issueCode();
  const cookie = cookieOf(await signIn(code)) ?? "";
  await signIn(code);
  await house.ask("/api/session", { method: "DELETE", cookie });

  const [first, second, third] = house.audited;
  expect(first).toMatchObject({ actor: expect.stringMatching(/^page:/), action: "signed-in", outcome: "ok" });
  expect(second).toMatchObject({
    actor: "visitor:192.0.2.1",
    action: "signed-in",
    outcome: "LINK_NOT_VALID",
  });
  expect(third).toMatchObject({ actor: first?.actor, action: "signed-out", outcome: "ok" });
  expect(JSON.stringify([house.audited, house.logged])).not.toContain(code);
  expect(JSON.stringify([house.audited, house.logged])).not.toContain(cookie);
});

test("an audit log that cannot be written does not undo a sign-in, and the log says so", async () => {
  const mute = createHouse();
  Object.assign(mute.deps, { audit: () => Promise.reject(new Error("canary")) });

  const answer = await mute.ask("/api/session", { method: "POST", body: { code: await mute.issueCode() } });

  expect(answer.status).toBe(200);
  expect(mute.logged).toContainEqual(
    expect.objectContaining({ level: "error", fields: expect.objectContaining({ action: "signed-in" }) }),
  );
  expect(JSON.stringify(mute.logged)).not.toContain("canary");
  await mute.close();
});
