import { afterEach, beforeEach, expect, test } from "vitest";
import { fail } from "../../shared/platform/result.ts";
import { createHouse, type House } from "./testing/house.ts";

let house: House;
let cookie: string;
beforeEach(async () => {
  house = createHouse();
  cookie = await house.signIn();
});
afterEach(() => house.close());

const PATH = "/api/oauth/ctrader/callback";
/** What a browser says when the broker's page has sent it here. */
const FROM_BROKER = {
  "sec-fetch-site": "cross-site",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

const comeBack = (query: string, over: Record<string, string> = {}) =>
  house.ask(`${PATH}?${query}`, { cookie, headers: { ...FROM_BROKER, ...over } });
const codesHandedIn = () =>
  house.services.calls.flatMap(([method, given]) =>
    method === "completeByRedirect" ? [(given as { code: string }).code] : [],
  );

test("a code in the owner's browser is handed in once, for this session, and leads to the page", async () => {
  const answer = await comeBack("code=abc%2Bd");

  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe("/#connected=etrade-production&generation=3");
  expect(house.services.calls).toEqual([
    ["completeByRedirect", { code: "abc+d", actor: { kind: "page", session: expect.stringMatching(/./) } }],
  ]);
});

test("a bare plus in a code is no blank", async () => {
  await comeBack("code=a+b");

  expect(codesHandedIn()).toEqual(["a+b"]);
});

test("what a redirect came to is told to the page by its code alone", async () => {
  house.services.answers.complete = async () => fail("REDIRECT_UNEXPECTED", { hidden: "CANARY" });

  const answer = await comeBack("code=SECRET");

  expect(answer.headers.get("location")).toBe("/#failed=REDIRECT_UNEXPECTED");
  expect(answer.status).toBe(303);
});

test.each(["error=access_denied", "error=access_denied&code=abc", "", "code="])(
  "a redirect with %j ends the login, and no code is handed in",
  async (query) => {
    const answer = await comeBack(query);

    expect(answer.headers.get("location")).toBe("/#failed=LOGIN_DENIED&connection=ctrader-demo");
    expect(house.services.calls.map(([method]) => method)).toEqual(["denyByRedirect"]);
  },
);

test("a code that is too long is not looked at", async () => {
  const answer = await comeBack(`code=${"x".repeat(1_001)}`);

  expect(answer.headers.get("location")).toBe("/#failed=PIN_MALFORMED");
  expect(house.services.calls).toEqual([]);
});

test("without the cookie, which another site's redirect does not bring, the browser asks once more by itself", async () => {
  const query = "code=a%2Bb%22%3E%3Cscript%3E&x=1";

  const first = await house.ask(`${PATH}?${query}`, { headers: FROM_BROKER });

  const html = await first.text();
  const next = /http-equiv="refresh" content="0; url=([^"]*)"/.exec(html)?.[1]?.replaceAll("&#38;", "&");
  expect(first.status).toBe(200);
  expect(first.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(html).not.toContain("<script");
  expect(next?.startsWith(`${PATH}?`)).toBe(true);
  expect(Object.fromEntries(new URLSearchParams(next?.split("?")[1]))).toEqual({
    code: 'a+b"><script>',
    x: "1",
    again: "1",
  });
  expect(house.services.calls).toEqual([]);
});

test("who comes a second time without a session is told so, and goes round no more", async () => {
  const answer = await house.ask(`${PATH}?code=abc&again=1`, { headers: FROM_BROKER });

  const html = await answer.text();
  expect(answer.status).toBe(401);
  expect(html).toContain("SESSION_REQUIRED");
  expect(html).not.toContain("refresh");
  expect(html).not.toContain("abc");
  expect(house.services.calls).toEqual([]);
});

test("a session of another chat counts for nothing", async () => {
  const { cookieValue } = await house.sessions.open({ chatId: "666", words: ["acorn", "zephyr"] });

  const answer = await house.ask(`${PATH}?code=abc&again=1`, {
    cookie: cookieValue.reveal(),
    headers: FROM_BROKER,
  });

  expect(answer.status).toBe(401);
  expect(house.services.calls).toEqual([]);
});

test.each([
  ["a script", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }],
  ["an image", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
  ["a frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
])("%s hands no code in", async (_what, headers) => {
  const answer = await comeBack("code=abc", headers);

  expect(answer.status).toBe(403);
  expect(house.services.calls).toEqual([]);
});

test("a HEAD hands no code in", async () => {
  const answer = await house.ask(`${PATH}?code=abc`, { method: "HEAD", cookie });

  expect(answer.status).toBe(403);
  expect(house.services.calls).toEqual([]);
});

test("a POST is not taken", async () => {
  const answer = await house.ask(`${PATH}?code=abc`, { method: "POST", cookie });

  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("GET, HEAD");
});

test("codes count as PINs: the eleventh within a minute is not handed in", async () => {
  for (let one = 0; one < 10; one += 1) await comeBack(`code=${one}`);

  const refused = await comeBack("code=last");

  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("60");
  expect(codesHandedIn()).toHaveLength(10);
});

test("every answer on the way is never cached and lets nothing run", async () => {
  const answers = [
    await comeBack("code=abc"),
    await comeBack("error=access_denied"),
    await house.ask(`${PATH}?code=abc`, { headers: FROM_BROKER }),
    await house.ask(`${PATH}?code=abc&again=1`, { headers: FROM_BROKER }),
  ];

  for (const { headers } of answers) {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-frame-options")).toBe("DENY");
  }
});

test("the log names how it went and never the code", async () => {
  house.services.answers.complete = async () => fail("PIN_REFUSED");

  await comeBack("code=CANARY");
  await house.ask(`${PATH}?code=CANARY&again=1`, { headers: FROM_BROKER });

  expect(JSON.stringify(house.logged)).not.toContain("CANARY");
  expect(house.logged.map((line) => JSON.stringify(line)).join()).toContain("SESSION_REQUIRED");
});
