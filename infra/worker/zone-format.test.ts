import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createZoneFormats } from "./zone-format.ts";

const NAMES = Intl.supportedValuesOf("timeZone");
/** As Temporal asks for them. */
const LOCALE = "en-u-hc-h23";
const options = (timeZone: string) =>
  ({
    calendar: "iso8601",
    timeZone: timeZone.toUpperCase(),
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }) as const;
const FIELDS = ["year", "month", "day", "hour", "minute", "second"];

const zoneFormat = createZoneFormats(NAMES);

function never(): never {
  throw new Error("Intl was asked.");
}
const NO_INTL = never as unknown as typeof Intl.DateTimeFormat;

const read = (parts: readonly { readonly type: string; readonly value: string }[]) =>
  FIELDS.map((field) => Number(parts.find(({ type }) => type === field)?.value));

describe("a time zone read without Intl", () => {
  test("tells the same local time as Intl, in every zone and century, to the second", () => {
    const from = Date.UTC(1800, 0);
    const to = Date.UTC(2200, 0);
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.integer({ min: from, max: to }), (name, instant) => {
        const ours = zoneFormat(NO_INTL, LOCALE, options(name));
        const real = new Intl.DateTimeFormat(LOCALE, options(name));
        expect(read(ours.formatToParts(instant))).toEqual(read(real.formatToParts(instant)));
      }),
      { numRuns: 2_000 },
    );
  });

  test("bears the same name as with Intl", () => {
    const real = (name: string) => new Intl.DateTimeFormat(LOCALE, options(name)).resolvedOptions().timeZone;

    expect(
      NAMES.map((name) => zoneFormat(NO_INTL, LOCALE, options(name)).resolvedOptions().timeZone),
    ).toEqual(NAMES.map(real));
  });

  test("leaves the zone of the process as it was", () => {
    const before = process.env.TZ;
    const offset = new Date(0).getTimezoneOffset();

    zoneFormat(NO_INTL, LOCALE, options("Asia/Tokyo")).formatToParts(0);

    expect([process.env.TZ, new Date(0).getTimezoneOffset()]).toEqual([before, offset]);
  });

  test("goes by Intl for another name of a zone, which refuses what is none", () => {
    const older = zoneFormat(Intl.DateTimeFormat, LOCALE, options("US/Eastern"));

    expect(read(older.formatToParts(0))).toEqual([1969, 12, 31, 19, 0, 0]);
    expect(() => zoneFormat(Intl.DateTimeFormat, LOCALE, options("Mars/Olympus"))).toThrow(RangeError);
  });
});
