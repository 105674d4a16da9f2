/** Google's credentials out of a bundle, from which those of other clouds are left out. */

import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { bundle } from "./bundle.ts";

const LIBRARY = join(import.meta.dirname, "../../node_modules/google-auth-library/build/src/index.js");
const PROGRAM = `
import { GoogleAuth } from ${JSON.stringify(LIBRARY)};
const auth = new GoogleAuth({ scopes: "https://www.googleapis.com/auth/pubsub" });
auth.useJWTAccessWithScope = true;
auth.defaultServicePath = "pubsub.googleapis.com";
const client = await auth.getClient();
const headers = await client.getRequestHeaders("https://pubsub.googleapis.com/");
const said = {
  universe: await auth.getUniverseDomain(),
  authorization: headers.get("authorization"),
  // Node's fetch is 13 MiB, and comes with each of its names.
  isFetchLoaded: process.moduleLoadList.some((one) => one.includes("undici")),
};
console.log(JSON.stringify(said));
`;

const folder = makeTemporaryFolder();
const program = join(folder.path, "out", "program.mjs");
beforeAll(async () => {
  writeFileSync(join(folder.path, "program.ts"), PROGRAM);
  await bundle(join(folder.path, "program.ts"), join(folder.path, "out"));
});
afterAll(() => folder.remove());

async function run(environment: Readonly<Record<string, string>>): Promise<unknown> {
  const env = { PATH: process.env.PATH, HOME: folder.path, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
  return JSON.parse(stdout);
}

test("a token of the cloud's metadata server is asked for and sent", async () => {
  const asked: string[] = [];
  const server = createServer(({ url = "", headers }, response) => {
    asked.push(`${url.split("?")[0]} ${String(headers["metadata-flavor"])}`);
    response.setHeader("metadata-flavor", "Google");
    if (url.includes("/token")) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ access_token: "t0ken", expires_in: 3_600, token_type: "Bearer" }));
    } else if (url.includes("universe")) response.writeHead(404).end();
    else response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const said = await run({ GCE_METADATA_HOST: `127.0.0.1:${port}` });
  server.close();

  expect(said).toEqual({ universe: "googleapis.com", authorization: "Bearer t0ken", isFetchLoaded: false });
  expect(asked).toContain("/computeMetadata/v1/instance/service-accounts/default/token Google");
});

test("a key file signs by itself", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const file = join(folder.path, "key.json");
  const key = {
    type: "service_account",
    client_email: "worker@demo.iam.gserviceaccount.com",
    private_key_id: "1",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
  writeFileSync(file, JSON.stringify(key));

  expect(await run({ GOOGLE_APPLICATION_CREDENTIALS: file })).toEqual({
    universe: "googleapis.com",
    authorization: expect.stringMatching(/^Bearer ey[\w-]+\.[\w-]+\.[\w-]+$/),
    isFetchLoaded: false,
  });
});
