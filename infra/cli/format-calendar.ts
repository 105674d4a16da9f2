/** Trading days for programs and for people. Pure. */
import { aligned } from "../../shared/calendar/format-plan.ts";
import type { Session } from "../../shared/calendar/sessions.ts";
import { weekday } from "../../shared/calendar/zoned.ts";

export interface CalendarRow {
  /** `YYYY-MM-DD`, the exchange's date. */
  readonly date: string;
  /** `HH:MM` on the exchange's clock. */
  readonly open: string;
  readonly close: string;
}

/** The trading days as JSON: exchange-local times. */
export function calendarRows(sessions: readonly Session[]): readonly CalendarRow[] {
  return sessions.map(({ date, localOpen, localClose }) => ({
    date: date.toString(),
    open: localOpen.toString({ smallestUnit: "minute" }),
    close: localClose.toString({ smallestUnit: "minute" }),
  }));
}

/** The same as a table in Eastern time, with the day of the week and the half days marked. */
export function formatCalendar(sessions: readonly Session[]): string {
  const rows = calendarRows(sessions).map(({ date, open, close }, index) => {
    const session = sessions[index];
    const note = session?.kind === "half" ? `half day: ${session.reason ?? ""}` : "";
    return [session === undefined ? "" : weekday(session.date), date, open, close, note];
  });
  return aligned([["day", "date", "open ET", "close ET", ""], ...rows]);
}
