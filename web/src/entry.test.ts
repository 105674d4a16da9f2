import { expect, test } from "vitest";
import { readEntry } from "./entry.ts";

const at = (address: string) => readEntry(new URL(address, "https://openbell.example"));

test("a link carries its code in the fragment", () => {
  expect(at("/#c=aB3-_x")).toEqual({ kind: "code", code: "aB3-_x" });
});

test("an escaped code is read as it was made, and a badly escaped one as it stands", () => {
  expect(at("/#c=a%2Bb")).toEqual({ kind: "code", code: "a+b" });
  expect(at("/#c=100%")).toEqual({ kind: "code", code: "100%" });
});

test.each(["/", "/#", "/#c=", "/#other=1", "/?c=code"])("%s is a plain visit", (address) => {
  expect(at(address)).toEqual({ kind: "plain" });
});

test("the broker's way back carries token and code", () => {
  const entry = at("/callback/etrade?oauth_token=a%2Fb%3D&oauth_verifier=AB12C");

  expect(entry).toEqual({ kind: "callback", requestToken: "a/b=", verifier: "AB12C" });
});

test("a bare plus in the broker's token stays a plus", () => {
  const entry = at("/callback/etrade?oauth_token=a+b/c=&oauth_verifier=AB12C");

  expect(entry).toEqual({ kind: "callback", requestToken: "a+b/c=", verifier: "AB12C" });
});

test.each(["?oauth_token=t", "?oauth_verifier=v", "?oauth_token=&oauth_verifier=v", ""])(
  "a way back with %s is a plain visit",
  (query) => {
    expect(at(`/callback/etrade${query}`)).toEqual({ kind: "plain" });
  },
);

test("token and code on another path are a plain visit", () => {
  expect(at("/?oauth_token=t&oauth_verifier=v")).toEqual({ kind: "plain" });
});

test("the broker's redirect leads back with an outcome and without a code", () => {
  expect(at("/#connected=ctrader-demo&generation=3")).toEqual({
    kind: "landing",
    landing: { connected: "ctrader-demo", generation: 3 },
  });
  expect(at("/#failed=LOGIN_DENIED&connection=ctrader-demo")).toEqual({
    kind: "landing",
    landing: { failed: "LOGIN_DENIED", connection: "ctrader-demo" },
  });
  expect(at("/#failed=PIN_REFUSED")).toEqual({ kind: "landing", landing: { failed: "PIN_REFUSED" } });
});

test.each([
  "/#connected=",
  "/#connected=a",
  "/#connected=a&generation=0",
  "/#connected=a&generation=x",
  "/#failed=",
  "/#failed=<b>no</b>",
  "/#failed=Your account is closed",
])("%s is a plain visit", (address) => {
  expect(at(address)).toEqual({ kind: "plain" });
});
