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
import { createWatch } from "./watch.ts";

const SECOND_MS = 1_000;

const monotonicMs = () => performance.now();
const wallMs = () => Date.now();
const schedule: Schedule = (run, afterMs) => {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
};

/** Reads the address and wipes it at once: codes do not stay in the address bar or the history. */
function takeEntry() {
  const entry = readEntry(location);
  if (location.pathname !== "/" || location.search !== "" || location.hash !== "") {
    history.replaceState(null, "", "/");
  }
  return entry;
}

function start(root: HTMLElement): void {
  const api = createApiClient({ fetch: (...request) => fetch(...request) });
  const state = createPageState();
  const clock = createServerClock(monotonicMs);
  const isHidden = () => document.visibilityState === "hidden";
  const watch = createWatch({ api, state, clock, monotonicMs, wallMs, schedule, isHidden });
  const navigate = (address: string) => location.assign(address);
  const app = createApp({ api, state, watch, monotonicMs, schedule, navigate });

  document.addEventListener("visibilitychange", () => watch.visibilityChanged());
  addEventListener("online", () => watch.visibilityChanged());
  // A second link tapped while the page is open changes nothing but the fragment.
  addEventListener("hashchange", () => {
    if (readEntry(location).kind === "code") void app.enter(takeEntry());
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
      <PageView app={app} />
    </ErrorBoundary>,
    root,
  );
}

const root = document.getElementById("app");
if (root !== null) start(root);
