import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { Temporal } from "temporal-polyfill";
import { afterEach, expect, test } from "vitest";
import { createJumpingClock, networkError } from "./etrade/testing/fakes.ts";
import { createTransport, type Fetch } from "./http.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that hands the socket of each request to `answer`, byte by byte control included. */
async function serve(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const transport = (timeoutMs = 5_000, over: Fetch = fetch) =>
  createTransport({ fetch: over, clock: createJumpingClock() }, { timeoutMs });
const get = (url: string) => ({ method: "GET", url, headers: { accept: "application/json" } }) as const;

const answerWith = (head: string, body: string) => (socket: Socket) =>
  socket.end(`HTTP/1.1 ${head}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);

test("an answer of any status is read to its end", async () => {
  const url = await serve(
    answerWith("401 Unauthorized\r\nWWW-Authenticate: OAuth oauth_problem=x", "<html>"),
  );

  const sent = await transport()(get(url));

  expect(sent).toMatchObject({
    ok: true,
    value: { status: 401, text: "<html>", wwwAuthenticate: "OAuth oauth_problem=x" },
  });
});

test("a redirect is an answer and is not followed", async () => {
  let calls = 0;
  const url = await serve((socket) => {
    calls++;
    answerWith("302 Found\r\nLocation: /elsewhere", "")(socket);
  });

  const sent = await transport()(get(url));

  expect(sent).toMatchObject({ ok: true, value: { status: 302 } });
  expect(calls).toBe(1);
});

test("a refused connection means that nothing was sent", async () => {
  const url = await serve(() => {});
  closers.splice(0).forEach((close) => void close());

  const sent = await transport()(get(url));

  expect(sent).toEqual({ ok: false, code: "BROKER_UNREACHABLE", detail: { network: "ECONNREFUSED" } });
});

test.each([
  ["cut after the request", (socket: Socket) => void socket.resetAndDestroy()],
  ["closed without a word", (socket: Socket) => void socket.end()],
  [
    "cut within the body",
    (socket: Socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", () => socket.destroy());
    },
  ],
])("a connection that is %s leaves open whether the broker acted", async (_name, answer) => {
  const url = await serve(answer);

  const sent = await transport()(get(url));

  expect(sent).toMatchObject({ ok: false, code: "BROKER_TIMEOUT" });
});

test.each([
  ["never answers", () => {}],
  [
    "stops within the body",
    (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
  ],
])("a broker that %s is given up after the time-out", async (_name, answer) => {
  const url = await serve(answer);

  const sent = await transport(40)(get(url));

  expect(sent).toEqual({ ok: false, code: "BROKER_TIMEOUT", detail: {} });
});

test.each([
  ["ECONNREFUSED", undefined, "BROKER_UNREACHABLE"],
  ["EAI_AGAIN", "getaddrinfo", "BROKER_UNREACHABLE"],
  ["UND_ERR_CONNECT_TIMEOUT", undefined, "BROKER_UNREACHABLE"],
  ["CERT_HAS_EXPIRED", undefined, "BROKER_UNREACHABLE"],
  ["ETIMEDOUT", "connect", "BROKER_UNREACHABLE"],
  ["ETIMEDOUT", "read", "BROKER_TIMEOUT"],
  ["ECONNRESET", "read", "BROKER_TIMEOUT"],
  ["UND_ERR_SOCKET", undefined, "BROKER_TIMEOUT"],
  ["UND_ERR_HEADERS_TIMEOUT", undefined, "BROKER_TIMEOUT"],
])("the system's %s at %s is %s", async (network, syscall, code) => {
  const failing = async () => Promise.reject(networkError(network, syscall));

  const sent = await transport(5_000, failing)(get("https://api.etrade.com/"));

  expect(sent).toEqual({ ok: false, code, detail: { network } });
});

test("an error without a system code counts as unknown outcome and shows nothing of its message", async () => {
  const failing = async () => Promise.reject(new Error("canary https://api.etrade.com/?oauth_token=canary"));

  const sent = await transport(5_000, failing)(get("https://api.etrade.com/"));

  expect(sent).toEqual({ ok: false, code: "BROKER_TIMEOUT", detail: {} });
});

test("the latency is what passed on the clock between sending and the end of the body", async () => {
  const clock = createJumpingClock("2026-01-02T14:00:00Z");
  const slow: Fetch = async () => {
    clock.advance(Temporal.Duration.from({ milliseconds: 120 }));
    return new Response("{}");
  };

  const sent = await createTransport({ fetch: slow, clock }, { timeoutMs: 5_000 })(get("https://a.test/"));

  expect(sent.ok && [sent.value.sentAt.toString(), sent.value.latencyMs]).toEqual([
    "2026-01-02T14:00:00Z",
    120,
  ]);
});
