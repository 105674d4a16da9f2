import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SecretManagerServer, startSecretManagerServer } from "./secret-manager-server.ts";

const parent = "projects/demo";
const secret = `${parent}/secrets/token`;

let server: SecretManagerServer;
let client: SecretManagerServiceClient;

beforeEach(async () => {
  server = await startSecretManagerServer({ pageSize: 2 });
  client = new SecretManagerServiceClient({ projectId: "demo", ...server.clientOptions });
  await client.createSecret({ parent, secretId: "token", secret: { replication: { automatic: {} } } });
});

afterEach(async () => {
  await client.close();
  await server.stop();
});

const add = (text: string): Promise<unknown> =>
  client.addSecretVersion({ parent: secret, payload: { data: Buffer.from(text) } });

test("latest is one version behind", async () => {
  await add("a");
  await expect(client.accessSecretVersion({ name: `${secret}/versions/latest` })).rejects.toMatchObject({
    code: status.NOT_FOUND,
  });

  await add("b");

  const [latest] = await client.accessSecretVersion({ name: `${secret}/versions/latest` });
  expect(String(latest.payload?.data)).toBe("a");
});

test("a payload that does not match its checksum is refused", async () => {
  const data = Buffer.from("hello");

  const attempt = client.addSecretVersion({ parent: secret, payload: { data, dataCrc32c: 1 } });

  await expect(attempt).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  const [right] = await client.addSecretVersion({
    parent: secret,
    payload: { data, dataCrc32c: "2591144780" },
  });
  expect(right.name).toBe(`${secret}/versions/1`);
});

test("a destroyed version can be neither read nor destroyed again", async () => {
  await add("a");
  const name = `${secret}/versions/1`;
  await client.destroySecretVersion({ name });

  const refusal = { code: status.FAILED_PRECONDITION };
  await expect(client.accessSecretVersion({ name })).rejects.toMatchObject(refusal);
  await expect(client.destroySecretVersion({ name })).rejects.toMatchObject(refusal);
});

test("a list comes in pages, the newest first", async () => {
  for (const text of ["a", "b", "c"]) await add(text);

  const [all] = await client.listSecretVersions({ parent: secret });

  expect(all.map(({ name }) => name?.split("/").at(-1))).toEqual(["3", "2", "1"]);
  expect(server.calls.filter((call) => call === "ListSecretVersions").length).toBe(2);
});

test("a second secret of one name, and a secret without automatic replication, are refused", async () => {
  const automatic = { replication: { automatic: {} } };

  await expect(client.createSecret({ parent, secretId: "token", secret: automatic })).rejects.toMatchObject({
    code: status.ALREADY_EXISTS,
  });
  await expect(client.createSecret({ parent, secretId: "other", secret: {} })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
  });
  await expect(client.getSecret({ name: `${parent}/secrets/other` })).rejects.toMatchObject({
    code: status.NOT_FOUND,
  });
});
