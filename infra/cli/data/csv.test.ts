import { expect, test } from "vitest";
import { csvLine } from "./csv.ts";

test("cells with commas, quotes and line ends are quoted, and a line ends with CR LF", () => {
  expect(csvLine(["a,b", 'say "no"', "two\nlines", "plain", ""])).toBe(
    '"a,b","say ""no""","two\nlines",plain,\r\n',
  );
});

test("what is missing is an empty cell", () => {
  expect(csvLine([undefined, "x", undefined])).toBe(",x,\r\n");
});

test.each([
  ["=1+1", "'=1+1"],
  ["+44 20", "'+44 20"],
  ["-1+1|cmd", "'-1+1|cmd"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["\r=1", `"'\r=1"`],
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
])("the text %j is not run as a formula", (text, cell) => {
  expect(csvLine([text])).toBe(`${cell}\r\n`);
});

test.each(["-0.5", "-12", "0.00000001", "123456789012345678901234567890.5"])(
  "the number %s stays plain",
  (text) => {
    expect(csvLine([text])).toBe(`${text}\r\n`);
  },
);
