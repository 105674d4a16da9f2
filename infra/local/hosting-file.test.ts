import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { createHosting } from "./hosting.ts";
import { quietLog } from "./quiet-log.ts";
import { closeServer } from "./services.ts";
import { callRaw, listenAnywhere, type RawRequest } from "./testing/raw-http.ts";

const PAGE = `<!doctype html><title>Page</title>${"<p>again</p>".repeat(50)}`;
let folder: { readonly path: string; remove(): void };
let server: Server;
let port: number;

beforeEach(async () => {
  folder = makeTemporaryFolder();
  const at = (name: string) => join(folder.path, name);
  mkdirSync(at("public/assets/deep"), { recursive: true });
  writeFileSync(at("secret.txt"), "CANARY");
  mkdirSync(at("public-other"));
  writeFileSync(at("public-other/secret.txt"), "CANARY");
  writeFileSync(at("public/index.html"), PAGE);
  writeFileSync(at("public/.hidden"), "CANARY");
  writeFileSync(at("public/assets/a b.js"), "let a = 1;");
  writeFileSync(at("public/assets/dot.png"), "png");
  writeFileSync(at("public/assets/odd"), "odd");
  const hosting = createHosting({
    root: folder.path,
    log: quietLog,
    addressOf: () => undefined,
    config: {
      public: "public/",
      ignore: ["**/.*"],
      cleanUrls: false,
      headers: [
        { source: "**", headers: [{ key: "Cache-Control", value: "no-cache" }] },
        { source: "/assets/**", headers: [{ key: "Cache-Control", value: "immutable" }] },
      ],
      rewrites: [
        { source: "/assets/**", destination: "/missing.html" },
        { source: "**", destination: "/index.html" },
      ],
    },
  });
  server = createServer((request, response) => void hosting(request, response));
  port = await listenAnywhere(server);
});
afterEach(async () => {
  await closeServer(server);
  folder.remove();
});

const call = (path: string, rest: Omit<RawRequest, "path"> = {}) => callRaw(port, { path, ...rest });

test.each([
  "/",
  "/index.html",
  "/any/page",
  "/any/page/",
  "/assets",
  "/page?x=/../..",
  "/%D0%B6",
  "/?",
  "//",
  "//elsewhere.example/x",
])("%s shows the page", async (path) => {
  const answer = await call(path);

  expect(answer.status).toBe(200);
  expect(answer.body.toString()).toBe(PAGE);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(answer.headers["cache-control"]).toBe("no-cache");
});

test("a file wins over the rewrites and carries its own headers", async () => {
  const script = await call("/assets/a%20b.js?v=1");
  const image = await call("/assets/dot.png");
  const odd = await call("/assets/odd");

  expect(script.body.toString()).toBe("let a = 1;");
  expect(script.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "immutable",
    "content-length": "10",
  });
  expect(image.headers["content-type"]).toBe("image/png");
  expect(odd.headers["content-type"]).toBe("application/octet-stream");
});

test.each(["/assets/missing.js", "/assets/", "/assets/deep/", "/assets/deep"])(
  "%s, which no file and no fallback stands behind, is a 404 that nobody keeps",
  async (path) => {
    const answer = await call(path);

    expect(answer.status).toBe(404);
    expect(answer.headers["cache-control"]).toBe("no-store");
  },
);

test.each([
  "/../secret.txt",
  "/..%2fsecret.txt",
  "/%2e%2e/secret.txt",
  "/%2e%2e%2fpublic-other/secret.txt",
  "/assets/../../secret.txt",
  "/assets/..%5c..%5csecret.txt",
  "/index.html%00",
  "/%00",
  "/%",
  "/%zz",
  "/%ff",
  "http://elsewhere.example/index.html",
  "*",
])("%s is a bad request", async (path) => {
  const answer = await call(path);

  expect(answer.status).toBe(400);
  expect(answer.body.toString()).toBe("400\n");
});

test.each(["/%2e%2e%2e/secret.txt", "/....//secret.txt", "/%252e%252e/secret.txt", "/.hidden", "/%2ehidden"])(
  "%s does not lead out of the page or to what is not deployed",
  async (path) => {
    expect((await call(path)).body.toString()).toBe(PAGE);
  },
);

test("an encoded slash is a slash", async () => {
  expect((await call("/assets%2fdot.png")).body.toString()).toBe("png");
});

test("text goes compressed to who takes gzip, and caches are told that it depends", async () => {
  const compressed = await call("/", { headers: { "accept-encoding": "br;q=1, GZIP;q=0.5" } });

  expect(compressed.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
  expect(Number(compressed.headers["content-length"])).toBe(compressed.body.byteLength);
  expect(gunzipSync(compressed.body).toString()).toBe(PAGE);
});

test.each(["", "br", "gzip;q=0", "gzip; q=0.000", "x-gzipped"])(
  "who sends accept-encoding %j gets plain text",
  async (accepted) => {
    const answer = await call("/", { headers: { "accept-encoding": accepted } });

    expect(answer.headers["content-encoding"]).toBeUndefined();
    expect(answer.headers.vary).toBe("accept-encoding");
    expect(answer.body.toString()).toBe(PAGE);
  },
);

test("images are not compressed again", async () => {
  const answer = await call("/assets/dot.png", { headers: { "accept-encoding": "gzip" } });

  expect(answer.headers["content-encoding"]).toBeUndefined();
});

test("HEAD says what GET would, without the body", async () => {
  for (const headers of [{}, { "accept-encoding": "gzip" }]) {
    const got = await call("/", { headers });
    const head = await call("/", { method: "HEAD", headers });

    const { date: _sent, ...facts } = head.headers;
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    expect(got.headers).toMatchObject(facts);
  }
});

test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])(
  "%s on a page is a 405 that names what goes",
  async (method) => {
    const answer = await call("/", { method });

    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD");
  },
);

test("who has the file already is told so, until it changes", async () => {
  const { headers } = await call("/");
  const tag = String(headers.etag);

  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const again = await call("/", { headers: { "if-none-match": known } });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    expect(again.headers).toMatchObject({ etag: tag, "cache-control": "no-cache", vary: "accept-encoding" });
  }
  writeFileSync(join(folder.path, "public/index.html"), PAGE.replace("Page", "Edit"));
  const changed = await call("/", { headers: { "if-none-match": tag } });
  expect(changed.status).toBe(200);
  expect(changed.headers.etag).not.toBe(tag);
});

test("the compressed and the plain form are not taken for each other", async () => {
  const plain = await call("/");
  const compressed = await call("/", { headers: { "accept-encoding": "gzip" } });

  expect(compressed.headers.etag).not.toBe(plain.headers.etag);
});
