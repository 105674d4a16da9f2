/**
 * What Temporal asks of a time zone, without `Intl`: the local date and time of an instant. A format of `Intl` loads
 * patterns and names of a whole language for it, 8 MiB; the `Date` of the process has the same zones without them.
 */

/** Numbers as text, as formats give them. */
interface Part {
  readonly type: string;
  readonly value: string;
}

/** The part of a `DateTimeFormat` that Temporal uses. */
export interface ZoneFormat {
  formatToParts(epochMilliseconds: number): readonly Part[];
  resolvedOptions(): { readonly timeZone: string };
}

type Format = typeof Intl.DateTimeFormat;
type Options = { readonly timeZone: string } & Intl.DateTimeFormatOptions;

/**
 * Makes formats of zones with these names, which must be the engine's own ones (`Intl.supportedValuesOf`). Another
 * name, such as an older one of a zone, goes to `Intl`, which throws a RangeError for what is no zone.
 */
export function createZoneFormats(
  names: readonly string[],
): (real: Format, locale: string, options: Options) => ZoneFormat {
  const byUpperCase = new Map(names.map((name) => [name.toUpperCase(), name]));
  return (real, locale, options) => {
    const timeZone = byUpperCase.get(options.timeZone.toUpperCase());
    if (timeZone === undefined) return new real(locale, options);
    return {
      formatToParts: (epochMilliseconds) => inZone(timeZone, () => partsOf(new Date(epochMilliseconds))),
      resolvedOptions: () => ({ timeZone }),
    };
  };
}

/** The zone of the process is another one for as long as `read` takes, which nothing can come between. */
function inZone<R>(timeZone: string, read: () => R): R {
  const before = process.env.TZ;
  process.env.TZ = timeZone;
  try {
    return read();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}

function partsOf(date: Date): readonly Part[] {
  const year = date.getFullYear();
  const parts = {
    era: year > 0 ? "AD" : "BC",
    year: year > 0 ? year : 1 - year,
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
  };
  return Object.entries(parts).map(([type, value]) => ({ type, value: String(value) }));
}
