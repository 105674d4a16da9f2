/** Who is asked for sentiment in this process; loaded with its first use. */
import type { AppOptions, Platform } from "./app.ts";
import { readCredential } from "./config/credentials.ts";
import { fail } from "./platform/result.ts";
import { createPerplexityClient } from "./sentiment/perplexity-client.ts";
import { createSentimentDesk } from "./sentiment/sentiment-desk.ts";
import type { SentimentSource } from "./sentiment/source.ts";

/** Perplexity, or where the sandbox names a stand-in that. A sandbox without one asks nobody. */
export function openSentiment(
  platform: Platform,
  options: Pick<AppOptions, "config" | "profile" | "sentimentApiRoot" | "http">,
): SentimentSource {
  const { profile, sentimentApiRoot: apiRoot, http } = options;
  const { sentiment } = options.config;
  const isAsked = profile === "cloud" || apiRoot !== undefined;
  const ask = createPerplexityClient(
    { http },
    { timeoutMs: sentiment.timeoutSeconds * 1_000, ...(apiRoot !== undefined && { apiRoot }) },
  );
  return createSentimentDesk(
    {
      store: platform.store,
      log: platform.log.for("sentiment"),
      ask,
      readKey: async () => (isAsked ? readCredential(platform, "perplexity") : fail("SENTIMENT_KEY_MISSING")),
    },
    sentiment,
  );
}
