import { afterEach, beforeEach, expect, test } from "vitest";
import { fail } from "../../shared/platform/result.ts";
import { BACK_LIVE, CLOSING, ON_PAPER, RECEIPT, STANDING } from "./testing/fake-services.ts";
import { createHouse, type House } from "./testing/house.ts";

let house: House;
let cookie: string;

beforeEach(async () => {
  house = createHouse();
  cookie = await house.signIn();
});
afterEach(() => house.close());

const KILL = { requestId: "12345678", reason: "it runs wild" };
const CALLS = [
  ["kill", KILL, 202, RECEIPT],
  ["reduce", { scope: "bot:gold" }, 200, STANDING],
  ["resume", { phrase: "RESUME ALL", reason: "settled" }, 200, { ...STANDING, state: "active" }],
  ["close", { scope: "all", includesOthers: true }, 202, CLOSING],
  ["paper", { scope: "bot:gold", requestId: "12345678" }, 200, ON_PAPER],
  ["live", { phrase: "LIVE ALL", reason: "mended" }, 200, BACK_LIVE],
] as const;

test.each(CALLS)(
  "POST /api/trading/%s does it for the owner, in the session's name",
  async (word, body, status, told) => {
    const answer = await house.ask(`/api/trading/${word}`, { method: "POST", cookie, body });

    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual(told);
    expect(house.services.calls).toEqual([
      [word, { ...body, actor: { kind: "page", session: expect.any(String) } }],
    ]);
  },
);

test.each(CALLS)(
  "POST /api/trading/%s does nothing without a session, and nothing for another page",
  async (word, body) => {
    const outside = await house.ask(`/api/trading/${word}`, { method: "POST", body });
    const elsewhere = await house.ask(`/api/trading/${word}`, {
      ...{ method: "POST", cookie, body },
      headers: { origin: "https://evil.example" },
    });

    expect([outside.status, elsewhere.status]).toEqual([401, 403]);
    expect(house.services.calls).toEqual([]);
  },
);

test("a kill of the owner passes however often anyone has called, and nothing else does", async () => {
  for (let call = 0; call < 1_050; call += 1) await house.ask("/healthz", { from: `192.0.2.${call % 20}` });
  const ask = (word: string, given: object) =>
    house.ask(`/api/trading/${word}`, { method: "POST", body: KILL, ...given });

  const killed = await ask("kill", { cookie });
  const [stranger, forged] = [await ask("kill", {}), await ask("kill", { cookie: `${cookie}x` })];
  const reduced = await ask("reduce", { cookie, body: {} });

  expect([killed.status, stranger.status, forged.status, reduced.status]).toEqual([202, 429, 429, 429]);
  expect(house.services.calls).toHaveLength(1);
});

test.each([
  ["kill", {}],
  ["kill", { requestId: "short" }],
  ["kill", { ...KILL, force: true }],
  ["resume", { phrase: "RESUME ALL" }],
  ["paper", {}],
  ["live", { phrase: "LIVE ALL" }],
  ["close", { includesOthers: "yes" }],
])("POST /api/trading/%s with %j is refused before anything is done", async (word, body) => {
  const answer = await house.ask(`/api/trading/${word}`, { method: "POST", cookie, body });

  expect(answer.status).toBe(400);
  expect(house.services.calls).toEqual([]);
});

test("a kill's receipt is read by its id", async () => {
  const answer = await house.ask("/api/trading/kills/page-12345678", { cookie });

  expect(await answer.json()).toEqual(RECEIPT);
  expect(house.services.calls).toEqual([["killReceipt", "page-12345678"]]);
});

test("a refusal to let it go on comes with its code and what to do", async () => {
  house.services.answers.resume = async () => fail("RESUME_TOO_SOON", { seconds: 120 });

  const answer = await house.ask("/api/trading/resume", {
    ...{ method: "POST", cookie },
    body: { phrase: "RESUME ALL", reason: "settled" },
  });

  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ error: { code: "RESUME_TOO_SOON", detail: { seconds: 120 } } });
});
