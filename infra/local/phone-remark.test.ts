import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { configSchema } from "../../shared/config/config.ts";
import { aConnection, anArmedConnection } from "../cli/testing/a-connection.ts";
import { phoneRemark } from "./phone-remark.ts";

const config = configSchema.parse({ alerts: { minutesBeforeOpen: [10, 60] } });

function remark(local: string, connections = [aConnection()]) {
  return phoneRemark({ connections }, Temporal.Instant.from(`${local}-05:00`), config).trim();
}

const ABOUT_TO_RING = "← open this one first: it is about to ring";

test.each([
  ["half a minute before the first rung", "2026-11-23T08:29:30", ABOUT_TO_RING],
  ["two minutes before it", "2026-11-23T08:28:00", ABOUT_TO_RING],
  ["longer before it", "2026-11-23T08:27:59", "← the next alert is due Mon 2026-11-23 08:30 ET"],
  ["right after it", "2026-11-23T08:30:00", "← the next alert is due Mon 2026-11-23 09:20 ET"],
  ["before the last rung", "2026-11-23T09:19:00", ABOUT_TO_RING],
  ["after the last rung", "2026-11-23T09:20:00", "← the next alert is due Tue 2026-11-24 08:30 ET"],
  ["on a Friday's evening", "2026-11-20T20:00:00", "← the next alert is due Mon 2026-11-23 08:30 ET"],
])("%s the phone's line says so", (_when, now, expected) => {
  expect(remark(now)).toBe(expected);
});

test("with everything armed the phone keeps quiet until the next trading day", () => {
  const armed = [anArmedConnection()];

  expect(remark("2026-11-23T08:29:30", armed)).toBe("← the next alert is due Tue 2026-11-24 08:30 ET");
  expect(remark("2026-11-22T23:59:00", armed)).toBe("← the next alert is due Mon 2026-11-23 08:30 ET");
});

test("one connection that is not armed is enough to ring, one on demand is not", () => {
  const other = aConnection({ id: "other", needed: "on-demand" });

  expect(remark("2026-11-23T08:29:30", [anArmedConnection(), aConnection({ id: "b" })])).toBe(ABOUT_TO_RING);
  expect(remark("2026-11-23T08:29:30", [anArmedConnection(), other])).not.toBe(ABOUT_TO_RING);
  expect(remark("2026-11-23T08:29:30", [other])).toBe("");
});
