import type { IncomingMessage, RequestListener } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { networkInterfaces } from "node:os";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openAuthority } from "../../../infra/sandbox/ctrader/authority.ts";
import type { HttpCall } from "../http.ts";
import { createNodeHttp, type NodeHttpOptions } from "./node-http.ts";
import { createVirtualTimers } from "./virtual-timers.ts";

const timers = createVirtualTimers();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  // Whatever became of a call, it has let go of its time limits.
  expect(timers.pending()).toBe(0);
});

const makeHttp = (options: NodeHttpOptions = {}) => createNodeHttp({ timers }, options);
const get = (url: string, over: Partial<HttpCall> = {}): HttpCall => ({
  ...{ method: "GET", url, headers: { accept: "application/json" }, timeoutMs: 1_000 },
  ...over,
});
const post = (url: string, over: Partial<HttpCall> = {}) =>
  get(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" }, ...over });

interface Served {
  readonly port: number;
  readonly url: string;
  /** Connections that came, and went. */
  readonly opened: Socket[];
  readonly closed: Socket[];
}

async function listen(server: Server, host = "127.0.0.1"): Promise<Served> {
  const opened: Socket[] = [];
  const closed: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    opened.push(socket);
    socket.on("error", () => {});
    socket.on("close", () => closed.push(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  closers.push(async () => {
    for (const socket of opened) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/`, opened, closed };
}

const serve = (act: RequestListener, host?: string) => listen(createHttpServer(act), host);

/** A server that hands over the socket of each connection with the first bytes that come. */
const serveRaw = (act: (socket: Socket, bytes: Buffer) => void) =>
  listen(createTcpServer((socket) => socket.once("data", (bytes) => act(socket, bytes))));

const answerRaw = (text: string) => (socket: Socket) => void socket.write(text);

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

describe("an answer", () => {
  test("of any status is read to its end, with its headers by names in lower case", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(401, { "WWW-Authenticate": "OAuth oauth_problem=x", Date: "x" }).end("<html>é");
    });

    expect(await makeHttp()(get(url))).toMatchObject({
      ...{ kind: "answered", status: 401, text: "<html>é" },
      headers: { "www-authenticate": "OAuth oauth_problem=x", date: "x" },
    });
  });

  test("that leads elsewhere is an answer, and is not followed", async () => {
    let calls = 0;
    const { url } = await serve((_, response) => {
      calls += 1;
      response.writeHead(302, { location: "/elsewhere" }).end();
    });

    expect(await makeHttp()(get(url))).toMatchObject({ status: 302, headers: { location: "/elsewhere" } });
    expect(calls).toBe(1);
  });

  test("without a body is empty", async () => {
    const { url } = await serve((_, response) => void response.writeHead(204).end());

    expect(await makeHttp()(get(url))).toMatchObject({ kind: "answered", status: 204, text: "" });
  });

  test("in chunks is put together, letters that lie on two of them included", async () => {
    const [first, second] = [Buffer.from("a€").subarray(0, 2), Buffer.from("a€").subarray(2)];
    const { url } = await serve((_, response) => {
      response.write(first, () => setImmediate(() => response.end(second)));
    });

    const answer = await makeHttp()(get(url));

    expect(answer).toMatchObject({ text: "a€", headers: { "transfer-encoding": "chunked" } });
  });

  test("after news of its being worked on is the answer", async () => {
    const { url } = await serveRaw(
      answerRaw("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    );

    expect(await makeHttp()(get(url))).toMatchObject({ status: 200, text: "ok" });
  });
});

describe("a request", () => {
  test.each(["POST", "PUT"] as const)(
    "%s has its body in one piece, with its length in bytes",
    async (method) => {
      const heard: unknown[] = [];
      const { url } = await serve((request, response) => {
        const {
          "content-length": length,
          "transfer-encoding": chunked,
          "content-type": type,
        } = request.headers;
        void textOf(request).then((text) => {
          heard.push([request.method, request.url, length, chunked, type, text]);
          response.end();
        });
      });

      await makeHttp()(post(`${url}a/b?c=%7E:,`, { method, body: '{"a":"é😀"}' }));

      expect(heard).toEqual([[method, "/a/b?c=%7E:,", "14", undefined, "application/json", '{"a":"é😀"}']]);
    },
  );

  test("asks for nothing packed, names the product, and nothing more", async () => {
    let heard: IncomingMessage["headers"] = {};
    const { url, port } = await serve((request, response) => {
      heard = request.headers;
      response.end();
    });

    await makeHttp()(get(url));

    expect(heard).toEqual({
      ...{ accept: "application/json", "accept-encoding": "identity", "user-agent": "openbell" },
      ...{ host: `127.0.0.1:${port}`, connection: "close" },
    });
  });

  test.each([
    ["a header that no header may have", "http://127.0.0.1:9/", "ca\nnary", "ERR_INVALID_CHAR"],
    ["an address that is none", "canary", "x", "ERR_INVALID_URL"],
    ["an address of another kind", "ftp://127.0.0.1/", "x", "ERR_INVALID_PROTOCOL"],
  ])("with %s is not sent, and shown nowhere", async (_, url, key, why) => {
    expect(await makeHttp()(get(url, { headers: { authorization: key } }))).toEqual({
      kind: "not-sent",
      why,
    });
  });
});

describe("an answer that is not read", () => {
  test.each<[string, RequestListener]>([
    [
      "tells its length",
      (_, response) => void response.setHeader("content-length", 2_000).write("x".repeat(1_500)),
    ],
    ["comes in chunks", (_, response) => void response.write("x".repeat(1_500))],
  ])("is longer than it may be, and %s: its connection is closed at once", async (_, act) => {
    const served = await serve(act);

    expect(await makeHttp({ longestAnswer: 1_000 })(get(served.url, { reuse: true }))).toEqual({
      kind: "unknown",
      why: "too-long",
    });
    await vi.waitFor(() => expect(served.closed).toHaveLength(1));
  });

  test("of just the length that it may have is read", async () => {
    const { url } = await serve((_, response) => void response.end("x".repeat(1_000)));

    expect(await makeHttp({ longestAnswer: 1_000 })(get(url))).toMatchObject({ kind: "answered" });
  });

  test("is packed although nobody asked for it", async () => {
    const served = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("{}"));
    });

    expect(await makeHttp()(get(served.url))).toEqual({ kind: "unknown", why: "encoded" });
  });

  test.each([
    ["no words of HTTP", "220 mail.example ESMTP\r\n\r\n", "HPE_INVALID_CONSTANT"],
    ["a status that is no number", "HTTP/1.1 banana OK\r\n\r\n", "HPE_INVALID_STATUS"],
    ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HPE_INVALID_CONTENT_LENGTH"],
    [
      "two lengths at once",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HPE_INVALID_TRANSFER_ENCODING",
    ],
    [
      "a chunk of no length",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HPE_INVALID_CHUNK_SIZE",
    ],
    ["a head without an end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}`, "HPE_HEADER_OVERFLOW"],
  ])("is %s", async (_, text, why) => {
    const { url } = await serveRaw(answerRaw(text));

    expect(await makeHttp()(get(url))).toEqual({
      kind: "unknown",
      why: expect.stringMatching(`^(${why}|HPE_)`),
    });
  });
});

describe("a connection", () => {
  test.each<[string, (socket: Socket) => void]>([
    ["reset after the request", (socket) => void socket.resetAndDestroy()],
    ["closed without a word", (socket) => void socket.end()],
    [
      "reset within the head",
      (socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-", () => socket.resetAndDestroy()),
    ],
    [
      "closed within the body",
      (socket) =>
        void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", () => socket.destroy()),
    ],
    [
      "closed within a chunk",
      (socket) =>
        void socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", () =>
          socket.destroy(),
        ),
    ],
  ])("that is %s leaves open what became of the call, which is not made again", async (_, act) => {
    const served = await serveRaw(act);

    expect(await makeHttp()(post(served.url))).toEqual({ kind: "unknown", why: "ECONNRESET" });
    expect(served.opened).toHaveLength(1);
  });

  test("that is refused has taken nothing", async () => {
    const { url } = await serve(() => {});
    for (const close of closers.splice(0)) await close();

    expect(await makeHttp()(post(url))).toEqual({ kind: "not-sent", why: "ECONNREFUSED" });
  });

  test("to a name that nobody has takes nothing", async () => {
    const outcome = await makeHttp()(post("http://openbell.invalid/"));

    expect(outcome).toEqual({ kind: "not-sent", why: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
  });

  test("of one call is not another's, unless both may share one", async () => {
    const served = await serve((_, response) => void response.end());
    const http = makeHttp();

    for (let call = 0; call < 3; call += 1) await http(get(served.url));
    expect(served.opened).toHaveLength(3);
    for (let call = 0; call < 3; call += 1) await http(get(served.url, { reuse: true }));
    expect(served.opened).toHaveLength(4);
    await http(post(served.url));
    expect(served.opened).toHaveLength(5);
    await vi.waitFor(() => expect(served.closed).toHaveLength(4));
  });

  test.runIf(hasIPv6())("goes to an address of either kind, and to a name", async () => {
    const [four, six] = [await serve(ok), await serve(ok, "::1")];
    const http = makeHttp();

    for (const url of [four.url, six.url, `http://localhost:${four.port}/`]) {
      expect(await http(get(url))).toMatchObject({ kind: "answered", text: "ok" });
    }
  });
});

describe("a connection that was kept", () => {
  const kept = async (act: (socket: Socket, count: number) => void) => {
    let count = 0;
    const served = await listen(
      createTcpServer((socket) => socket.on("data", () => act(socket, ++count))).on("error", () => {}),
    );
    const http = makeHttp();
    const answered = { kind: "answered", status: 200 };
    expect(await http(get(served.url, { reuse: true }))).toMatchObject(answered);
    return { ...served, http, answered, count: () => count };
  };
  const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  test("and that the server has closed since is not used: the call gets a new one", async () => {
    const { http, url, opened, closed, answered, count } = await kept((socket) => socket.write(OK));
    opened[0]!.end();
    await vi.waitFor(() => expect(closed).toHaveLength(1));

    expect(await http(post(url, { reuse: true }))).toMatchObject(answered);
    expect([count(), opened.length]).toEqual([2, 2]);
  });

  test("and that the server closes while the call is on its way leaves open what became of it, once", async () => {
    const { http, url, opened, count } = await kept((socket) => socket.write(OK));

    // The two pass each other: neither knows of the other yet.
    opened[0]!.resetAndDestroy();
    const outcome = await http(post(url, { reuse: true }));

    expect(outcome).toEqual({ kind: "unknown", why: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) });
    expect([count(), opened.length]).toEqual([1, 1]);
  });

  test("and on which the server hears a call and closes is not followed by another call", async () => {
    const { http, url, opened, count } = await kept((socket, nth) => {
      if (nth === 1) socket.write(OK);
      else socket.destroy();
    });

    expect(await http(post(url, { reuse: true }))).toEqual({ kind: "unknown", why: "ECONNRESET" });
    expect([count(), opened.length]).toEqual([2, 1]);
  });

  test("and on which something comes that nobody asked for is thrown away", async () => {
    const { http, url, opened, closed, answered } = await kept((socket) => socket.write(OK));
    opened[0]!.write(OK);
    await vi.waitFor(() => expect(closed).toHaveLength(1));

    expect(await http(get(url, { reuse: true }))).toMatchObject(answered);
    expect(opened).toHaveLength(2);
  });
});

describe("a time limit", () => {
  test.each<[string, (socket: Socket) => void]>([
    ["never answers", () => {}],
    ["stops within its head", answerRaw("HTTP/1.1 200 OK\r\nContent-")],
    ["stops within its body", answerRaw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")],
  ])(
    "gives up a server that %s, not knowing what became of the call, and closes the connection",
    async (_, act) => {
      let isHeard = false;
      const served = await serveRaw((socket) => {
        isHeard = true;
        act(socket);
      });
      let outcome: unknown;
      const asked = makeHttp()(post(served.url, { timeoutMs: 1_000 })).then((one) => {
        outcome = one;
      });
      await vi.waitFor(() => expect(isHeard).toBe(true));

      await timers.advance(999);
      expect(outcome).toBeUndefined();
      await timers.advance(1);
      await asked;

      expect(outcome).toEqual({ kind: "unknown", why: "timeout" });
      await vi.waitFor(() => expect(served.closed).toHaveLength(1));
    },
  );

  test("that ends a handshake has sent nothing, and sends nothing later", async () => {
    let calls = 0;
    const inner = await listen(
      createHttpsServer(authority.certificate, (_, response) => {
        calls += 1;
        response.end();
      }),
    );
    const front = await listen(createTcpServer({ pauseOnConnect: true }));
    const asked = makeHttp({ ca: authority.ca })(
      post(`https://127.0.0.1:${front.port}/`, { timeoutMs: 1_000 }),
    );
    await vi.waitFor(() => expect(front.opened).toHaveLength(1));
    await timers.advance(1_000);
    expect(await asked).toEqual({ kind: "not-sent", why: "timeout" });

    // The server shakes hands after all.
    const [socket] = front.opened;
    socket!.pipe(connect(inner.port, "127.0.0.1")).pipe(socket!);

    await vi.waitFor(() => expect(inner.closed).toHaveLength(1));
    expect(calls).toBe(0);
  });

  test.each(["a no", "a fault"])("%s in the moment before the bytes leave has sent nothing", async (what) => {
    let calls = 0;
    const count: RequestListener = (_, response) => {
      calls += 1;
      response.end();
    };
    const served = await listen(createHttpsServer(authority.certificate, count));
    const asked: number[] = [];
    const mayLeave = () => {
      asked.push(served.opened.length);
      if (what === "a fault") throw new Error("a fault of whoever asks");
      return false;
    };
    const url = `https://127.0.0.1:${served.port}/`;
    const outcome = await makeHttp({ ca: authority.ca })(post(url, { mayLeave }));

    expect(outcome).toEqual({ kind: "not-sent", why: "withheld" });
    expect(asked).toEqual([1]);
    await vi.waitFor(() => expect(served.closed).toHaveLength(1));
    expect(calls).toBe(0);
  });

  test("of the dialling has sent nothing", async () => {
    const served = await serveRaw(() => {});
    const asked = makeHttp({ connectTimeoutMs: 300 })(post(`https://127.0.0.1:${served.port}/`));
    await vi.waitFor(() => expect(served.opened).toHaveLength(1));

    await timers.advance(300);

    expect(await asked).toEqual({ kind: "not-sent", why: "CONNECT_TIMEOUT" });
    await vi.waitFor(() => expect(served.closed).toHaveLength(1));
  });
});

describe("by TLS", () => {
  const serveTls = async () => {
    let calls = 0;
    const served = await listen(
      createHttpsServer(authority.certificate, (_, response) => {
        calls += 1;
        response.end("ok");
      }),
    );
    return { ...served, url: `https://127.0.0.1:${served.port}/`, calls: () => calls };
  };

  test("a server of a trusted authority is spoken to, and a read leaves the connection for the next", async () => {
    const served = await serveTls();
    const http = makeHttp({ ca: authority.ca });

    expect(await http(get(served.url, { reuse: true }))).toMatchObject({ kind: "answered", text: "ok" });
    expect(await http(get(served.url, { reuse: true }))).toMatchObject({ kind: "answered", text: "ok" });
    expect(await http(post(served.url))).toMatchObject({ kind: "answered", text: "ok" });
    expect([served.calls(), served.opened.length]).toEqual([3, 2]);
  });

  test.each([{}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }])(
    "a certificate of nobody known ends the call before a byte of it has left, whatever the environment says (%j)",
    async (environment) => {
      for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
      const served = await serveTls();

      const outcome = await makeHttp()(post(served.url));
      vi.unstubAllEnvs();

      expect(outcome).toEqual({
        kind: "not-sent",
        why: expect.stringMatching(/^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/),
      });
      expect(served.calls()).toBe(0);
    },
  );

  test("a certificate of another name ends the call before a byte of it has left", async () => {
    const served = await serveTls();

    // The same machine by an address that the certificate does not name.
    const outcome = await makeHttp({ ca: authority.ca })(post(served.url.replace("127.0.0.1", "127.0.0.2")));

    expect(outcome).toEqual({
      kind: "not-sent",
      why: expect.stringMatching(/^(ERR_TLS_CERT_ALTNAME_INVALID|ECONNREFUSED)$/),
    });
    expect(served.calls()).toBe(0);
  });

  test("a connection that breaks within the handshake has taken nothing", async () => {
    const served = await serveRaw((socket) => void socket.resetAndDestroy());

    const outcome = await makeHttp()(post(`https://127.0.0.1:${served.port}/`));

    expect(outcome).toEqual({ kind: "not-sent", why: "ECONNRESET" });
  });
});

let authority: { readonly ca: string; readonly certificate: { readonly key: string; readonly cert: string } };
beforeAll(async () => {
  const nowhere = { load: () => undefined, save: () => undefined };
  const { ca, server } = await openAuthority({ certificate: nowhere, keys: nowhere }, Date.now());
  authority = { ca, certificate: server };
});

const ok: RequestListener = (_, response) => void response.end("ok");

function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((one) => one?.some(({ address }) => address === "::1"));
}
