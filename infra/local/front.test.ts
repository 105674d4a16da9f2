import { createServer, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRecordedLog } from "../../shared/platform/local/recorded-log.ts";
import { type Front, openFront } from "./front.ts";
import { closeServer } from "./services.ts";
import { callRaw, callWithBytes, listenAnywhere } from "./testing/raw-http.ts";

let front: Front;
let recorded: ReturnType<typeof createRecordedLog>;

beforeEach(async () => {
  recorded = createRecordedLog();
  front = await openFront(0, recorded.log);
});
afterEach(() => front.close());

const port = () => Number(new URL(front.address).port);
const saying = (text: string) => async (_request: unknown, response: ServerResponse) => {
  response.end(text);
};

test("before it serves it asks to come again", async () => {
  const answer = await callRaw(port(), { path: "/sandbox" });

  expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "1", "cache-control": "no-store" } });
});

test.each([
  ["/sandbox", "sandbox"],
  ["/sandbox/", "sandbox"],
  ["/sandbox?x=1", "sandbox"],
  ["/sandbox/phone/messages", "sandbox"],
  ["/sandboxes", "hosting"],
  ["/sandbox.html", "hosting"],
  ["/SANDBOX", "hosting"],
  ["//sandbox", "hosting"],
  ["/api/sandbox", "hosting"],
  ["/?/sandbox", "hosting"],
  ["/", "hosting"],
])("%s belongs to the %s", async (path, owner) => {
  front.serve(saying("sandbox"), saying("hosting"));

  expect((await callRaw(port(), { path })).body.toString()).toBe(owner);
});

test("without a sandbox its paths are like all others", async () => {
  front.serve(undefined, saying("hosting"));

  expect((await callRaw(port(), { path: "/sandbox" })).body.toString()).toBe("hosting");
});

test("it listens on this machine only", () => {
  expect(new URL(front.address).hostname).toBe("127.0.0.1");
});

test("a taken port is Node's own error, with the port", async () => {
  const squatter = createServer();
  const taken = await listenAnywhere(squatter);

  await expect(openFront(taken, recorded.log)).rejects.toMatchObject({
    code: "EADDRINUSE",
    syscall: "listen",
    port: taken,
  });
  await closeServer(squatter);
});

test("what a handler throws is a bare 500, and the next request is served", async () => {
  front.serve(undefined, async (request, response) => {
    if (request.url === "/broken") throw new Error("CANARY");
    response.end("fine");
  });

  const broken = await callRaw(port(), { path: "/broken" });

  expect(broken.status).toBe(500);
  expect(broken.body.toString()).toBe("500\n");
  expect((await callRaw(port(), { path: "/" })).status).toBe(200);
  expect(recorded.lines.map((line) => line.event)).toEqual(["request-failed"]);
});

test("closing ends what is open, streams too", async () => {
  front.serve(undefined, async (_request, response) => void response.write("begun"));
  const answer = await fetch(front.address);
  const reader = answer.body?.getReader();
  await reader?.read();

  await front.close();

  await expect(reader?.read()).rejects.toThrow();
  await expect(fetch(front.address)).rejects.toThrow();
});

test("a request that is no HTTP is turned away", async () => {
  front.serve(undefined, saying("hosting"));

  expect(await callWithBytes(port(), "nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
});
