import { expect, test } from "vitest";
import { readView } from "./view-address.ts";

test.each([
  ["#trading", "trading"],
  ["#morning", "morning"],
  ["", undefined],
  ["#c=code", undefined],
  ["#trading=1", undefined],
])("the fragment %j names the view %s", (hash, view) => {
  expect(readView(hash)).toBe(view);
});
