import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureSchema } from "../shared/console/api.ts";

const CANARY = "CANARY-5E3CR3T";
const JSON_TYPE = { "content-type": "application/json" };

let child: ChildProcess;
let port: number;
let output = "";

beforeAll(async () => {
  child = fork(new URL("./testing/probe-container.ts", import.meta.url), {
    env: { PORT: "0", FUNCTION_TARGET: "probe", PATH: process.env.PATH },
    execArgv: [],
    silent: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  [port] = (await once(child, "message")) as [number];
});

afterAll(() => {
  child.kill("SIGKILL");
});

const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init);

async function failureOf(answer: Response): Promise<{ status: number; code: string }> {
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  return { status: answer.status, code: failureSchema.parse(await answer.json()).error.code };
}

const post = (body: string | ReadableStream<Uint8Array>, headers: Record<string, string> = JSON_TYPE) =>
  ask("/", { method: "POST", body, headers, duplex: "half" } as RequestInit);

function streamed(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, 1_024);
      if (size === 0) return controller.close();
      left -= size;
      controller.enqueue(new Uint8Array(size).fill(0x20));
    },
  });
}

test("a good body reaches the handler, with its length or streamed", async () => {
  const whole = await post('{"a":1}');
  const inParts = await post(new Blob(['{"a":', "1}"]).stream());

  expect(await whole.json()).toEqual({ length: 7 });
  expect(await inParts.json()).toEqual({ length: 7 });
});

test.each([
  ["broken JSON", `{"pin":"${CANARY}"`, JSON_TYPE, 400, "REQUEST_MALFORMED"],
  ["a bare word", CANARY, JSON_TYPE, 400, "REQUEST_MALFORMED"],
  [
    "an unknown charset",
    `{"pin":"${CANARY}"}`,
    { "content-type": "application/json; charset=utf-99" },
    415,
    "REQUEST_NOT_JSON",
  ],
  ["a compressed body", CANARY, { ...JSON_TYPE, "content-encoding": "gzip" }, 415, "REQUEST_NOT_JSON"],
  ["10 MB", CANARY.padEnd(10_000_000), JSON_TYPE, 413, "REQUEST_TOO_LARGE"],
] as const)("%s gets the uniform refusal before the handler", async (_what, body, headers, status, code) => {
  expect(await failureOf(await post(body, headers))).toEqual({ status, code });
});

test("a body that does not tell its length is cut off at the limit", async () => {
  const fits = await post(streamed(4_096), { "content-type": "text/plain" });

  expect(await fits.json()).toEqual({ length: 4_096 });
  expect(await cutOffAnswer()).toMatch(/^HTTP\/1\.1 413 /);
});

test("a streamed body without a type is refused, since nobody would count it", async () => {
  const answer = await post(new Blob(["x"]).stream(), {});

  expect(await failureOf(answer)).toEqual({ status: 415, code: "REQUEST_NOT_JSON" });
});

test("an address that cannot be decoded gets the uniform refusal", async () => {
  expect(await failureOf(await ask("/%zz"))).toEqual({ status: 400, code: "REQUEST_MALFORMED" });
});

test.each(["/throw", "/reject", "/text", "/later"])(
  "%s: a broken handler answers with an id only",
  async (path) => {
    const answer = await ask(path);

    const body = failureSchema.parse(await answer.json());
    expect(answer.status).toBe(500);
    expect(body.error.code).toBe("INTERNAL");
    await expect.poll(() => output).toContain(String(body.error.detail.id));
  },
);

test("an answer that breaks off half-way is cut, not completed with an error page", async () => {
  const whole = ask("/half").then((answer) => answer.text());

  await expect(whole).rejects.toThrow();
});

test("after all of that the process still serves, and has printed no body, no message and no stack", async () => {
  expect((await ask("/")).status).toBe(200);

  expect(output).toContain("request-refused");
  expect(output).toContain("request-broken");
  expect(output).not.toContain("CANARY");
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).not.toContain("node_modules");
});

test("on SIGTERM the idle process says so and exits cleanly", async () => {
  const ended = once(child, "exit");

  child.kill("SIGTERM");

  expect(await ended).toEqual([0, null]);
  expect(output).toContain("function-stopped");
});

/** What the server says to a caller who goes on sending a body without end. */
async function cutOffAnswer(): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("latin1");
  let answer = "";
  socket.on("data", (text: string) => {
    answer += text;
  });
  socket.on("error", () => undefined);
  socket.write(
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  socket.write(`1400\r\n${" ".repeat(5_120)}\r\n`);
  await once(socket, "close");
  return answer;
}
