import fc from "fast-check";
import { expect, test } from "vitest";
import { isFromOwnPage, type PageFacts } from "./own-page.ts";

const OPTIONS = { publicOrigin: "https://openbell.example", trustedProxyHops: 1 };
const facts = (over: Partial<PageFacts> = {}): PageFacts => ({
  origin: undefined,
  fetchSite: undefined,
  host: "run.internal",
  forwardedHost: "openbell.example",
  ...over,
});

test.each([
  ["no header at all", {}, true],
  ["the public origin", { origin: "https://openbell.example" }, true],
  ["a user's own doing", { fetchSite: "none" }, true],
  [
    "the host that Hosting was called by",
    { origin: "https://second.example", forwardedHost: "second.example" },
    true,
  ],
  ["the host behind the proxy", { origin: "https://run.internal" }, false],
  ["the same host over plain HTTP", { origin: "http://openbell.example" }, false],
  ["another site", { origin: "https://evil.example" }, false],
  ["an opaque origin", { origin: "null" }, false],
  ["an empty origin", { origin: "" }, false],
  [
    "our origin, fetched across sites",
    { origin: "https://openbell.example", fetchSite: "cross-site" },
    false,
  ],
] as const)("%s: %o is own = %s", (_what, over, isOwn) => {
  expect(isFromOwnPage(facts(over), OPTIONS)).toBe(isOwn);
});

test("without a proxy in front, a forwarded host is not believed", () => {
  const asked = facts({ origin: "https://second.example", forwardedHost: "second.example" });

  expect(isFromOwnPage(asked, { ...OPTIONS, trustedProxyHops: 0 })).toBe(false);
});

test("no origin other than the public one and the host's is ever own", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl(),
        fc.string(),
        fc.domain().map((d) => `https://${d}`),
      ),
      (origin) => {
        fc.pre(origin !== "https://openbell.example");

        expect(isFromOwnPage(facts({ origin }), OPTIONS)).toBe(false);
      },
    ),
  );
});
