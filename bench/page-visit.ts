/** One visit to a page over a slow connection, and what it tells. */
import type { Browser } from "playwright-core";

/** When something was asked for and when all of it had come, in ms after the start of the visit. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface PaintTimes {
  readonly firstPaintMs: number;
  /** When the view's heading stood on the page. */
  readonly headingMs: number;
  /** What was asked for after the HTML and had come when the page first painted. */
  readonly beforePaint: readonly Span[];
}

const ROUND_TRIP_MS = 150;
/** 1.6 Mbit/s down and 750 kbit/s up, in bytes a second. */
const SLOW = {
  offline: false,
  latency: ROUND_TRIP_MS,
  downloadThroughput: 200_000,
  uploadThroughput: 93_750,
};
const PATIENCE_MS = 20_000;

const NOTE_HEADING = `
  new MutationObserver((_, observer) => {
    if (document.querySelector("h1") === null) return;
    globalThis.headingMs = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
`;

/** Opens `url` with an empty cache and waits for its first contentful paint and its heading. */
export async function visit(browser: Browser, url: string): Promise<PaintTimes> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", SLOW);
    await page.addInitScript({ content: NOTE_HEADING });
    await page.goto(url, { timeout: PATIENCE_MS });
    await page.waitForFunction(
      () => "headingMs" in globalThis && performance.getEntriesByName("first-contentful-paint").length > 0,
      undefined,
      { timeout: PATIENCE_MS },
    );
    return await page.evaluate(() => {
      const firstPaintMs = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
      const resources = performance.getEntriesByType("resource") as unknown as {
        startTime: number;
        responseEnd: number;
      }[];
      return {
        firstPaintMs,
        headingMs: (globalThis as unknown as { headingMs: number }).headingMs,
        beforePaint: resources
          .filter((one) => one.responseEnd <= firstPaintMs)
          .map((one) => ({ startMs: one.startTime, endMs: one.responseEnd })),
      };
    });
  } finally {
    await context.close();
  }
}

/** How many requests followed on each other before the first paint: the longest row in which none overlap. */
export function roundTripsAfterHtml({ beforePaint }: Pick<PaintTimes, "beforePaint">): number {
  let trips = 0;
  let freeFromMs = 0;
  for (const { startMs, endMs } of [...beforePaint].sort((a, b) => a.endMs - b.endMs)) {
    if (startMs < freeFromMs) continue;
    trips += 1;
    freeFromMs = endMs;
  }
  return trips;
}
