import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type SecretManagerServer,
  startSecretManagerServer,
} from "../../../tests/support/secret-manager/secret-manager-server.ts";
import { vaultContract } from "../contracts/vault.contract.ts";
import { Secret } from "../secret.ts";
import { createSecretManagerVault, type SecretManagerVault } from "./secret-manager-vault.ts";

async function aVault(): Promise<{ server: SecretManagerServer; vault: SecretManagerVault }> {
  const server = await startSecretManagerServer();
  return { server, vault: createSecretManagerVault({ projectId: "demo", client: server.clientOptions }) };
}

vaultContract({
  name: "Secret Manager",
  async make() {
    const { server, vault } = await aVault();
    return {
      vault,
      async close() {
        await vault.close();
        await server.stop();
      },
    };
  },
});

describe("Secret Manager vault", () => {
  let server: SecretManagerServer;
  let vault: SecretManagerVault;

  beforeEach(async () => {
    ({ server, vault } = await aVault());
  });

  afterEach(async () => {
    await vault.close();
    await server.stop();
  });

  const pathOf = (version: number): string => `projects/demo/secrets/token/versions/${version}`;

  test("a secret is created at its first version only", async () => {
    await vault.add("token", Secret.of("a"));
    await vault.add("token", Secret.of("b"));

    expect(server.calls).toEqual([
      ...["AddSecretVersion", "CreateSecret", "AddSecretVersion"],
      "AddSecretVersion",
    ]);
  });

  test("an add that fails throws and is not repeated", async () => {
    await vault.add("token", Secret.of("a"));
    server.failNext("AddSecretVersion", status.UNAVAILABLE);

    await expect(vault.add("token", Secret.of("b"))).rejects.toMatchObject({ code: status.UNAVAILABLE });

    expect(server.calls.length).toBe(4);
    expect(await vault.versions("token")).toEqual([1]);
  });

  test("an add whose answer was lost throws, is not repeated, and its version exists", async () => {
    await vault.add("token", Secret.of("a"));
    server.loseNextAnswer("AddSecretVersion");

    await expect(vault.add("token", Secret.of("b"))).rejects.toThrow("lost");

    expect(await vault.versions("token")).toEqual([1, 2]);
  });

  test("an error of an add does not show the secret", async () => {
    server.failNext("AddSecretVersion", status.INTERNAL);

    const error: unknown = await vault.add("token", Secret.of("canary-4711")).catch((reason) => reason);

    const seen = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error);
    expect(seen).toContain("INTERNAL");
    expect(seen).not.toContain("canary-4711");
  });

  test("an add whose checksum was not looked at throws", async () => {
    await vault.add("token", Secret.of("a"));
    server.forgetNextChecksum();

    await expect(vault.add("token", Secret.of("b"))).rejects.toThrow("checksum");
  });

  test("a payload that was changed in the vault is corrupt", async () => {
    await vault.add("token", Secret.of("a"));
    server.corrupt(pathOf(1));

    expect(await vault.read("token", 1)).toEqual({
      ok: false,
      code: "VAULT_CORRUPT",
      detail: { name: "token", version: 1 },
    });
  });

  test("a read survives a short outage", async () => {
    await vault.add("token", Secret.of("a"));
    server.failNext("AccessSecretVersion", status.UNAVAILABLE);

    const read = await vault.read("token", 1);

    expect(read.ok && read.value.reveal()).toBe("a");
  });

  test("a read that is refused throws", async () => {
    await vault.add("token", Secret.of("a"));
    server.failNext("AccessSecretVersion", status.PERMISSION_DENIED);

    await expect(vault.read("token", 1)).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  });

  test("a destruction whose answer was lost succeeds", async () => {
    await vault.add("token", Secret.of("a"));
    server.loseNextAnswer("DestroySecretVersion");

    await vault.destroy("token", 1);

    expect(await vault.versions("token")).toEqual([]);
  });

  test("a version that is no whole number from 1 throws before anything is called", async () => {
    for (const version of [0, -1, 1.5, Number.NaN, "latest" as never]) {
      await expect(vault.read("token", version)).rejects.toThrow(RangeError);
      await expect(vault.destroy("token", version)).rejects.toThrow(RangeError);
    }
    expect(server.calls).toEqual([]);
  });

  test("a vault that was never used closes without loading its client", async () => {
    const unused = createSecretManagerVault({ projectId: "demo" });

    await expect(unused.close()).resolves.toBeUndefined();
  });
});
