import { expect, test } from "vitest";
import { safeHref } from "./safe-href.ts";

test.each([
  "https://us.etrade.com/e/t/etws/authorize?key=k&token=a%2Bb",
  "http://127.0.0.1:8080/x",
  "http://localhost:8080/x",
  "http://[::1]:8080/x",
])("%s is fit for a link", (address) => {
  expect(safeHref(address)).toBe(address);
});

test.each([
  "javascript:alert(1)",
  " javascript:alert(1)",
  "data:text/html,x",
  "http://us.etrade.com/",
  "http://localhost.evil.example/",
  "//evil.example",
  "nonsense",
  "",
])("%s is not", (address) => {
  expect(safeHref(address)).toBeUndefined();
});
