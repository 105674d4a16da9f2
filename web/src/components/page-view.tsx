import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ApiStatus } from "../../../shared/console/api.ts";
import type { App } from "../app.ts";
import type { View } from "../state.ts";
import type { RenewalStep } from "../steps.ts";
import { createTimeFormat, type TimeFormat } from "../time-format.ts";
import type { Trading } from "../trading.ts";
import { VIEW_ADDRESSES } from "../view-address.ts";
import { describeProblem } from "../words.ts";
import { DoorView } from "./door-view.tsx";
import { HomeView } from "./home-view.tsx";
import { Bell } from "./icons.tsx";
import { RenewalView } from "./renewal-view.tsx";
import { KillBar } from "./trading/kill-bar.tsx";
import { TradingView } from "./trading/trading-view.tsx";

/** The whole page. Views are keyed, so that one replaces the other and none is pushed around. */
export function PageView({ app, trading }: { readonly app: App; readonly trading: Trading }) {
  const door = app.state.door.value;
  const status = app.state.status.value;
  const isInside = door.kind === "inside" && status !== undefined;
  return (
    <>
      <header class="top">
        <div class="brand">
          <Bell />
          <span class="brand-name">Openbell</span>
        </div>
        {isInside && <Views app={app} waiting={status.attention.length} />}
      </header>
      {isInside ? (
        <Inside key="inside" app={app} trading={trading} status={status} />
      ) : (
        <main class="page" key={door.kind}>
          {door.kind !== "inside" && <DoorView app={app} door={door} />}
        </main>
      )}
      <KillBar app={app} trading={trading} />
    </>
  );
}

/** The way between the two views; the morning says how much waits there. */
function Views({ app, waiting }: { readonly app: App; readonly waiting: number }) {
  const current = (view: View) => (app.state.view.value === view ? "page" : undefined);
  return (
    <nav class="views" aria-label="Views">
      <a href={VIEW_ADDRESSES.morning} aria-current={current("morning")}>
        Morning
        {waiting > 0 && (
          <span class="waiting">
            <span class="unseen">, waiting: </span>
            {waiting}
          </span>
        )}
      </a>
      <a href={VIEW_ADDRESSES.trading} aria-current={current("trading")}>
        Trading
      </a>
    </nav>
  );
}

interface InsideProps {
  readonly app: App;
  readonly trading: Trading;
  readonly status: ApiStatus;
}

function Inside({ app, trading, status }: InsideProps) {
  const time = useMemo(() => createTimeFormat(status.ownerTimeZone), [status.ownerTimeZone]);
  const step = app.state.renewal.value;
  const isTrading = app.state.view.value === "trading";
  const view = isTrading ? "trading" : viewOf(step);
  const firstView = useRef<string | undefined>(view);
  useEffect(() => {
    if (firstView.current !== view) firstView.current = undefined;
  }, [view]);
  return (
    <>
      {status.profile === "sandbox" && (
        <p class="simulated">
          <strong>Everything here is simulated:</strong> no real money.
        </p>
      )}
      <Words words={status.words} notice={app.state.notice.value} />
      <div class="view" key={view}>
        <main class="page">
          {isTrading ? (
            <TradingView app={app} trading={trading} time={time} takesFocus={firstView.current !== view} />
          ) : step === undefined ? (
            <HomeView app={app} status={status} time={time} takesFocus={firstView.current !== view} />
          ) : (
            <RenewalView app={app} step={step} />
          )}
        </main>
        <Foot app={app} status={status} time={time} />
      </div>
      <Trouble app={app} status={status} time={time} />
    </>
  );
}

function viewOf(step: RenewalStep | undefined): string {
  if (step === undefined) return "home";
  switch (step.step) {
    case "confirming":
    case "armed":
    case "refused":
      return "progress";
    default:
      return step.step;
  }
}

/** Proof to the owner that this page belongs to their message. */
function Words({
  words,
  notice,
}: {
  readonly words: readonly [string, string];
  readonly notice: string | undefined;
}) {
  return (
    <aside class="words" aria-label="Two words">
      <p class="two-words">
        {words[0]} <span aria-hidden="true">·</span> {words[1]}
      </p>
      <p class="words-question">{notice ?? "Do these match your message? If not, close this page."}</p>
    </aside>
  );
}

interface FootProps {
  readonly app: App;
  readonly status: ApiStatus;
  readonly time: TimeFormat;
}

function Foot({ app, status, time }: FootProps) {
  return (
    <footer class="foot">
      <p>
        Signed in until {time.moment(status.sessionExpiresAt, app.state.nowMs.value)} {time.zoneLabel}
      </p>
      <button type="button" class="button quiet" onClick={() => void app.signOut()}>
        Sign out
      </button>
      <p class="build">Openbell {status.build}</p>
    </footer>
  );
}

/** Lies over the page, so that nothing moves when the connection comes and goes. */
function Trouble({ app, status, time }: FootProps) {
  const { problem } = app.state.connectivity.value;
  return (
    <div class="trouble" role="status">
      {problem !== undefined && (
        <p>
          <strong>{describeProblem(problem).message}</strong> Shown as of {time.clock(status.now)}; trying
          again.
        </p>
      )}
    </div>
  );
}
