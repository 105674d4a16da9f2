import { afterEach, beforeEach, expect, test } from "vitest";
import { logIn, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { tokens } from "./records.ts";
import { noteUse } from "./token-use.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

test("a use that is noted late does not make the token look less used", async () => {
  const { connection, generation, issuedAt } = await logIn(house);
  const key = { connection, generation };

  await noteUse(house.parts(), key, { at: issuedAt.add({ minutes: 10 }), isRenewal: false });
  await noteUse(house.parts(), key, { at: issuedAt.add({ minutes: 5 }), isRenewal: false });

  const record = await house.store.get(tokens, connection);
  expect(record?.lastUsedAt).toEqual(issuedAt.add({ minutes: 10 }));
});
