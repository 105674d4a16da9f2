import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { openAuthority } from "../../../infra/sandbox/ctrader/authority.ts";
import { postJson } from "./post-json.ts";

async function listen(server: Server): Promise<{ port: number } & AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const serve = (act: RequestListener) => listen(createHttpServer(act));

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

test("the body goes out as JSON, with letters of every kind, and the answer is read whatever its status", async () => {
  const heard: string[] = [];
  await using server = await serve((request, response) => {
    void textOf(request).then((text) => {
      heard.push(`${request.method} ${request.url} ${request.headers["content-type"]} ${text}`);
      response.writeHead(403).end('{"no":"é€"}');
    });
  });

  const answer = await postJson(new URL(`http://127.0.0.1:${server.port}/a/b`), { text: "é€😀" }, 2_000);

  expect(answer).toEqual({ kind: "answered", body: { no: "é€" } });
  expect(heard).toEqual(['POST /a/b application/json {"text":"é€😀"}']);
});

test("each call opens a connection of its own", async () => {
  const ports = new Set<number | undefined>();
  await using server = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end("{}");
  });
  const url = new URL(`http://127.0.0.1:${server.port}/`);

  await postJson(url, {}, 2_000);
  await postJson(url, {}, 2_000);

  expect(ports.size).toBe(2);
});

test("a certificate of an authority that is not trusted ends the call before the body has left", async () => {
  const nowhere = { load: () => undefined, save: () => undefined };
  const { server: certificate } = await openAuthority({ certificate: nowhere, keys: nowhere }, Date.now());
  let calls = 0;
  await using server = await listen(
    createHttpsServer(certificate, (_request, response) => {
      calls += 1;
      response.end("{}");
    }),
  );

  const answer = await postJson(new URL(`https://127.0.0.1:${server.port}/`), {}, 2_000);

  expect(answer).toEqual({
    kind: "broken",
    code: expect.stringMatching(/^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/),
  });
  expect(calls).toBe(0);
});

test.each<[string, RequestListener, string | undefined]>([
  ["in no words of JSON", (_request, response) => void response.end("<html>"), undefined],
  ["half of what it promised", halve, "ECONNRESET"],
  ["never", () => undefined, undefined],
  ["with a head and then nothing", (_request, response) => response.flushHeaders(), undefined],
])("a call is broken when the server answers %s", async (_title, act, code) => {
  await using server = await serve(act);

  const answer = await postJson(new URL(`http://127.0.0.1:${server.port}/`), {}, 150);

  expect(answer).toEqual({ kind: "broken", code });
});

function halve(...[, response]: Parameters<RequestListener>) {
  response.writeHead(200, { "content-length": 9 });
  response.write("{", () => response.destroy());
}
