/** Puts the page together: the one place that knows the browser's clock, network and address bar. */
import { render } from "preact";
import { createApiClient } from "./api.ts";
import { createApp } from "./app.ts";
import { createServerClock } from "./clock.ts";
import { ErrorBoundary } from "./components/error-boundary.tsx";
import { PageView } from "./components/page-view.tsx";
import { readEntry } from "./entry.ts";
import type { Schedule } from "./poller.ts";
import { createPageState } from "./state.ts";
import { createTrading } from "./trading.ts";
import { createTradingClient } from "./trading-client.ts";
import { createTradingState } from "./trading-state.ts";
import { readView } from "./view-address.ts";
import { createWatch } from "./watch.ts";

const SECOND_MS = 1_000;

const monotonicMs = () => performance.now();
const wallMs = () => Date.now();
const schedule: Schedule = (run, afterMs) => {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
};

/** Not by `randomUUID`, which browsers keep from pages over plain http. */
function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(36)).join("-");
}

/** Reads the address and wipes it at once: codes do not stay in the address bar or the history. */
function takeEntry() {
  const entry = readEntry(location);
  if (location.pathname === "/" && location.search === "" && readView(location.hash) !== undefined)
    return entry;
  if (location.pathname !== "/" || location.search !== "" || location.hash !== "") {
    history.replaceState(null, "", "/");
  }
  return entry;
}

function start(root: HTMLElement): void {
  const network = { fetch: (...request: Parameters<typeof fetch>) => fetch(...request) };
  const api = createApiClient(network);
  const state = createPageState();
  state.view.value = readView(location.hash) ?? "morning";
  state.isOnline.value = navigator.onLine;
  const clock = createServerClock(monotonicMs);
  const isHidden = () => document.visibilityState === "hidden";
  const watch = createWatch({ api, state, clock, monotonicMs, wallMs, schedule, isHidden });
  const navigate = (address: string) => location.assign(address);
  const app = createApp({ api, state, watch, monotonicMs, schedule, navigate });

  const trading = createTrading({
    client: createTradingClient(network),
    state: createTradingState(),
    page: state,
    newId: randomId,
    ...{ monotonicMs, schedule, isHidden },
  });

  const lookAgain = () => {
    state.isOnline.value = navigator.onLine;
    watch.visibilityChanged();
    trading.visibilityChanged();
  };
  document.addEventListener("visibilitychange", lookAgain);
  addEventListener("online", lookAgain);
  addEventListener("offline", () => {
    state.isOnline.value = false;
  });
  // A second link tapped while the page is open changes nothing but the fragment.
  addEventListener("hashchange", () => {
    if (readEntry(location).kind === "code") void app.enter(takeEntry());
    else state.view.value = readView(location.hash) ?? "morning";
  });

  const beat = () => {
    watch.tick();
    setTimeout(beat, SECOND_MS - (state.nowMs.peek() % SECOND_MS));
  };
  beat();

  void app.enter(takeEntry());
  root.replaceChildren();
  render(
    <ErrorBoundary>
      <PageView app={app} trading={trading} />
    </ErrorBoundary>,
    root,
  );
}

const root = document.getElementById("app");
if (root !== null) start(root);
