import { expect, test } from "vitest";
import { createApiClient } from "./api.ts";

function setUp(answer: () => Response | Promise<Response>) {
  const requests: { path: string; init: RequestInit }[] = [];
  const api = createApiClient({
    fetch: async (path, init) => {
      requests.push({ path: String(path), init: init ?? {} });
      return await answer();
    },
  });
  return { api, requests };
}
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const failure = { error: { code: "PIN_REFUSED", message: "Wrong.", next: "Copy it again.", detail: {} } };

test("a PIN goes as JSON, with the session's cookie, to its login", async () => {
  const { api, requests } = setUp(() => json(202, { connection: "c", generation: 3 }));

  const answer = await api.sendPin({ connection: "etrade-production", authorization: "a/b", pin: "AB12C" });

  expect(answer).toEqual({ ok: true, value: { connection: "c", generation: 3 } });
  expect(requests[0]).toMatchObject({
    path: "/api/connections/etrade-production/authorizations/a%2Fb/pin",
    init: {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json" },
      body: '{"pin":"AB12C"}',
    },
  });
});

test("a refusal keeps the server's words and its pause", async () => {
  const { api } = setUp(() => json(429, failure, { "retry-after": "7" }));

  const answer = await api.status();

  expect(answer).toEqual({
    ok: false,
    problem: {
      kind: "refused",
      status: 429,
      code: "PIN_REFUSED",
      message: "Wrong.",
      next: "Copy it again.",
      retryAfterMs: 7_000,
    },
  });
});

test("an empty answer is a success", async () => {
  const { api } = setUp(() => new Response(null, { status: 204 }));

  expect(await api.closeSession()).toEqual({ ok: true, value: undefined });
});

test.each([
  ["no network", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["a page where JSON should be", () => new Response("<!doctype html>", { status: 200 })],
  ["a gateway's own error page", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
])("%s means that nobody was reached", async (_, answer) => {
  const { api } = setUp(answer);

  expect(await api.status()).toEqual({ ok: false, problem: { kind: "unreachable" } });
});

test("a gateway's refusal in its own words is still a refusal", async () => {
  const { api } = setUp(() => new Response("Too many requests", { status: 429 }));

  expect(await api.status()).toMatchObject({ ok: false, problem: { kind: "refused", status: 429 } });
});
