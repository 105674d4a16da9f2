import { afterEach, expect, test } from "vitest";
import {
  type Answer,
  formFields,
  formOf,
  type Pair,
  postForm,
  type Rig,
  send,
  startRig,
} from "./testing/rig.ts";
import { enc } from "./testing/signing.ts";

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  open = await startRig(options);
  return open;
}

const LOGIN = "/e/t/etws/login";
const DECISION = "/e/t/etws/decision";

async function atLogin(rig: Rig): Promise<{ request: Pair; fields: Record<string, string>; page: Answer }> {
  const request = await rig.requestToken();
  const page = await send(`${rig.at.authorizeUrl}?key=${rig.at.consumerKey}&token=${enc(request.token)}`);
  return { request, fields: formFields(page.body), page };
}

test("every page says that it is a simulator, works on a phone, and has no script", async () => {
  const rig = await start();

  const { page, fields } = await atLogin(rig);
  const agreement = await postForm(`${rig.at.apiBaseUrl}${LOGIN}`, fields);
  const complete = await postForm(`${rig.at.apiBaseUrl}${DECISION}`, {
    ...formFields(agreement.body),
    decision: "Accept",
  });

  for (const answer of [page, agreement, complete]) {
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/html;charset=utf-8");
    expect(answer.body).toMatch(/<title>[^<]*Simulated broker<\/title>/);
    expect(answer.body).toContain('content="width=device-width, initial-scale=1"');
    expect(answer.body).not.toMatch(/<script|\son[a-z]+=|E\*?TRADE/i);
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  }
  expect(agreement.body.match(/<input[^>]*value="(Accept|Decline)"/g)).toHaveLength(2);
  expect(complete.body).toContain("<h1>Authorization Complete</h1>");
  expect(complete.body.match(/<input/g)).toHaveLength(1);
  expect(complete.body).toMatch(/<input[^>]*type="text"[^>]*readonly autofocus value="[A-Z0-9]{5}"/);
});

test("the login form is filled in with the simulated user, whose name and password also stand on the page", async () => {
  const rig = await start();

  const { fields, page } = await atLogin(rig);

  expect(fields).toMatchObject({ USER: rig.at.username, PASSWORD: rig.at.password });
  expect(page.body).toContain(`<b>${rig.at.username}</b>`);
  expect(page.body).toContain(`<b>${rig.at.password}</b>`);
});

test("the style sheet is served by the simulator itself", async () => {
  const { at } = await start();

  const sheet = await send(`${at.apiBaseUrl}/e/t/etws/simulator.css`);

  expect([sheet.status, sheet.headers["content-type"]]).toEqual([200, "text/css"]);
  expect(sheet.body).toContain("prefers-color-scheme");
});

test.each([
  ["an unknown token", (rig: Rig) => `key=${rig.at.consumerKey}&token=${enc("x".repeat(43))}%3D`],
  ["no token", (rig: Rig) => `key=${rig.at.consumerKey}`],
])("%s brings the page about a logon delay", async (_, query) => {
  const rig = await start();

  const page = await send(`${rig.at.authorizeUrl}?${query(rig)}`);

  expect(page.status).toBe(400);
  expect(page.body).toContain("Due to a logon delay or other issue");
});

test("a token of another key, or a late one, brings the page about a logon delay", async () => {
  const rig = await start();
  const { token } = await rig.requestToken();
  const open = (key: string) => send(`${rig.at.authorizeUrl}?key=${key}&token=${enc(token)}`);

  const otherKey = await open(rig.at.sandboxConsumerKey);
  const inTime = await open(rig.at.consumerKey);
  rig.now = rig.now.add({ seconds: 300 });
  const late = await open(rig.at.consumerKey);

  expect([otherKey.status, inTime.status, late.status]).toEqual([400, 200, 400]);
});

test("a raw token with a plus in the address is read with a space and fails", async () => {
  const rig = await start();
  let { token } = await rig.requestToken();
  while (!token.includes("+")) ({ token } = await rig.requestToken());

  const raw = await send(`${rig.at.authorizeUrl}?key=${rig.at.consumerKey}&token=${token}`);
  const encoded = await send(`${rig.at.authorizeUrl}?key=${rig.at.consumerKey}&token=${enc(token)}`);

  expect([raw.status, encoded.status]).toEqual([400, 200]);
  expect(raw.body).toContain("logon delay");
});

test("two wrong passwords are forgiven, the third in a row locks the user, and the right one is then too late", async () => {
  const rig = await start();
  const { fields } = await atLogin(rig);
  const login = async (password: string) => {
    const answer = await postForm(`${rig.at.apiBaseUrl}${LOGIN}`, { ...fields, PASSWORD: password });
    return answer.status;
  };

  const forgiven = [await login("a"), await login("b"), await login(rig.at.password)];
  const fatal = [await login("a"), await login("b"), await login("c"), await login(rig.at.password)];

  expect(forgiven).toEqual([401, 401, 200]);
  expect(fatal).toEqual([401, 401, 403, 403]);
  const locked = rig.simulator.faults().find(({ name }) => name === "lockedUsers");
  expect(locked?.value).toEqual([rig.at.username]);
});

test("a name that nobody has is refused like a wrong password and locks nobody", async () => {
  const rig = await start();
  const { fields } = await atLogin(rig);

  for (let count = 0; count < 5; count += 1) {
    const answer = await postForm(`${rig.at.apiBaseUrl}${LOGIN}`, { ...fields, USER: "__proto__" });
    expect(answer.status).toBe(401);
  }

  expect((await postForm(`${rig.at.apiBaseUrl}${LOGIN}`, fields)).status).toBe(200);
});

test("Decline spends the request token", async () => {
  const rig = await start();
  const { request, fields } = await atLogin(rig);
  const agreement = await postForm(`${rig.at.apiBaseUrl}${LOGIN}`, fields);

  const decision = { ...formFields(agreement.body), decision: "Decline" };
  const declined = await postForm(`${rig.at.apiBaseUrl}${DECISION}`, decision);

  expect(declined.body).toContain("Declined");
  const page = await send(`${rig.at.authorizeUrl}?key=${rig.at.consumerKey}&token=${enc(request.token)}`);
  expect(page.status).toBe(400);
});

test("nobody can press Accept without a login", async () => {
  const rig = await start();
  const { request, fields } = await atLogin(rig);

  const forged = await postForm(`${rig.at.apiBaseUrl}${DECISION}`, {
    key: fields.key!,
    token: request.token,
    username: rig.at.username,
    ticket: "0".repeat(32),
    decision: "Accept",
  });

  expect(forged.status).toBe(400);
  expect(forged.body).not.toMatch(/[A-Z0-9]{5}"/);
});

test("Accept pressed twice shows the same PIN", async () => {
  const rig = await start();
  const { token } = await rig.requestToken();

  expect(await rig.pin(token)).toBe(await rig.pin(token));
});

test("with a registered callback the browser goes there, with token and verifier after the address's own query", async () => {
  const rig = await start({ registeredCallback: "https://me.test/back?from=broker" });
  const { request, fields } = await atLogin(rig);
  const agreement = await postForm(`${rig.at.apiBaseUrl}${LOGIN}`, fields);

  const answer = await postForm(`${rig.at.apiBaseUrl}${DECISION}`, {
    ...formFields(agreement.body),
    decision: "Accept",
  });

  expect(answer.status).toBe(302);
  const target = new URL(String(answer.headers.location));
  expect(target.origin + target.pathname).toBe("https://me.test/back");
  expect(target.searchParams.get("from")).toBe("broker");
  expect(target.searchParams.get("oauth_token")).toBe(request.token);
  const extra = { oauth_verifier: target.searchParams.get("oauth_verifier")! };
  const access = await rig.call("/oauth/access_token", { token: request, extra });
  expect(formOf(access.body).token).toHaveLength(44);
  expect(answer.headers["content-security-policy"]).toContain("form-action 'self' https://me.test;");
});

test("the registered callback may be named instead of oob", async () => {
  const rig = await start({ registeredCallback: "https://me.test/back" });

  const named = await rig.call("/oauth/request_token", { extra: { oauth_callback: "https://me.test/back" } });
  const other = await rig.call("/oauth/request_token", {
    extra: { oauth_callback: "https://me.test/other" },
  });

  expect([named.status, other.status]).toEqual([200, 400]);
});

test("text from outside is escaped on the pages", async () => {
  const username = `<b onclick="x">`;
  const rig = await start({ users: [{ username, password: `"'&` }] });

  const { page } = await atLogin(rig);

  expect(page.body).not.toContain(username);
  expect(page.body).toContain("&lt;b onclick=&quot;x&quot;&gt;");
});

test("the sandbox host has no pages; its authorize address fails as the real one does", async () => {
  const { at } = await start();

  const page = await send(`${at.sandboxBaseUrl}/e/t/etws/authorize?key=x&token=y`);
  const wrong = await send(`${at.sandboxBaseUrl}/oauth/authorize`);

  expect(page.status).toBe(404);
  expect(wrong.status).toBe(500);
  expect(wrong.body).toContain("ClassNotFoundException");
});
