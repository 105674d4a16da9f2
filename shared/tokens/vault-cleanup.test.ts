import { afterEach, beforeEach, expect, test } from "vitest";
import { openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { Secret } from "../platform/secret.ts";
import { tokenSecretName } from "./token-payload.ts";
import { retireTokenVersions } from "./vault-cleanup.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

test("of the tokens up to the recorded one the last two stay, and those stored since are left alone", async () => {
  const name = tokenSecretName(house.connection.id);
  for (let version = 1; version <= 6; version += 1)
    await house.vault.add(name, Secret.of(`token-${version}`));

  await retireTokenVersions(house.vault, house.connection.id, 4);

  expect(await house.vault.versions(name)).toEqual([3, 4, 5, 6]);
});
