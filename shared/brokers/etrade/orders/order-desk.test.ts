import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { createOrderDesk, type DeskParts } from "./order-desk.ts";

test("an order of an account that was traded before is unknown, and keeps none of this one's waiting", async () => {
  const desk = createOrderDesk({
    book: { onOrder: () => () => undefined },
    memory: { sent: async () => undefined },
    access: () => ({}),
    lastFour: () => "1234",
  } as unknown as DeskParts);

  const found = await desk.find("a1", Temporal.Instant.from("2026-11-23T16:00:00Z"), undefined, "9999-402");

  expect(found).toEqual({ ok: true, value: { kind: "unknown" } });
});
