/**
 * Benchmark `page`: how heavy the built page is, and how soon it paints over a slow connection, beside a page of
 * one hand-written file. Both are visited in turn, each time with an empty cache.
 */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { build } from "vite";
import { openHome } from "../infra/local/home.ts";
import { openLocalPlatform } from "../infra/local/local-platform.ts";
import { quietLog } from "../infra/local/quiet-log.ts";
import { type Stack, startStack } from "../infra/local/stack.ts";
import { configSchema } from "../shared/config/config.ts";
import { launchBrowser } from "../tests/support/browser.ts";
import { MASTER_KEY, ROOT } from "../tests/support/stack.ts";
import { type PaintTimes, roundTripsAfterHtml, visit } from "./page-visit.ts";
import { measureWeights, type Weight } from "./page-weight.ts";
import { type Print, summarize, tableOf } from "./summary.ts";

const VISITS = 10;
const SCRIPT_BUDGET_BYTES = 40_000;

const PEER = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Openbell</title>
<style>body { font: 1rem system-ui; margin: 2rem } h1 { font-size: 1.5rem }</style>
<h1>Openbell</h1>
<p>Token needed. Expires in 2 h 14 min.</p>
<p><a href="/renew">Renew</a></p>
</html>
`;

/** Prints the weights, the first paints and their ratio, and whether the page keeps its two budgets. */
export async function runPage(print: Print): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "openbell-bench-"));
  const closers: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const dist = join(folder, "web", "dist");
    await build({ root: join(ROOT, "web"), logLevel: "warn", build: { outDir: dist, emptyOutDir: true } });
    printWeights(print, await measureWeights(dist));

    const stack = await startBeside(folder);
    closers.push(() => stack.close());
    const peer = await startPeer();
    closers.push(peer.close);
    const browser = await launchBrowser();
    closers.push(() => browser.close());
    printPaints(print, await visitInTurn(browser, { ours: stack.addresses.console, peer: peer.url }));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function printWeights(print: Print, weights: readonly Weight[]): void {
  const rows = weights.map(({ kind, files, plain, gzip, brotli }) =>
    [kind, files, plain, gzip, brotli].map(String),
  );
  for (const line of tableOf([["", "files", "bytes", "gzip", "brotli"], ...rows])) print(line);
  const script = weights.find(({ kind }) => kind === "JavaScript");
  const isLight = script !== undefined && script.gzip <= SCRIPT_BUDGET_BYTES;
  print(`JavaScript ≤ ${SCRIPT_BUDGET_BYTES / 1_000} kB compressed: ${isLight ? "yes" : "NO"}`);
  print("");
}

interface Visits {
  readonly ours: readonly PaintTimes[];
  readonly peer: readonly PaintTimes[];
}

function printPaints(print: Print, { ours, peer }: Visits): void {
  const paintOf = (visits: readonly PaintTimes[]) => summarize(visits.map((one) => one.firstPaintMs));
  const row = (name: string, visits: readonly PaintTimes[]) => {
    const { count, p50, max } = paintOf(visits);
    const heading = summarize(visits.map((one) => one.headingMs)).p50;
    const requests = Math.max(...visits.map((one) => one.beforePaint.length + 1));
    const trips = Math.max(...visits.map(roundTripsAfterHtml));
    return [
      name,
      ...[count, p50.toFixed(0), max.toFixed(0), requests, trips, heading.toFixed(0)].map(String),
    ];
  };
  const head = [
    "first contentful paint",
    "n",
    "p50 ms",
    "max ms",
    "requests",
    "round trips after HTML",
    "heading p50 ms",
  ];
  for (const line of tableOf([head, row("Openbell", ours), row("static page", peer)])) print(line);
  print(`Openbell / static page: ${(paintOf(ours).p50 / paintOf(peer).p50).toFixed(2)}`);
  const isOne = ours.every((one) => roundTripsAfterHtml(one) === 1);
  print(`First paint in one round trip after HTML: ${isOne ? "yes" : "NO"}`);
}

async function visitInTurn(
  browser: Browser,
  urls: { readonly ours: string; readonly peer: string },
): Promise<Visits> {
  const ours: PaintTimes[] = [];
  const peer: PaintTimes[] = [];
  for (let round = 0; round < VISITS; round += 1) {
    peer.push(await visit(browser, urls.peer));
    ours.push(await visit(browser, urls.ours));
  }
  return { ours, peer };
}

/** A stack that serves the page built in `folder`, with the project's own headers and routes. */
async function startBeside(folder: string): Promise<Stack> {
  await copyFile(join(ROOT, "firebase.json"), join(folder, "firebase.json"));
  const home = await openHome(join(folder, "home"), { isFresh: false });
  return startStack({
    home,
    masterKey: MASTER_KEY,
    config: configSchema.parse({}),
    build: "bench",
    port: 0,
    root: folder,
    log: quietLog,
    isFlowing: true,
    openPlatform: async (parts) => openLocalPlatform({ ...parts, home, masterKey: MASTER_KEY }),
  });
}

async function startPeer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(PEER);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
