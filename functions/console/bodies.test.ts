import { afterEach, beforeEach, expect, test } from "vitest";
import { failureSchema } from "../../shared/console/api.ts";
import { type Ask, createHouse, type House, ORIGIN } from "./testing/house.ts";

const PIN_PATH = "/api/connections/etrade-production/authorizations/login-1/pin";

let house: House;

beforeEach(() => {
  house = createHouse();
});
afterEach(() => house.close());

async function failureOf(answer: Response): Promise<{ status: number; code: string }> {
  const body = failureSchema.parse(await answer.json());
  return { status: answer.status, code: body.error.code };
}

const BODIES: readonly (readonly [string, Ask, number, string])[] = [
  ["broken JSON", { body: '{"code":' }, 400, "REQUEST_MALFORMED"],
  ["an empty body", { body: "" }, 400, "REQUEST_MALFORMED"],
  ["a list", { body: [] }, 400, "REQUEST_MALFORMED"],
  ["null", { body: "null" }, 400, "REQUEST_MALFORMED"],
  ["a missing field", { body: {} }, 400, "REQUEST_MALFORMED"],
  ["a field of the wrong kind", { body: { code: 7 } }, 400, "REQUEST_MALFORMED"],
  ["an empty code", { body: { code: "" } }, 400, "REQUEST_MALFORMED"],
  ["a field too many", { body: { code: "x", isAdmin: true } }, 400, "REQUEST_MALFORMED"],
  ["a prototype", { body: '{"code":"x","__proto__":{"a":1}}' }, 400, "REQUEST_MALFORMED"],
  ["10 kB", { body: { code: "x".repeat(10_000) } }, 413, "REQUEST_TOO_LARGE"],
  ["a form", { headers: { "content-type": "application/x-www-form-urlencoded" } }, 415, "REQUEST_NOT_JSON"],
  ["plain text", { headers: { "content-type": "text/plain" } }, 415, "REQUEST_NOT_JSON"],
  [
    "another charset",
    { headers: { "content-type": "application/json; charset=utf-16" } },
    415,
    "REQUEST_NOT_JSON",
  ],
  ["a look-alike type", { headers: { "content-type": "application/json5" } }, 415, "REQUEST_NOT_JSON"],
];

test.each(BODIES)("%s in place of a body gets a clear refusal", async (_what, ask, status, code) => {
  const answer = await house.ask("/api/session", { method: "POST", ...ask });

  expect(await failureOf(answer)).toEqual({ status, code });
});

test("a body of exactly 4 kB is read and one byte more is not", async () => {
  const padded = (length: number) => `${JSON.stringify({ code: "x" }).padEnd(length, " ")}`;

  const fits = await house.ask("/api/session", { method: "POST", body: padded(4_096) });
  const over = await house.ask("/api/session", { method: "POST", body: padded(4_097) });

  expect(fits.status).toBe(401);
  expect(over.status).toBe(413);
});

test("a body that is not UTF-8 is refused", async () => {
  const answer = await house.app.request(`${ORIGIN}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]),
  });

  expect(await failureOf(answer)).toEqual({ status: 400, code: "REQUEST_MALFORMED" });
});

test("a malformed field is named, but nothing of what was sent is repeated", async () => {
  const cookie = await house.signIn();

  const answer = await house.ask(PIN_PATH, { method: "POST", cookie, body: { pin: ["canary"] } });
  const extra = await house.ask(PIN_PATH, { method: "POST", cookie, body: { pin: "A", canary: "canary" } });

  expect(await answer.json()).toMatchObject({ error: { detail: { field: "pin" } } });
  expect(await extra.text()).not.toContain("canary");
  expect(JSON.stringify(house.logged)).not.toContain("canary");
});
