import type { Temporal } from "temporal-polyfill";
import type { Sentiment } from "../strategies/strategy.ts";

/** Who is asked what is thought of an instrument. */
export interface SentimentSource {
  /** Never fails and never takes longer than its own time limit: where nobody can say, it is neutral and says so. */
  about(instrument: string, now: Temporal.Instant): Promise<Sentiment>;
}
