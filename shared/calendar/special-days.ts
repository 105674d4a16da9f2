/** A day that no rule foresees: the exchange stays closed, or closes at 13:00. */
export interface SpecialDay {
  /** `YYYY-MM-DD`, the exchange's own date. */
  readonly date: string;
  readonly kind: "closed" | "half";
  /** What a person reads. */
  readonly reason: string;
}

/**
 * Closures and early closes that the exchange announced one by one, oldest first. Every date names its source;
 * how to add one stands in docs/calendar.md.
 */
export const SPECIAL_DAYS: readonly SpecialDay[] = [
  // https://ir.theice.com/press/news-details/2024/The-New-York-Stock-Exchange-Will-Close-Markets-on-January-9-to-Honor-the-Passing-of-Former-President-Jimmy-Carter-on-National-Day-of-Mourning/default.aspx
  { date: "2025-01-09", kind: "closed", reason: "National Day of Mourning for Jimmy Carter" },
];
