/**
 * Canaries: the real secrets of a morning, looked for in everything that the morning leaves behind, raw and in
 * every form in which a program writes text.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openHome } from "../infra/local/home.ts";
import { openHomeKey } from "../infra/local/home-key.ts";
import { createEncryptedVault } from "../shared/platform/local/encrypted-vault.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { type Canaries, notingPlatform, simulatorSecrets, withoutRequestTokens } from "./support/canaries.ts";
import { CollectedMorning } from "./support/collected-morning.ts";
import { DEMO } from "./support/ctrader-stack.ts";
import { linkCodeOf } from "./support/http-caller.ts";
import { MortalMorning } from "./support/mortal-morning.ts";
import { moveClock, setFaults } from "./support/sandbox-orders.ts";
import { createSearch, filesUnder } from "./support/secrets.ts";
import { openTestStack, PRODUCTION, SANDBOX, type TestStack } from "./support/stack.ts";

/**
 * Where a secret may stand, and why. `GET /sandbox` exists to hand the simulators' own keys to tools on this
 * machine. A link's code goes to the owner's phone, whose address of the button is its only place.
 */
const ALLOWED: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^GET \/sandbox$/,
    /^(consumer secret|sandbox consumer secret|(demo|live) client secret|bot token|telegram-bot \d+|broker-\S+ \d+ secret|perplexity \d+)$/,
  ],
  [/^GET \/sandbox\/phone\/messages$/, /^one-time code/],
];

let noted: Canaries;
let stack: TestStack;
let morning: CollectedMorning;

beforeEach(async () => {
  noted = new Map();
  stack = await openTestStack({ wrapPlatform: (running) => notingPlatform(running, noted) });
  for (const [name, secret] of simulatorSecrets(stack)) noted.set(name, secret);
  morning = new CollectedMorning(stack, noted);
});
afterEach(() => stack.close());

/** Every place where a secret stands that may not stand there. */
async function leaks(): Promise<readonly string[]> {
  const leaksIn = createSearch(withoutRequestTokens(noted));
  const texts = (await stack.owner.messages()).map((one) =>
    JSON.stringify({ ...one, buttons: labelsOf(one) }),
  );
  const places: (readonly [string, string | Buffer])[] = [
    ["the log", stack.logged()],
    ["the phone's texts", texts.join("\n")],
    ...morning.answers,
    ...filesUnder(stack.folder),
  ];
  return places.flatMap(([place, content]) =>
    leaksIn(content)
      .filter((name) => !ALLOWED.some(([where, what]) => where.test(place) && what.test(name)))
      .map((name) => `${place}: ${name}`),
  );
}

function labelsOf(message: { buttons: readonly (readonly { text: string }[])[] }): readonly string[] {
  return message.buttons.flat().map((button) => button.text);
}

/** What every morning must have brought into the search, or it proves nothing. */
function expectAllKindsNoted(): void {
  const names = [...noted.keys()].join("\n");
  for (const kind of [
    "consumer secret",
    "bot token",
    "telegram-webhook 1",
    "session-key 1",
    "session cookie",
    "one-time code",
    "PIN of login",
    `login-${PRODUCTION} 1 tokenSecret`,
    `token-${PRODUCTION} 1 token token`,
    `token-${PRODUCTION} 1 token tokenSecret`,
    "demo client secret",
    "code of login",
    `token-${DEMO} 1 token accessToken`,
    `token-${DEMO} 1 token refreshToken`,
  ]) {
    expect(names).toContain(kind);
  }
}

async function ringAndSignIn(): Promise<void> {
  await moveClock(stack, { advance: "PT31S" });
  await morning.signIn(await stack.owner.waitForMessage((one) => one.buttons.length > 0, 10_000));
}

async function say(text: string): Promise<void> {
  await morning.call("POST", "/sandbox/phone/send", { body: { text } });
  await moveClock(stack, { advance: "PT1M" });
}

test("a good morning leaves no secret in logs, messages, pages, answers or files", async () => {
  await ringAndSignIn();
  for (const connection of [PRODUCTION, SANDBOX]) {
    const login = await morning.begin(connection);
    await morning.readEverything();
    expect((await morning.enter(connection, login.id, await morning.pinOf(login))).status).toBe(202);
    await moveClock(stack, { advance: "PT1M" });
  }
  await connectCtrader();
  await morning.readEverything();
  for (const connection of [PRODUCTION, DEMO]) {
    expect((await morning.call("GET", `/api/connections/${connection}/balance`)).status).toBe(200);
  }
  await say("/status");
  await say("/start");
  for (const message of await stack.owner.messages()) {
    if (message.buttons.flat().some((button) => button.url))
      noted.set(`one-time code of ${message.id}`, linkCodeOf(message));
  }
  await morning.call("POST", "/api/keep-alive", { body: {} });
  await moveClock(stack, { advance: "PT3H" });
  await morning.readEverything();

  expectAllKindsNoted();
  expect(await leaks()).toEqual([]);
});

/** Connects by the broker's redirect, has it acknowledged, and tries the connection as the terminal does. */
async function connectCtrader(): Promise<void> {
  const login = await morning.begin(DEMO);
  expect(await morning.connectByRedirect(login)).toMatch(/^#connected=ctrader-demo&/);
  await moveClock(stack, { advance: "PT1M" });
  const hear = (line: unknown) => morning.keep("the connection test", JSON.stringify(line));
  expect(await stack.app.testBroker({ environment: "demo", hear })).toBe(true);
}

/** A new login, refused codes, refused applications, ended grants, and a broker that answers nonsense. */
async function troubleCtrader(): Promise<void> {
  await connectCtrader();
  for (const faults of [
    { tooManyTokenCalls: 1 },
    { lostTokenAnswers: 1 },
    { appInactive: true, disconnectNow: "told" },
    { garbageShare: 0.5, unknownTypeShare: 0.5 },
    { endTokensNow: "grants" },
  ]) {
    await setFaults(stack, "ctrader", faults);
    await morning.connectByRedirect(await morning.begin(DEMO));
    await morning.call("GET", `/api/connections/${DEMO}/ping`);
    const hear = (line: unknown) => morning.keep("the connection test", JSON.stringify(line));
    await stack.app.testBroker({ environment: "demo", hear });
    await moveClock(stack, { advance: "PT1M" });
    await setFaults(stack, "ctrader", { appInactive: null, garbageShare: null, unknownTypeShare: null });
  }
}

const FAILURES = [
  "unavailable",
  "bad-gateway",
  "garbage",
  "rate-limit",
  "drop-connection",
  "signature_invalid",
  "timeout-after-accept",
] as const;

test("wrong PINs, failing brokers and requests with secrets in the wrong places leak none", async () => {
  await ringAndSignIn();
  await morning.readEverything();
  for (const kind of FAILURES) {
    const login = await morning.begin(SANDBOX);
    const pin = await morning.pinOf(login);
    await setFaults(stack, "etrade", { failNext: { where: "oauth/access_token", kind } });
    expect((await morning.enter(SANDBOX, login.id, pin)).status, kind).toBeGreaterThanOrEqual(500);
    await moveClock(stack, { advance: "PT1M" });
  }
  const login = await morning.begin(PRODUCTION);
  const pin = await morning.pinOf(login);
  expect((await morning.enter(PRODUCTION, login.id, "QX7ZK")).status).toBe(422);
  expect((await morning.enter(PRODUCTION, login.id, pin)).status).toBe(202);
  await troubleCtrader();
  await setFaults(stack, "telegram", { unreachable: true });
  await setFaults(stack, "etrade", { maintenance: true });
  await moveClock(stack, { advance: "PT2M" });
  await morning.readEverything();
  await setFaults(stack, "etrade", { maintenance: null });
  await setFaults(stack, "telegram", { unreachable: false });
  await moveClock(stack, { advance: "PT2M" });
  await misplaceSecrets();
  await morning.readEverything();

  expectAllKindsNoted();
  expect(stack.logged()).toContain("BROKER_");
  expect(await leaks()).toEqual([]);
}, 120_000);

test.each([0, 1, 2])("the search finds a secret in every form, %i letters into a text", (before) => {
  const secret = 'aB+/="\u00e9<secret>&0123456789';
  const text = `${"x".repeat(before)}${secret}yz`;
  const bytes = Buffer.from(text);
  const written = [
    text,
    encodeURIComponent(text),
    encodeURIComponent(encodeURIComponent(text)),
    JSON.stringify({ text }),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ];

  const leaksIn = createSearch(new Map([["it", secret]]));
  const found = written.map(leaksIn);

  expect(found).toEqual(written.map(() => ["it"]));
  expect(leaksIn(text.replace("secret", "Secret"))).toEqual([]);
});

/** Sends each secret where it does not belong: nothing may echo it. */
async function misplaceSecrets(): Promise<void> {
  const login = `/api/connections/${PRODUCTION}/authorizations`;
  for (const secret of noted.values()) {
    const misplaced = encodeURIComponent(secret);
    await morning.call("POST", `${login}/${misplaced}/pin`, { body: { pin: secret } });
    await morning.call("POST", "/api/session", { body: `{"code":"${secret}"` });
    await morning.call("POST", "/api/session", { body: { code: [secret] } });
    await morning.call("GET", `/api/${misplaced}?code=${misplaced}`);
    await morning.call("POST", "/sandbox/etrade/faults", { body: { latencyMs: secret } });
    await morning.call("POST", "/sandbox/clock", { body: { to: secret } });
    await moveClock(stack, { advance: "PT30S" });
  }
}

test("the real process prints no secret, and its state holds none but the key of its vault", async () => {
  const folder = makeTemporaryFolder();
  const path = join(folder.path, "home");
  const real = await MortalMorning.open(path);
  const login = await real.begin(PRODUCTION);
  const pin = await real.logIn(login);
  await real.enter(PRODUCTION, login.id, pin);
  const second = await real.begin(DEMO);
  const address = await real.logIn(second);
  expect((await real.enter(DEMO, second.id, address))?.status).toBe(202);
  const code = new URL(address).searchParams.get("code") ?? "";
  await real.advance("PT40S");
  const codes = (await real.messages()).filter((one) => one.buttons.length > 0).map(linkCodeOf);
  const description = JSON.parse((await real.call("GET", "/sandbox")).text) as Sandbox;
  await real.die();
  const secrets = await secretsOf(path, { pin, code, codes, cookie: real.cookie, description });
  const filesOfTheDead = leaksInFiles(path, secrets);
  await real.restart();
  await real.advance("PT1M");
  const ended = await real.end();

  expect([...secrets.keys()]).toHaveLength(16);
  expect(filesOfTheDead).toEqual(["master.key: master key"]);
  expect(leaksInFiles(path, secrets)).toEqual(["master.key: master key"]);
  expect(createSearch(secrets)(ended.stdout + ended.stderr)).toEqual([]);
  expect(ended.stdout).toContain("Openbell is up");
  folder.remove();
}, 30_000);

interface Sandbox {
  readonly etrade: { readonly consumerSecret: string; readonly sandboxConsumerSecret: string };
  readonly ctrader: { readonly demoClientSecret: string; readonly liveClientSecret: string };
  readonly telegram: { readonly token: string };
}

function leaksInFiles(home: string, secrets: ReadonlyMap<string, string>): readonly string[] {
  const leaksIn = createSearch(secrets);
  return [...filesUnder(home)].flatMap(([name, content]) =>
    leaksIn(content).map((secret) => `${name}: ${secret}`),
  );
}

/** What the process held, read out of its own vault and its answers. */
async function secretsOf(
  folder: string,
  known: { pin: string; code: string; codes: readonly string[]; cookie: string; description: Sandbox },
): Promise<Canaries> {
  const home = await openHome(folder, { isFresh: false });
  const { key } = await openHomeKey(home, { OPENBELL_KEYCHAIN: "off" });
  const vault = createEncryptedVault({ path: home.path("vault.db"), masterKey: key });
  const read = async (name: string) => {
    const found = await vault.read(name, 1);
    if (!found.ok) throw new Error(`${name}: ${found.code}`);
    return found.value.reveal();
  };
  const { token } = JSON.parse(await read(`token-${PRODUCTION}`)) as { token: string };
  const pair = JSON.parse(token) as { token: string; tokenSecret: string };
  const packed = JSON.parse(await read(`token-${DEMO}`)) as { token: string };
  const grant = JSON.parse(packed.token) as { accessToken: string; refreshToken: string };
  const secrets = new Map([
    ["token", pair.token],
    ["token secret", pair.tokenSecret],
    ["session key", await read("session-key")],
    ["webhook secret", await read("telegram-webhook")],
    ["consumer secret", known.description.etrade.consumerSecret],
    ["sandbox consumer secret", known.description.etrade.sandboxConsumerSecret],
    ["bot token", known.description.telegram.token],
    ["session cookie", known.cookie.replace("__session=", "")],
    ["PIN", known.pin],
    ["access token", grant.accessToken],
    ["refresh token", grant.refreshToken],
    ["code", known.code],
    ["demo client secret", known.description.ctrader.demoClientSecret],
    ["live client secret", known.description.ctrader.liveClientSecret],
    ...known.codes.map((code, index) => [`one-time code ${index}`, code] as const),
    ["master key", readFileSync(home.path("master.key"), "utf8").trim()],
  ]);
  vault.close();
  return secrets;
}
