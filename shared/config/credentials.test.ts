import { afterEach, beforeEach, expect, test } from "vitest";
import { openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { Secret } from "../platform/secret.ts";
import { brokerCredentialName, readBrokerKey, readCredential, replaceCredential } from "./credentials.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const replace = (text: string) => replaceCredential(house, "telegram-bot", Secret.of(text));
const read = async () => {
  const found = await readCredential(house, "telegram-bot");
  return found.ok ? found.value.reveal() : found.code;
};

/** The vault's other calls, to be spread beside a changed one. */
function boundTo(vault: TokenHouse["vault"]) {
  return {
    read: vault.read.bind(vault),
    destroy: vault.destroy.bind(vault),
    versions: vault.versions.bind(vault),
  };
}

test("what was never entered is missing, by its name", async () => {
  expect(await readCredential(house, "telegram-bot")).toMatchObject({
    code: "CREDENTIAL_MISSING",
    detail: { name: "telegram-bot" },
  });
});

test("the newest is in force and the ones before are gone", async () => {
  await replace("first");
  await replace("second");

  expect(await read()).toBe("second");
  expect(await house.vault.versions("telegram-bot")).toEqual([2]);
});

test("of several entered at once one stays in force and can be read", async () => {
  await Promise.all(["a", "b", "c", "d", "e", "f"].map(replace));

  expect(["a", "b", "c", "d", "e", "f"]).toContain(await read());
});

test("of two entered at once the later version stays in force, whoever notes it last", async () => {
  const slow: Pick<typeof house.vault, "add"> = {
    add: async (...given) => {
      const version = await house.vault.add(...given);
      await replace("second");
      return version;
    },
  };
  const vault = { ...slow, ...boundTo(house.vault) };

  await replaceCredential({ ...house, vault }, "telegram-bot", Secret.of("first"));

  expect(await read()).toBe("second");
});

test("a reader that a replacement overtakes gets the new one", async () => {
  await replace("first");
  const vault = {
    read: async (...given: Parameters<typeof house.vault.read>) => {
      if (given[1] === 1) await replace("second");
      return house.vault.read(...given);
    },
  };

  const found = await readCredential(
    { store: house.store, vault: { ...house.vault, ...vault } },
    "telegram-bot",
  );

  expect(found.ok && found.value.reveal()).toBe("second");
});

test("a broker's key is read whole, and what has another form is corrupt", async () => {
  const name = brokerCredentialName(house.connection.id);
  await replaceCredential(house, name, Secret.of(JSON.stringify({ key: "k", secret: "s" })));
  const whole = await readBrokerKey(house, house.connection.id);
  await replaceCredential(house, name, Secret.of("not JSON"));

  expect(whole.ok && [whole.value.key, whole.value.secret.reveal()]).toEqual(["k", "s"]);
  expect(await readBrokerKey(house, house.connection.id)).toMatchObject({ code: "VAULT_CORRUPT" });
});
