import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { Http, HttpCall } from "../platform/http.ts";
import { answerOf, noAnswer, notSent } from "../platform/testing/http-answers.ts";
import { createJumpingClock } from "./etrade/testing/fakes.ts";
import { createTransport } from "./http.ts";

const REQUEST = { method: "GET", url: "https://a.test/", headers: { accept: "application/json" } } as const;
const sendBy = (http: Http) =>
  createTransport({ http, clock: createJumpingClock() }, { timeoutMs: 5_000 })(REQUEST);

test.each([
  [notSent("CERT_HAS_EXPIRED"), "BROKER_UNREACHABLE"],
  [noAnswer("ECONNRESET"), "BROKER_TIMEOUT"],
  [noAnswer("timeout"), "BROKER_TIMEOUT"],
])("%o is %s, and says why", async (fault, code) => {
  expect(await sendBy(async () => fault)).toEqual({ ok: false, code, detail: { network: fault.why } });
});

test("an answer of any status is a reply, with what the broker says of its refusal", async () => {
  const headers = { "WWW-Authenticate": "OAuth oauth_problem=x" };

  const sent = await sendBy(() => answerOf(new Response("<html>", { status: 401, headers })));

  expect(sent).toMatchObject({
    ok: true,
    value: { status: 401, text: "<html>", wwwAuthenticate: "OAuth oauth_problem=x" },
  });
});

test("a request goes as it is, once, with the time that it may take", async () => {
  const seen: HttpCall[] = [];

  await sendBy(async (call) => {
    seen.push(call);
    return noAnswer();
  });

  expect(seen).toEqual([{ ...REQUEST, timeoutMs: 5_000 }]);
});

test("the latency is what passed on the clock between sending and the end of the body", async () => {
  const clock = createJumpingClock("2026-01-02T14:00:00Z");
  const slow: Http = () => {
    clock.advance(Temporal.Duration.from({ milliseconds: 120 }));
    return answerOf(new Response("{}"));
  };

  const sent = await createTransport({ http: slow, clock }, { timeoutMs: 5_000 })(REQUEST);

  expect(sent.ok && [sent.value.sentAt.toString(), sent.value.latencyMs]).toEqual([
    "2026-01-02T14:00:00Z",
    120,
  ]);
});
