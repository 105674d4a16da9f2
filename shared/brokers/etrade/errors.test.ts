import { expect, test } from "vitest";
import { classify, type EtradeModule, isErrorEnvelope, readComplaint } from "./errors.ts";

const tomcat = (problem: string, title = "HTTP Status 401 – Unauthorized"): string =>
  `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1><hr class="line" />` +
  `<p><b>Type</b> Status Report</p><p><b>Message</b> ${problem}</p><p><b>Description</b> The request has not been ` +
  "applied because it lacks valid authentication credentials for the target resource.</p></body></html>";

const reply = (status: number, text: string, wwwAuthenticate = "") => ({ status, text, wwwAuthenticate });
const json = (status: number, error: object) => reply(status, JSON.stringify({ Error: error }));
const call = (module: EtradeModule, isTokenSent = true) => ({ module, isTokenSent });

test.each([
  ["JSON without a code", json(401, { message: "oauth_problem=token_expired" })],
  ["XML", reply(401, "<Error><message>oauth_problem=token_expired</message></Error>")],
  [
    "XML with a filler code",
    reply(400, "<Error>\n<code>0</code><message>oauth_problem=token_expired</message></Error>"),
  ],
  ["a page", reply(401, tomcat("oauth_problem=token_expired"))],
  ["a page of the older form", reply(401, tomcat("", "HTTP Status 401 - oauth_problem=token_expired"))],
  ["plain text", reply(401, "oauth_problem=token_expired")],
  ["plain text with an attribute", reply(401, "oauth_problem=token_expired,oauth_problem_advice=x")],
  ["an attribute before it", reply(401, "oauth_parameters_absent=a,oauth_problem=token_expired")],
  ["the header alone", reply(401, "", 'OAuth realm="https://api.etrade.com/",oauth_problem="token_expired"')],
  ["the header unquoted", reply(401, "<html></html>", "OAuth oauth_problem=token_expired")],
])("a problem is read from %s", (_dress, answer) => {
  const failure = classify(call("accounts"), answer);

  expect(failure.code).toBe("BROKER_TOKEN_EXPIRED");
  expect(failure.detail).toEqual({ module: "accounts", status: answer.status, problem: "token_expired" });
});

test.each([
  ["token_rejected", 401, "BROKER_TOKEN_REJECTED"],
  ["token_revoked", 401, "BROKER_TOKEN_REJECTED"],
  ["token_used", 401, "BROKER_TOKEN_REJECTED"],
  ["signature_invalid", 401, "BROKER_SIGNATURE_REFUSED"],
  ["signature_method_rejected", 400, "BROKER_SIGNATURE_REFUSED"],
  ["consumer_key_rejected", 401, "BROKER_CREDENTIALS_REJECTED"],
  ["consumer_key_unknown", 401, "BROKER_CREDENTIALS_REJECTED"],
  ["timestamp_refused,oauth_acceptable_timestamps=1636665132-1636668732", 400, "BROKER_CLOCK_REFUSED"],
  ["callback_rejected,oauth_acceptable_callback=oob", 400, "BROKER_REFUSED"],
  ["nonce_used", 401, "BROKER_REFUSED"],
  ["parameter_absent,oauth_parameters_absent=oauth_nonce", 400, "BROKER_REFUSED"],
  ["a_word_nobody_has_seen", 401, "BROKER_TOKEN_REJECTED"],
  ["a_word_nobody_has_seen", 400, "BROKER_REFUSED"],
] as const)("problem %s with status %i is %s", (problem, status, code) => {
  const failure = classify(call("oauth"), reply(status, tomcat(`oauth_problem=${problem}`)));

  expect(failure.code).toBe(code);
  expect(failure.detail.problem).toBe(problem.split(",")[0]);
});

const RATE_LIMIT = "Number of requests exceeded the rate limit set";

test.each([
  ["JSON, status 400", json(400, { message: RATE_LIMIT })],
  ["JSON, status 401", json(401, { message: RATE_LIMIT })],
  ["a page", reply(400, `<html><body><p>${RATE_LIMIT}</p></body></html>`)],
  ["status 429 with nothing beside it", reply(429, "")],
])("the rate limit is recognised in %s", (_dress, answer) => {
  expect(classify(call("market"), answer).code).toBe("BROKER_RATE_LIMITED");
});

const later = "The requested service is not currently available";

test.each([
  ["accounts", json(500, { code: 100, message: later }), "BROKER_UNAVAILABLE"],
  ["accounts", json(400, { code: 100, message: "The account key is not valid" }), "BROKER_REFUSED"],
  ["accounts", json(400, { code: 670, message: later }), "BROKER_UNAVAILABLE"],
  ["accounts", json(400, { code: 163, message: later }), "BROKER_REFUSED"],
  ["market", json(400, { code: 163, message: later }), "BROKER_UNAVAILABLE"],
  ["market", json(400, { code: 1019, message: "Invalid symbol" }), "BROKER_REFUSED"],
  ["order", json(400, { code: 1508, message: later }), "BROKER_UNAVAILABLE"],
  ["market", json(200, { code: 163, message: later }), "BROKER_UNAVAILABLE"],
] as const)("a code means what its module says: %s %o is %s", (module, answer, code) => {
  const failure = classify(call(module), answer);

  expect(failure.code).toBe(code);
  expect(failure.detail.brokerCode).toBe(Number(/"code":(\d+)/.exec(answer.text)?.[1]));
});

test.each([
  [502, "<html><body>Bad Gateway</body></html>", "BROKER_UNAVAILABLE"],
  [503, "", "BROKER_UNAVAILABLE"],
  [504, "<html><body>Gateway Timeout</body></html>", "BROKER_TIMEOUT"],
  [403, "<html><body>Access Denied</body></html>", "BROKER_REFUSED"],
  [404, "", "BROKER_REFUSED"],
  [302, "", "BROKER_REPLY_UNREADABLE"],
  [201, "{", "BROKER_REPLY_UNREADABLE"],
  [400, "Invalid access token used", "BROKER_TOKEN_REJECTED"],
  [401, "", "BROKER_TOKEN_REJECTED"],
] as const)("status %i with %j is %s", (status, text, code) => {
  expect(classify(call("accounts"), reply(status, text))).toEqual({
    ok: false,
    code,
    detail: { module: "accounts", status },
  });
});

test("a bare 401 blames the consumer key where no token was sent", () => {
  expect(classify(call("oauth", false), reply(401, "")).code).toBe("BROKER_CREDENTIALS_REJECTED");
});

test.each([
  ["a number as text", '{"Error":{"code":"1019","message":"m"}}', 1019],
  ["XML", "<Error><code>1019</code><message>m</message></Error>", 1019],
  ["blanks before the first character", ' \n{"Error":{"code":1019}}', 1019],
  ["null", '{"Error":{"code":null,"message":null}}', undefined],
  ["a word", '{"Error":{"code":"canary","message":"m"}}', undefined],
  ["another envelope", '{"fault":{"code":1019}}', undefined],
])("the code is read from %s", (_dress, text, code) => {
  expect(readComplaint({ text, wwwAuthenticate: "" }).brokerCode).toBe(code);
});

test("nothing of a body but the code and the problem word comes into the detail", () => {
  const text = tomcat("oauth_problem=token_rejected&oauth_token=canary-TOKEN<i>canary</i>");

  const failure = classify(call("oauth"), reply(401, text, 'OAuth realm="canary"'));

  expect(JSON.stringify(failure)).not.toContain("canary");
});

test.each([
  [{ Error: { message: "m" } }, true],
  [{ AccountListResponse: {} }, false],
  [undefined, false],
  [[], false],
])("%o counts as a complaint: %s", (parsed, is) => {
  expect(isErrorEnvelope(parsed)).toBe(is);
});
