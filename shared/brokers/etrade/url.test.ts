import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodePathSegment, joinUrl, percentEncode, withQuery } from "./url.ts";

test("everything but letters, digits and -._~ is encoded", () => {
  expect(percentEncode("aZ09-._~ !'()*,:/+=&?#é")).toBe(
    "aZ09-._~%20%21%27%28%29%2A%2C%3A%2F%2B%3D%26%3F%23%C3%A9",
  );
});

test("colons and commas stay as they are in a path, and are encoded in a query", () => {
  const symbols = "AAPL:2026:1:16:CALL:250,MSFT";

  expect(encodePathSegment(symbols)).toBe(symbols);
  expect(withQuery("https://a.test/", { symbol: "AAPL,MSFT" })).toBe("https://a.test/?symbol=AAPL%2CMSFT");
});

test.each([
  ["https://API.etrade.com", "/v1"],
  ["https://api.etrade.com:443", "/v1"],
  ["https://api.etrade.com", "/v1/../v2"],
  ["https://api.etrade.com", "/v1/a b"],
  ["https://api.etrade.com", "/v1?a=b"],
  ["api.etrade.com", "/v1"],
])("the address %s%s is not taken, because it would not be sent as it stands", (root, path) => {
  expect(() => joinUrl(root, path)).toThrow(RangeError);
});

test("a server receives path and query byte for byte as they were built", async () => {
  const received: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    received.push(request.url);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  try {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.string(), async (segment, value) => {
        const path = `/v1/market/quote/${encodePathSegment(segment)}.json`;
        const url = withQuery(joinUrl(root, path), { q: value });

        await (await fetch(url)).text();

        expect(root + received.at(-1)).toBe(url);
      }),
      { numRuns: 60 },
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
