import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

/** What a test must be able to say about a page at its end. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the browser's console, without the lines about scripted failures of the API. */
  readonly complaints: string[];
  /** Addresses outside the page's own origin that it asked for. */
  readonly foreign: string[];
  /** Every layout shift that no input explains, as `score: what moved`. */
  shifts(): Promise<string[]>;
}

/** A phone of 360 px, unless told otherwise, that listens for everything that must not happen. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on("console", (message) => {
    const isNews = message.type() === "error" || message.type() === "warning";
    if (isNews && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== "data:") foreign.push(request.url());
  });
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { layoutShifts: seen });
    document.addEventListener("securitypolicyviolation", (event) => {
      // The console's listener turns this into a complaint.
      setTimeout(() => {
        throw new Error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput, sources } = entry as unknown as {
          value: number;
          hadRecentInput: boolean;
          sources: { node: Element | null }[];
        };
        const moved = sources.map(({ node }) => node?.className ?? node?.nodeName ?? "?").join(", ");
        if (!hadRecentInput) seen.push(`${value.toFixed(5)}: ${moved}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  return {
    page,
    context,
    complaints,
    foreign,
    shifts: () => page.evaluate(() => (globalThis as unknown as { layoutShifts: string[] }).layoutShifts),
  };
}
