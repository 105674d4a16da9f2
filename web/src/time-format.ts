const EXCHANGE_ZONE = "America/New_York";

/** Writes instants for the owner: 24-hour clock, their own zone, and the exchange's where it matters. */
export interface TimeFormat {
  /** `08:31:12`, in the owner's zone; with the day before it when that is not the day of `nowMs`. */
  moment(instant: string, nowMs: number): string;
  /** `09:30 ET · 06:30 PT`; only ET when the owner lives there. With the day unless it is the day of `nowMs`. */
  both(instant: string, nowMs: number): string;
  /** `08:31:12`, in the owner's zone. */
  clock(instant: string): string;
  /** `Mon 23 Mar` of a calendar date. */
  date(date: string): string;
  /** What the owner's zone is called: `PT`, or its city: `Berlin`. */
  readonly zoneLabel: string;
}

/** A zone that this browser does not know is replaced by the exchange's. */
export function createTimeFormat(ownerTimeZone: string): TimeFormat {
  const zone = isKnownZone(ownerTimeZone) ? ownerTimeZone : EXCHANGE_ZONE;
  const zoneLabel = labelOf(zone);
  const clock = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, zone);
  const minute = format({ hour: "2-digit", minute: "2-digit" }, zone);
  const exchangeMinute = format({ hour: "2-digit", minute: "2-digit" }, EXCHANGE_ZONE);
  const day = format({ weekday: "short", day: "numeric", month: "short" }, zone);
  const exchangeDay = format({ weekday: "short", day: "numeric", month: "short" }, EXCHANGE_ZONE);
  const utcDay = format({ weekday: "short", day: "numeric", month: "short" }, "UTC");

  function withDay(text: string, instant: string, on: { nowMs: number; days: typeof day }): string {
    const its = on.days(Date.parse(instant));
    return its === on.days(on.nowMs) ? text : `${its}, ${text}`;
  }

  return {
    zoneLabel,
    clock: (instant) => clock(Date.parse(instant)),
    date: (date) => utcDay(Date.parse(`${date}T12:00:00Z`)),
    moment: (instant, nowMs) => withDay(clock(Date.parse(instant)), instant, { nowMs, days: day }),
    both(instant, nowMs) {
      const exchange = `${exchangeMinute(Date.parse(instant))} ET`;
      const own = `${minute(Date.parse(instant))} ${zoneLabel}`;
      const text = zoneLabel === "ET" ? exchange : `${exchange} · ${own}`;
      return withDay(text, instant, { nowMs, days: exchangeDay });
    },
  };
}

function format(options: Intl.DateTimeFormatOptions, timeZone: string): (epochMs: number) => string {
  const formatter = new Intl.DateTimeFormat("en-GB", { ...options, timeZone, hourCycle: "h23" });
  return (epochMs) => formatter.format(epochMs).replace(",", "");
}

function isKnownZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone });
    return true;
  } catch {
    return false;
  }
}

function labelOf(timeZone: string): string {
  if (timeZone === EXCHANGE_ZONE) return "ET";
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "shortGeneric" }).formatToParts(0);
  const generic = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  if (/^[A-Z]{2,3}$/.test(generic)) return generic;
  return (timeZone.split("/").at(-1) ?? timeZone).replaceAll("_", " ");
}
