import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRecordedLog } from "../../shared/platform/local/recorded-log.ts";
import { createHosting } from "./hosting.ts";
import { closeServer } from "./services.ts";
import { callRaw, callWithBytes, listenAnywhere, type RawRequest } from "./testing/raw-http.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let serve: Handler;
let service: Server;
let front: Server;
let servicePort: number;
let frontPort: number;
let time: AbortController;
let recorded: ReturnType<typeof createRecordedLog>;
/** Resolves when the hosting is done with the newest request. */
let done: Promise<void>;

beforeEach(async () => {
  serve = (_request, response) => response.end("fine");
  service = createServer((request, response) => serve(request, response));
  servicePort = await listenAnywhere(service);
  time = new AbortController();
  recorded = createRecordedLog();
  const hosting = createHosting({
    root: "nowhere",
    log: recorded.log,
    addressOf: (name) => (name === "console" ? { host: "127.0.0.1", port: servicePort } : undefined),
    beginTime: () => time.signal,
    config: {
      public: "public",
      ignore: [],
      cleanUrls: false,
      headers: [{ source: "**", headers: [{ key: "X-Page", value: "yes" }] }],
      rewrites: [
        { source: "/away/**", run: { serviceId: "away", region: "r" } },
        { source: "**", run: { serviceId: "console", region: "r" } },
      ],
    },
  });
  front = createServer((request, response) => {
    done = hosting(request, response);
  });
  frontPort = await listenAnywhere(front);
});
afterEach(async () => {
  await closeServer(front);
  await closeServer(service);
});

const call = (path: string, rest: Omit<RawRequest, "path"> = {}) => callRaw(frontPort, { path, ...rest });

/** What the service was sent. */
async function sent(wanted: RawRequest): Promise<IncomingMessage> {
  let seen: IncomingMessage | undefined;
  serve = (incoming, response) => {
    seen = incoming;
    incoming.resume().on("end", () => response.end());
  };
  await callRaw(frontPort, wanted);
  if (seen === undefined) throw new Error("The service was not called.");
  return seen;
}

test("method, path, query and body arrive as they were sent", async () => {
  let body = "";
  serve = async (incoming, response) => {
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk as string;
    response.end(`${incoming.method} ${incoming.url}`);
  };

  const answer = await call("/api/a%2fb/?q=%20&q=2", { method: "PUT", body: '{"ж":1}' });

  expect(answer.body.toString()).toBe("PUT /api/a%2fb/?q=%20&q=2");
  expect(body).toBe('{"ж":1}');
});

test("only the session's cookie passes", async () => {
  const cookie = "a=1; __session=one.two=; __session2=x; x__session=y;  b=__session=z";

  expect((await sent({ path: "/", headers: { cookie } })).headers.cookie).toBe("__session=one.two=");
  expect((await sent({ path: "/", headers: { cookie: "a=1" } })).headers.cookie).toBeUndefined();
});

test("the client's address is appended to what it claims, and the host it used is told", async () => {
  const forged = {
    "x-forwarded-for": "1.2.3.4",
    "x-forwarded-host": "elsewhere.example",
    host: "page.example",
  };

  const { headers } = await sent({ path: "/", headers: forged });
  const plain = await sent({ path: "/" });

  expect(headers["x-forwarded-for"]).toBe("1.2.3.4, 127.0.0.1");
  expect(headers["x-forwarded-host"]).toBe("page.example");
  expect(headers.host).toBe(`127.0.0.1:${servicePort}`);
  expect(plain.headers["x-forwarded-for"]).toBe("127.0.0.1");
});

test("headers of the client's connection end here, also those that it names, but never the body's length", async () => {
  const headers = {
    connection: "close, X-Own, x-forwarded-for, content-length, Upgrade",
    "keep-alive": "timeout=9",
    "proxy-authorization": "Basic x",
    te: "trailers",
    upgrade: "websocket",
    "x-own": "1",
    "x-kept": "2",
    "content-length": "3",
  };

  const seen = await sent({ path: "/", headers, body: "abc" });

  for (const name of ["keep-alive", "proxy-authorization", "te", "upgrade", "x-own"]) {
    expect([name, seen.headers[name]]).toEqual([name, undefined]);
  }
  expect(seen.headers).toMatchObject({
    "x-kept": "2",
    "content-length": "3",
    "x-forwarded-for": "127.0.0.1",
  });
});

test("a body of a method that has none is not read as another request", async () => {
  const urls: string[] = [];
  serve = (incoming, response) => {
    urls.push(incoming.url ?? "");
    incoming.resume().on("end", () => response.end("fine"));
  };
  const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const size = smuggled.length.toString(16);

  const answer = await callWithBytes(
    frontPort,
    `GET /first HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${smuggled}\r\n0\r\n\r\n`,
  );

  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(urls).toEqual(["/first"]);
});

test("status, headers and all cookies come back, without the service's connection", async () => {
  serve = (_incoming, response) => {
    response.writeHead(418, {
      "set-cookie": ["a=1", "__session=2"],
      "x-own": "1",
      "x-hop": "2",
      connection: "keep-alive, x-hop",
      "keep-alive": "timeout=77",
      "cache-control": "no-store",
    });
    response.end("tea");
  };

  const answer = await call("/");

  expect(answer.status).toBe(418);
  expect(answer.headers).toMatchObject({ "set-cookie": ["a=1", "__session=2"], "x-own": "1" });
  expect(answer.headers["x-hop"]).toBeUndefined();
  expect(answer.headers["keep-alive"]).not.toBe("timeout=77");
  expect(answer.headers["x-page"]).toBeUndefined();
});

test("an answer to HEAD and a 304 have no body, and come whole", async () => {
  serve = (incoming, response) => {
    response.writeHead(incoming.url === "/same" ? 304 : 200, { etag: '"1"' });
    response.end();
  };

  expect(await call("/", { method: "HEAD" })).toMatchObject({ status: 200, headers: { etag: '"1"' } });
  expect(await call("/same")).toMatchObject({ status: 304, headers: { etag: '"1"' } });
});

test("large bodies stream through both ways", async () => {
  const large = Buffer.alloc(8_000_000, "openbell ");
  serve = (incoming, response) => void incoming.pipe(response);

  const answer = await call("/", { method: "POST", body: large });

  expect(answer.body.equals(large)).toBe(true);
});

test("an answer begins before it is complete", async () => {
  let finish = () => undefined as unknown;
  serve = (_incoming, response) => {
    response.write("first");
    finish = () => response.end("last");
  };

  const reading = request({ host: "127.0.0.1", port: frontPort, agent: false }).end();
  const [answer] = (await once(reading, "response")) as [IncomingMessage];
  const [first] = (await once(answer, "data")) as [Buffer];
  finish();
  const [last] = (await once(answer, "data")) as [Buffer];

  expect([first.toString(), last.toString()]).toEqual(["first", "last"]);
});

test("a service that does not run, or has gone away, is a 502 that nobody keeps", async () => {
  const unknown = await call("/away/x");
  await closeServer(service);
  const gone = await call("/api");

  for (const answer of [unknown, gone]) {
    expect(answer).toMatchObject({ status: 502, headers: { "cache-control": "no-store" } });
  }
  expect(recorded.lines).toEqual([
    { level: "warn", event: "service-unreachable", fields: { service: "console", code: "ECONNREFUSED" } },
  ]);
});

test("a service that hangs up without an answer is a 502", async () => {
  serve = (incoming) => incoming.destroy();

  expect((await call("/")).status).toBe(502);
});

test("a service that breaks off in the middle of its answer breaks it off for the client", async () => {
  serve = (_incoming, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("half", () => response.destroy());
  };

  await expect(call("/")).rejects.toThrow();
  await done;
});

test("when the time is over the client gets a whole 504 and the service is let go", async () => {
  const released = new Promise((resolve) => {
    serve = (incoming) => {
      incoming.on("close", resolve);
      time.abort();
    };
  });

  const answer = await call("/");

  expect(answer).toMatchObject({ status: 504, headers: { "cache-control": "no-store" } });
  expect(answer.body.toString()).toBe("504\n");
  await released;
  await done;
  expect(recorded.lines).toEqual([]);
});

test("an answer that goes on when the time is over is cut off", async () => {
  serve = (_incoming, response) => void response.write("first");
  const reading = request({ host: "127.0.0.1", port: frontPort, agent: false }).end();
  const [answer] = (await once(reading, "response")) as [IncomingMessage];
  await once(answer, "data");

  time.abort();

  await expect(once(answer.resume(), "end")).rejects.toThrow("aborted");
  await done;
});

test("a client that gives up while it waits takes the call to the service with it", async () => {
  const leaving = new AbortController();
  const released = new Promise((resolve) => {
    serve = (incoming) => {
      incoming.on("close", resolve);
      leaving.abort();
    };
  });

  await expect(fetch(`http://127.0.0.1:${frontPort}/`, { signal: leaving.signal })).rejects.toThrow();

  await released;
  await done;
  expect(recorded.lines).toEqual([]);
});

test("a client that breaks off in the middle of its body takes the call with it", async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    serve = (incoming) => {
      incoming.on("error", () => undefined).on("close", release);
      incoming.once("data", () => resolve());
    };
  });
  const socket = connect(frontPort, "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
  await begun;

  socket.destroy();

  await released;
  await done;
  serve = (_incoming, response) => response.end("still there");
  expect((await call("/")).body.toString()).toBe("still there");
});

test("a service that answers before the body is there has its answer passed on", async () => {
  serve = (_incoming, response) => {
    response.writeHead(413, { connection: "close" });
    response.end("too much");
  };

  const answer = await callWithBytes(
    frontPort,
    "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf",
  );

  expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*too much/);
});
