/** Under which name a limit that fills up is told. Pure. */
import type { Temporal } from "temporal-polyfill";
import { newYorkDate, newYorkWeek } from "./new-york-day.ts";

/** What begins anew each week, or with a person's word: its figure may stand for days in which nothing happens. */
const OF_A_WEEK: ReadonlySet<string> = new Set(["WEEKLY_LOSS", "DRAWDOWN"]);

interface Mark {
  /** The bot or the account whose limit it is. */
  readonly subject: string;
  readonly code: string;
  /** The percent of the limit that is used up. */
  readonly reached: number | undefined;
}

/** The same for breakers and ticks, so that each mark is told once: of a day's limit a day, of a week's a week. */
export function warningId({ subject, code, reached }: Mark, now: Temporal.Instant): string {
  const since = OF_A_WEEK.has(code) ? newYorkWeek(now) : newYorkDate(now);
  return `${since}:${subject}:${code}:${reached ?? ""}`;
}
