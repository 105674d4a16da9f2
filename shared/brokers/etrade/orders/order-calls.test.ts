import { Decimal } from "decimal.js";
import { expect, test } from "vitest";
import { noAnswer, notSent } from "../../../platform/testing/http-answers.ts";
import type { AccountIdKey } from "../accounts.ts";
import { ACCESS_SECRET, aToken, isSigned, scripted } from "../testing/client.ts";
import { json, type ScriptedAnswer } from "../testing/fakes.ts";
import { unpackTokenPair } from "../token.ts";
import type { OrderRequest } from "./order-request.ts";

const access = { token: unpackTokenPair(aToken()), accountIdKey: "AbC-dEf_GhIjKlMnOpQrSt" as AccountIdKey };
const ROOT = "https://data.test/v1/accounts/AbC-dEf_GhIjKlMnOpQrSt/orders";

const request: OrderRequest = {
  ...{ clientOrderId: "a1b2c3", symbol: "AAPL", action: "BUY", quantity: new Decimal(10) },
  ...{ priceType: "LIMIT", limitPrice: new Decimal("250.1"), term: "GOOD_FOR_DAY" },
};

const PREVIEW = `{"PreviewOrderResponse":{"orderType":"EQ","Order":[{"priceType":"LIMIT","messages":{},"Instrument":
[{"orderAction":"BUY","quantity":10,"Product":{"symbol":"AAPL","securityType":"EQ"}}]}],
"PreviewIds":[{"previewId":1026000000000000106,"cashMargin":"MARGIN"},{"previewId":1026000000200,"cashMargin":"CASH"}]}}`;
const PLACED = `{"PlaceOrderResponse":{"placedTime":1767362400123,"Order":[{"messages":{"Message":[{"description":"200|queued",
"code":1027,"type":"WARNING"}]}}],"OrderIds":[{"orderId":402}]}}`;

/** Places what a preview allowed, with the answers that the broker gives to both. */
async function placed(answer: ScriptedAnswer, mayLeave = () => true) {
  const script = scripted([json(PREVIEW), answer]);
  const { orders } = script.client;
  const preview = await orders.preview(access, request, { mayLeave: () => true });
  if (preview.kind !== "done") throw new Error(preview.kind);
  const written = await orders.place(access, request, { preview: preview.value, mayLeave });
  return { written, seen: script.seen };
}

test("every preview id goes back as it came, digit by digit, and the body is not signed", async () => {
  const { written, seen } = await placed(json(PLACED));

  expect(written).toMatchObject({
    kind: "done",
    value: { orderId: "402", messages: [{ code: 1027, type: "WARNING" }] },
  });
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `POST ${ROOT}/preview.json`,
    `POST ${ROOT}/place.json`,
  ]);
  const body = seen[1]?.body ?? "";
  expect(body).toContain(
    '"PreviewIds":[{"previewId":1026000000000000106,"cashMargin":"MARGIN"},{"previewId":1026000000200,"cashMargin":"CASH"}]',
  );
  expect(JSON.parse(body)).toMatchObject({ PlaceOrderRequest: { clientOrderId: "a1b2c3", orderType: "EQ" } });
  expect(seen[1]?.headers.get("content-type")).toBe("application/json");
  expect(isSigned(seen[1], ACCESS_SECRET)).toBe(true);
});

const XML =
  "<Error><code>100</code><message>The requested service is not currently available</message></Error>";
const PAGE = "<html><body>HTTP Status 401 - oauth_problem=token_rejected</body></html>";

test.each<[string, ScriptedAnswer, string]>([
  ["a time-out", noAnswer("timeout"), "unknown"],
  ["a connection that was cut", noAnswer("ECONNRESET"), "unknown"],
  ["500 with code 100", json({ Error: { code: 100, message: "not currently available" } }, 500), "unknown"],
  ["500 in XML", json(XML, 500), "unknown"],
  ["400 with code 163", json({ Error: { code: 163, message: "processing" } }, 400), "unknown"],
  ["400 without a code", json({ Error: { message: "no" } }, 400), "unknown"],
  ["a page of somebody's on the way", json("<html>403</html>", 403), "unknown"],
  ["an answer that cannot be read", json("{"), "unknown"],
  ["no content", new Response(null, { status: 204 }), "unknown"],
  ["a gateway that gave up", json("", 504), "unknown"],
  ["an order without a number", json({ PlaceOrderResponse: { OrderIds: [{ orderId: 0 }] } }), "unknown"],
  ["a number that is none", json({ PlaceOrderResponse: { OrderIds: [{ orderId: "n/a" }] } }), "unknown"],
  ["400 with code 1037", json({ Error: { code: 1037, message: "shares" } }, 400), "refused"],
  ["an error under status 200", json({ Error: { code: 101, message: "timed out" } }), "refused"],
  ["an error in XML", json("<Error><code>1037</code><message>x</message></Error>", 400), "refused"],
  ["a refused token", json({ Error: { message: "oauth_problem=token_rejected" } }, 401), "not-sent"],
  ["a refused token on a page", json(PAGE, 401), "not-sent"],
  [
    "too many calls",
    json({ Error: { message: "Number of requests exceeded the rate limit set" } }, 400),
    "not-sent",
  ],
  ["nobody at the address", notSent("ECONNREFUSED"), "not-sent"],
])("%s after a place is told, and the place goes out once", async (_name, answer, kind) => {
  const { written, seen } = await placed(answer);

  expect(written.kind).toBe(kind);
  expect(seen).toHaveLength(2);
});

test("what may not leave in the last moment does not", async () => {
  const { written, seen } = await placed(json(PLACED), () => false);

  expect(written).toEqual({ kind: "not-sent" });
  expect(seen).toHaveLength(1);
});

test("what may not leave any more when the connection stands does not", async () => {
  const answers = [true, false];
  const { written, seen } = await placed(json(PLACED), () => answers.shift() === true);

  expect(written.kind).toBe("not-sent");
  expect(answers).toEqual([]);
  expect(seen).toHaveLength(1);
});

test("a change goes by PUT to the order that it changes, and a cancel names its order", async () => {
  const cancelled = { CancelOrderResponse: { orderId: 402, Messages: { Message: [{ code: 5011 }] } } };
  const { client, seen } = scripted([json(PREVIEW), json(PLACED), json(cancelled)]);
  const mayLeave = () => true;
  const preview = await client.orders.preview(access, request, { mayLeave, changes: "401" });
  if (preview.kind !== "done") throw new Error(preview.kind);
  await client.orders.place(access, request, { preview: preview.value, mayLeave, changes: "401" });

  const answer = await client.orders.cancel(access, "402", { mayLeave });

  expect(answer).toMatchObject({ kind: "done", value: { messages: [{ code: 5011 }] } });
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `PUT ${ROOT}/401/change/preview.json`,
    `PUT ${ROOT}/401/change/place.json`,
    `PUT ${ROOT}/cancel.json`,
  ]);
  expect(seen[2]?.body).toBe('{"CancelOrderRequest":{"orderId":402}}');
});

test("an account without orders has an empty page", async () => {
  const { client } = scripted([new Response(null, { status: 204 })]);

  expect(await client.orders.list(access, { count: 100 })).toEqual({
    ok: true,
    value: { orders: [], rows: 0, unreadable: 0 },
  });
});

test("a row is read with what it has: nonsense of a time, a price of zero and a missing average are left out", async () => {
  const detail = {
    ...{ placedTime: 1767362400123, executedTime: 2026262626, status: "CANCELLED", priceType: "MARKET" },
    ...{ limitPrice: 0, stopPrice: 0, orderTerm: "GOOD_FOR_DAY", replacedByOrderId: 403 },
    Instrument: [
      {
        ...{ orderAction: "BUY", orderedQuantity: 10, filledQuantity: 4.0 },
        Product: { symbol: "AAPL", securityType: "EQ" },
      },
    ],
  };
  const answer = {
    OrdersResponse: { Order: [{ orderId: 402, OrderDetail: [detail] }, { orderId: 1 }], marker: "7" },
  };
  const { client } = scripted([json(answer)]);

  const page = await client.orders.list(access, { count: 100 });

  if (!page.ok) throw new Error(page.code);
  expect(page.value).toMatchObject({ rows: 2, unreadable: 1, marker: "7" });
  const [order] = page.value.orders;
  expect(order).toMatchObject({ orderId: "402", status: "CANCELLED", replacedByOrderId: "403", legs: 1 });
  expect(order?.filled.toNumber()).toBe(4);
  for (const field of ["executedAt", "limitPrice", "stopPrice", "averagePrice"]) {
    expect(order).not.toHaveProperty(field);
  }
});

test("a read may share a connection; an order and a step of a login never do, since it may be dead by then", async () => {
  const token = new Response("oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true");
  const script = scripted([json('{"QuoteResponse":{"QuoteData":[]}}'), json(PREVIEW), token]);

  await script.client.quotes(aToken(), ["AAPL"]);
  await script.client.orders.preview(access, request, { mayLeave: () => true });
  await script.client.issuer.begin();

  expect(script.seen.map(({ method, reuse = false }) => [method, reuse])).toEqual([
    ["GET", true],
    ["POST", false],
    ["GET", false],
  ]);
});
