import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../platform/secret.ts";
import { packTokenPair, unpackTokenPair } from "./token.ts";

test("a packed pair comes out as it went in", () => {
  const text = fc.string({ minLength: 1 });

  fc.assert(
    fc.property(text, text, (token, tokenSecret) => {
      const packed = packTokenPair({ token, tokenSecret: Secret.of(tokenSecret) });

      const pair = unpackTokenPair(packed);

      expect([pair.token, pair.tokenSecret.reveal()]).toEqual([token, tokenSecret]);
    }),
  );
});

test.each([
  ["no JSON", "canary-token"],
  ["half a pair", '{"token":"canary-token"}'],
  ["an empty half", '{"token":"canary-token","tokenSecret":""}'],
  ["something more", '{"token":"canary-token","tokenSecret":"s","more":1}'],
])("a secret that holds %s throws without showing itself", (_name, text) => {
  const unpack = () => unpackTokenPair(Secret.of(text));

  expect(unpack).toThrow(RangeError);
  try {
    unpack();
  } catch (error) {
    expect(inspect(error, { depth: 9 })).not.toContain("canary");
  }
});
