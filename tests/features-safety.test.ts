/** Rows E5, R, G and B of the list of features: each shown once, end to end, in its own words. */
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCommand } from "../infra/cli/testing/running-command.ts";
import { Secret } from "../shared/platform/secret.ts";
import { launchBrowser } from "./support/browser.ts";
import { simulatorSecrets } from "./support/canaries.ts";
import { freshSession } from "./support/fresh-session.ts";
import { type Caller, codeOf, cookieOf, createCaller, linkCodeOf } from "./support/http-caller.ts";
import { brokerCalls, moveClock, setFaults } from "./support/sandbox-orders.ts";
import { createSearch, filesUnder } from "./support/secrets.ts";
import { openTestStack, PRODUCTION, renewByHttp, SANDBOX, signIn, type TestStack } from "./support/stack.ts";

const START = "2026-11-23T13:29:30Z";

let stack: TestStack;
let origin: string;
beforeEach(async () => {
  stack = await openTestStack({ startAt: Temporal.Instant.from(START) });
  ({ origin } = new URL(stack.addresses.console));
});
afterEach(() => stack.close());

async function alert() {
  await moveClock(stack, { to: "2026-11-23T13:30:00Z" });
  return stack.owner.waitForMessage((one) => one.buttons.length > 0, 5_000);
}

/** Calls as the page of an owner who has come by the morning's link. */
async function owner(): Promise<Caller> {
  const code = linkCodeOf(await alert());
  const cookie = cookieOf(await createCaller(origin)("POST", "/api/session", { body: { code } }));
  return createCaller(origin, { cookie });
}

test("E5: a phone-first page: countdown to expiry, renew, PIN entry, a card a connection, keep-alive panel", async () => {
  await signIn(stack);
  await renewByHttp(stack);
  await moveClock(stack, { advance: "PT61S" });
  const cookie = (await freshSession(stack)).replace("__session=", "");
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  await context.addCookies([{ name: "__session", value: cookie, url: origin }]);
  const page = await context.newPage();
  await page.goto(stack.addresses.console);

  const card = page.getByRole("article", { name: "E*TRADE production" });
  await card.getByRole("timer").waitFor();
  const keepAlive = page.getByRole("region", { name: "Keep-alive" });
  await keepAlive.getByRole("button").first().waitFor();
  await page.getByRole("button", { name: "Renew E*TRADE sandbox" }).click();
  await page.getByLabel("PIN", { exact: true }).waitFor();
  const width = await page.evaluate("document.documentElement.scrollWidth");
  await browser.close();

  expect(width).toBeLessThanOrEqual(360);
}, 60_000);

test("R1: broker credentials are encrypted at rest and never printed", async () => {
  await signIn(stack);
  await renewByHttp(stack);
  const { consumerSecret } = stack.simulators.etradeAddresses;
  const leaksIn = createSearch(simulatorSecrets(stack));

  const printed = [String(Secret.of(consumerSecret)), JSON.stringify({ secret: Secret.of(consumerSecret) })];

  expect(leaksIn(printed.join() + stack.logged())).toEqual([]);
  for (const [name, content] of filesUnder(stack.folder))
    expect([name, leaksIn(content)]).toEqual([name, []]);
});

test("R3: owner sessions: a signed token, 24 hours, 401 without it", async () => {
  const call = await owner();

  const [without, signedIn] = [
    await createCaller(origin)("GET", "/api/status"),
    await call("GET", "/api/status"),
  ];
  await moveClock(stack, { to: "2026-11-24T13:29:59Z" });
  const lastSecond = await call("GET", "/api/status");
  await moveClock(stack, { to: "2026-11-24T13:30:00Z" });
  const over = await call("GET", "/api/status");

  expect([without, signedIn, lastSecond, over].map((one) => one.status)).toEqual([401, 200, 200, 401]);
});

test("R4: 100 requests a minute an address, then 429; tighter on PIN and sign-in", async () => {
  const call = await owner();
  const many = async (times: number, send: () => ReturnType<Caller>) => {
    const answers = [];
    for (let sent = 0; sent < times; sent += 1) answers.push(await send());
    return answers;
  };
  await moveClock(stack, { advance: "PT61S" });
  const pins = `/api/connections/${PRODUCTION}/authorizations/nobody/pin`;

  const signIns = await many(11, () => call("POST", "/api/session", { body: { code: "x" } }));
  const entered = await many(11, () => call("POST", pins, { body: { pin: "A1B2C" } }));
  const read = await many(80, () => call("GET", "/api/keep-alive"));
  await moveClock(stack, { advance: "PT61S" });
  const later = await call("GET", "/api/keep-alive");

  expect(signIns.map((one) => one.status)).toEqual([...Array(10).fill(401), 429]);
  expect(entered.map((one) => one.status)).toEqual([...Array(10).fill(404), 429]);
  expect(read.map((one) => one.status)).toEqual([...Array(78).fill(200), 429, 429]);
  expect(Number(read.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(later.status).toBe(200);
});

test("R7: health, broker ping and broker balance endpoints", async () => {
  const call = await owner();
  const healthy = await createCaller(origin)("GET", "/api/health");
  const early = await call("GET", `/api/connections/${PRODUCTION}/ping`);
  await signInAndRenew();

  await moveClock(stack, { advance: "PT5S" });
  const ping = await call("GET", `/api/connections/${PRODUCTION}/ping`);
  // The broker counts calls a second, and the clock stands.
  await moveClock(stack, { advance: "PT5S" });
  const balance = await call("GET", `/api/connections/${PRODUCTION}/balance`);

  expect([healthy.status, JSON.parse(healthy.text).status]).toEqual([200, "ok"]);
  expect([early.status, codeOf(early)]).toEqual([409, "TOKEN_NOT_LIVE"]);
  expect(JSON.parse(ping.text)).toMatchObject({ connection: PRODUCTION, accounts: 3 });
  expect(JSON.parse(balance.text).accounts[0]).toMatchObject({
    account: expect.stringMatching(/^\w{4}$/),
    totalAccountValue: expect.stringMatching(/^-?\d+(\.\d+)?$/),
  });
});

async function signInAndRenew(): Promise<void> {
  await moveClock(stack, { advance: "PT61S" });
  await createCaller(origin)("POST", "/api/session/link", { body: {} });
  await stack.owner.openLink(
    await stack.owner.waitForMessage((one) => one.text.includes("fresh link"), 5_000),
  );
  await renewByHttp(stack);
}

test("G1: sign-in end to end; no sensitive field in any answer", async () => {
  const call = await owner();
  await signInAndRenew();
  const paths = ["status", "health", "keep-alive", `connections/${PRODUCTION}/ping`];

  const answers = await Promise.all(paths.map((path) => call("GET", `/api/${path}`)));

  for (const answer of answers) {
    expect(answer.status).toBe(200);
    for (const name of fieldsOf(JSON.parse(answer.text))) {
      expect(name).not.toMatch(
        /secret|password|verifier|cookie|pin$|^key$|consumerKey|accountIdKey|requestToken/i,
      );
    }
  }
});

function fieldsOf(value: unknown): readonly string[] {
  if (!(value instanceof Object)) return [];
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return [...names, ...Object.values(value).flatMap(fieldsOf)];
}

test("G9: an audit log of every human and automatic decision; security headers; strict CORS", async () => {
  const call = await owner();
  await signInAndRenew();
  await call("POST", "/api/keep-alive", { body: {} });
  await call("DELETE", "/api/session");
  await moveClock(stack, { to: "2026-11-24T05:05:00Z" });
  const foreign = await createCaller(origin, { origin: "https://evil.example" })("GET", "/api/health");

  const actions = (await stack.app.audit.latest(50)).map(
    (entry) => `${entry.actor.split(":")[0]} ${entry.action}`,
  );

  expect(actions).toEqual(
    expect.arrayContaining([
      "page signed-in",
      "page login-begun",
      "page pin-entered",
      "page keep-alive-forced",
      "page signed-out",
      "system token-died",
    ]),
  );
  expect(await stack.app.audit.verify()).toMatchObject({ isIntact: true });
  expect([...foreign.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  for (const name of ["content-security-policy", "strict-transport-security", "x-frame-options"]) {
    expect(foreign.headers.get(name)).toBeTruthy();
  }
});

test("B1: green only when the worker has made a real call with this token generation", async () => {
  await signIn(stack);
  await setFaults(stack, "etrade", { failNext: { where: "accounts/list", kind: "no-access", times: 2 } });
  const login = await stack.owner.begin(PRODUCTION);
  await stack.owner.enterPin(PRODUCTION, login.id, await stack.owner.logIn(login));
  const stored = (await stack.owner.status()).connections[0];
  await moveClock(stack, { advance: "PT2M" });
  const green = (await stack.owner.status()).connections[0];

  expect([stored?.token.state, stored?.token.generation, stored?.acknowledged]).toEqual(["active", 1, false]);
  expect([green?.acknowledged, green?.acknowledgement?.generation]).toEqual([true, 1]);
  expect(brokerCalls(stack, "accounts/list").at(-1)?.outcome).toBe(200);
});

test("B5: one login-attempt budget over page and terminal, so that no broker account is ever locked", async () => {
  await signIn(stack);
  const terminal = () => stack.app.services.begin({ connection: PRODUCTION, actor: { kind: "terminal" } });
  for (let begun = 0; begun < 4; begun += 1) {
    await stack.owner.begin(PRODUCTION);
    expect((await terminal()).ok).toBe(true);
  }

  const ninth = await terminal();

  expect(ninth).toMatchObject({ ok: false, code: "LOGIN_BUDGET_SPENT" });
  await expect(stack.owner.begin(PRODUCTION)).rejects.toMatchObject({ code: "LOGIN_BUDGET_SPENT" });
  expect(brokerCalls(stack, "oauth/request_token")).toHaveLength(8);
  expect((await stack.owner.begin(SANDBOX)).attemptsLeft).toBe(5);
  await moveClock(stack, { to: "2026-11-24T05:00:00Z" });
  expect((await terminal()).ok).toBe(true);
});

test("B6: message and page show the same two words; the link works once, only from the page, never for a previewer", async () => {
  const message = await alert();
  const url = message.buttons[0]?.[0]?.url ?? "";
  const words = /show these words: (\w+) (\w+)/.exec(message.text)?.slice(1);

  const preview = await fetch(url);
  const opened = await stack.owner.openLink(message);

  expect(preview.status).toBe(200);
  expect(new URL(url).search).toBe("");
  expect(opened).toEqual(words);
  expect((await stack.owner.status()).words).toEqual(words);
  await expect(stack.owner.openLink(message)).rejects.toMatchObject({ code: "LINK_NOT_VALID" });
});

test("B15: the next 30 days in ET, UTC and the owner's zone are what the virtual clock then does", async () => {
  const argv = ["plan", "--days", "30", "--from", "2026-11-23", "--json"];
  const planned = await startCommand(argv, { home: `${stack.folder}-none` }).ended();
  const plan = JSON.parse(planned.out) as {
    at: string;
    exchange: string;
    owner: string;
    kind: string;
    name: string;
  }[];
  await moveClock(stack, { to: "2026-11-24T14:30:00Z" });

  // Rings have a link; what else the owner is told of has none.
  const rings = (await stack.owner.messages()).filter((one) => one.buttons.length > 0);
  const rung = rings.map((one) => one.at);
  const alerts = plan.filter((one) => one.kind === "alert");
  expect(rung).toEqual(alerts.map((one) => one.at).filter((at) => at < "2026-11-24T14:30:00.000Z"));
  expect(alerts[0]).toMatchObject({
    exchange: "2026-11-23T08:30:00-05:00",
    owner: "2026-11-23T08:30:00-05:00",
  });
  expect(alerts.at(-1)?.exchange).toBe("2026-12-22T09:20:00-05:00");
});

test("B18: a whole trading day on a laptop in two minutes, against brokers simulated at the protocol level", async () => {
  const begun = performance.now();
  await signIn(stack);
  await renewByHttp(stack);
  await moveClock(stack, { to: "2026-11-24T05:00:00Z" });

  const report = await stack.app.services.status();
  expect(report.mornings[0]?.outcome).toBe("armed-before-open");
  expect(report.connections[0]?.token.state).toBe("expired");
  expect(performance.now() - begun).toBeLessThan(120_000);
});
