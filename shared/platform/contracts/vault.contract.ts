import { afterEach, beforeEach, describe, expect } from "vitest";
import { Secret } from "../secret.ts";
import type { SecretVault, SecretVersion } from "../vault.ts";
import { declareCases, type Gaps } from "./gaps.ts";

/** An adapter of the vault as its contract sees it; `make` gives an empty vault each time. */
export interface VaultUnderTest {
  readonly name: string;
  make(): Promise<{ readonly vault: SecretVault; close?(): Promise<void> }>;
  readonly gaps?: Gaps;
}

/** What every vault promises, whatever it is made of. */
export function vaultContract(adapter: VaultUnderTest): void {
  describe(`vault contract: ${adapter.name}`, () => {
    let vault: SecretVault;
    let close: (() => Promise<void>) | undefined;

    beforeEach(async () => {
      const made = await adapter.make();
      vault = made.vault;
      close = made.close?.bind(made);
    });

    afterEach(async () => {
      await close?.();
    });

    const add = (text: string, name = "contract-token"): Promise<SecretVersion> =>
      vault.add(name, Secret.of(text));

    const textOf = async (version: SecretVersion, name = "contract-token"): Promise<string> => {
      const read = await vault.read(name, version);
      return read.ok ? read.value.reveal() : read.code;
    };

    declareCases(adapter.gaps ?? {}, (test) => {
      test("versions count from 1", async () => {
        expect([await add("a"), await add("b"), await add("c")]).toEqual([1, 2, 3]);
      });

      test("a version is read by its number, right after it was added", async () => {
        const first = await add("first");
        const second = await add("second");

        expect(await textOf(second)).toBe("second");
        expect(await textOf(first)).toBe("first");
      });

      test("a payload comes back exactly", async () => {
        const payloads = [
          "x",
          " \t\r\n\u0000 ",
          "Grüße, 東京 🚀 e\u0301",
          '{"token":"a+b/c=","secret":"\\"%"}',
          "é".repeat(30_000),
        ];

        for (const payload of payloads) {
          const version = await add(payload);
          expect(await textOf(version)).toBe(payload);
        }
      });

      test("equal payloads are versions of their own", async () => {
        expect([await add("same"), await add("same")]).toEqual([1, 2]);
        expect(await vault.versions("contract-token")).toEqual([1, 2]);
      });

      test("a version that never was is missing", async () => {
        await add("a");

        expect(await textOf(2)).toBe("VAULT_VERSION_MISSING");
        expect(await textOf(1, "contract-unknown")).toBe("VAULT_VERSION_MISSING");
      });

      test("a destroyed version is missing, and the others stay", async () => {
        await add("a");
        await add("b");

        await vault.destroy("contract-token", 1);

        expect(await textOf(1)).toBe("VAULT_VERSION_MISSING");
        expect(await textOf(2)).toBe("b");
      });

      test("destroying what is destroyed or never was is no error", async () => {
        await add("a");
        await vault.destroy("contract-token", 1);

        await vault.destroy("contract-token", 1);
        await vault.destroy("contract-token", 7);
        await vault.destroy("contract-unknown", 1);

        expect(await textOf(1)).toBe("VAULT_VERSION_MISSING");
      });

      test("the number of a destroyed version is not given again", async () => {
        await add("a");
        await vault.destroy("contract-token", 1);

        expect(await add("b")).toBe(2);
      });

      test("the versions that are not destroyed are listed in ascending order", async () => {
        for (let n = 1; n <= 12; n += 1) await add(`v${n}`);
        for (const destroyed of [1, 2, 11]) await vault.destroy("contract-token", destroyed);

        await expect
          .poll(() => vault.versions("contract-token"), { timeout: 10_000 })
          .toEqual([3, 4, 5, 6, 7, 8, 9, 10, 12]);
        expect(await vault.versions("contract-unknown")).toEqual([]);
      });

      test("names are independent of each other", async () => {
        await add("a", "contract-one");
        await add("b", "contract-one");
        expect(await add("c", "contract-two")).toBe(1);

        await vault.destroy("contract-one", 1);

        expect(await textOf(1, "contract-two")).toBe("c");
        expect(await textOf(2, "contract-one")).toBe("b");
      });

      test("versions added at the same time are all kept under different numbers", async () => {
        const payloads = Array.from({ length: 8 }, (_, n) => `payload-${n}`);

        const versions = await Promise.all(payloads.map((payload) => add(payload)));

        expect([...versions].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        expect(await Promise.all(versions.map((version) => textOf(version)))).toEqual(payloads);
      });

      test("a name that the vault cannot hold throws a RangeError", async () => {
        for (const name of ["", "a/b", "a b", "ü", "x".repeat(256)]) {
          await expect(add("a", name)).rejects.toThrow(RangeError);
        }
        expect(await add("a", "x".repeat(255))).toBe(1);
      });
    });
  });
}
