import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { createLinks } from "../sessions/links.ts";
import { composeAlert, linkGoodUntil } from "./compose.ts";
import type { AlertContent } from "./records.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const OPTIONS = {
  publicUrl: "https://page.example",
  chatId: "4711",
  ownerTimeZone: "Europe/Paris",
  isSandbox: false,
};

async function compose(content: AlertContent) {
  const { store, clock } = house;
  const links = createLinks({ store, clock, random: house.parts().random });
  const message = await composeAlert({ clock, links }, OPTIONS, content);
  const [button] = message.buttons?.[0] ?? [];
  const url = button !== undefined && "url" in button ? new URL(button.url) : undefined;
  return { message, links, url, code: url?.hash.replace("#c=", "") ?? "" };
}

test("the link stands in the button alone, its code in the fragment, which no server or previewer sees", async () => {
  const { message, url, code } = await compose({ kind: "link" });

  expect(url?.origin).toBe("https://page.example");
  expect([url?.pathname, url?.search]).toEqual(["/", ""]);
  expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(message.text).not.toContain(code);
  expect(message.text).not.toContain("https:");
});

test("the code opens the page once, for the owner's chat, with the words of the message", async () => {
  const { message, links, code } = await compose({ kind: "link" });

  const redeemed = await links.redeem(code);

  expect(redeemed).toMatchObject({ ok: true, value: { chatId: "4711" } });
  expect(redeemed.ok && message.text).toContain(redeemed.ok ? redeemed.value.words.join(" ") : "");
  expect(await links.redeem(code)).toMatchObject({ ok: false });
});

test("each attempt to send has a fresh code, and the one before stays good", async () => {
  const first = await compose({ kind: "link" });
  const second = await compose({ kind: "link" });

  expect(first.code).not.toBe(second.code);
  expect(await first.links.redeem(first.code)).toMatchObject({ ok: true });
});

test("a message without anything to do carries no link", async () => {
  const expiresAt = house.clock.now();
  const { message } = await compose({ kind: "renewed", label: "A", generation: 1, accounts: 1, expiresAt });

  expect(message.buttons).toBeUndefined();
});

test("a morning's link is good until the open and not a moment longer", async () => {
  const { links, code } = await compose({ kind: "link" });
  const other = await compose({ kind: "link" });

  await house.clock.advanceTo(Temporal.Instant.from("2026-11-23T14:29:59Z"));
  expect(await links.redeem(code)).toMatchObject({ ok: true });
  await house.clock.advanceTo(Temporal.Instant.from("2026-11-23T14:30:00Z"));
  expect(await links.redeem(other.code)).toMatchObject({ ok: false, code: "LINK_NOT_VALID" });
});

describe("a link made at", () => {
  test.each([
    ["two and a half hours before the open", "2026-11-23T12:00:00Z", "2026-11-23T14:30:00Z"],
    ["08:30, the first rung", "2026-11-23T13:30:00Z", "2026-11-23T14:30:00Z"],
    ["09:14", "2026-11-23T14:14:00Z", "2026-11-23T14:30:00Z"],
    ["09:20, the last rung", "2026-11-23T14:20:00Z", "2026-11-23T14:35:00Z"],
    ["06:59", "2026-11-23T11:59:00Z", "2026-11-23T12:14:00Z"],
    ["noon", "2026-11-23T17:00:00Z", "2026-11-23T17:15:00Z"],
    ["a holiday's morning", "2026-11-26T13:30:00Z", "2026-11-26T13:45:00Z"],
    ["a summer morning", "2026-07-06T12:30:00Z", "2026-07-06T13:30:00Z"],
    ["a time that the calendar does not reach", "2051-01-03T13:30:00Z", "2051-01-03T13:45:00Z"],
  ])("%s", (_, now, until) => {
    expect(linkGoodUntil(Temporal.Instant.from(now)).toString()).toBe(until);
  });
});
