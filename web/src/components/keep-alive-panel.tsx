import type { ApiConnectionStatus, ApiStatus } from "../../../shared/console/api.ts";
import type { App } from "../app.ts";
import type { ForcedKeepAlive } from "../state.ts";
import type { TimeFormat } from "../time-format.ts";
import { describeKeepAlive, describeProblem, spellCode } from "../words.ts";
import { Countdown } from "./countdown.tsx";
import { ToneIcon } from "./icons.tsx";

/** How the tokens are kept alive: health, last and next call, failures in a row, and a way to force a call. */
export function KeepAlivePanel({ app, status, time }: { app: App; status: ApiStatus; time: TimeFormat }) {
  const forced = app.state.keepAlive.value;
  const isRunning = forced.kind === "running";
  return (
    <section class="card keep-alive" aria-labelledby="keep-alive">
      <h2 id="keep-alive">Keep-alive</h2>
      <ul class="plain">
        {status.connections.map((connection) => (
          <li key={connection.id}>
            <Row connection={connection} nowMs={app.state.nowMs.value} time={time} />
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="button"
        aria-disabled={isRunning}
        onClick={() => void app.forceKeepAlive()}
      >
        {isRunning ? "Calling the broker…" : "Force now"}
      </button>
      <p class="forced" role="status">
        {tell(forced, status)}
      </p>
    </section>
  );
}

function Row({
  connection,
  nowMs,
  time,
}: {
  connection: ApiConnectionStatus;
  nowMs: number;
  time: TimeFormat;
}) {
  const { keepAlive } = connection;
  const { tone, title } = describeKeepAlive(keepAlive.health);
  const last = keepAlive.lastAt === undefined ? "none yet" : time.moment(keepAlive.lastAt, nowMs);
  const outcome = keepAlive.lastOutcome === undefined ? "" : `, ${spellCode(keepAlive.lastOutcome)}`;
  return (
    <>
      <h3 class="row-head">{connection.label}</h3>
      <dl class="facts">
        <div>
          <dt>Health</dt>
          <dd class={`health text-${tone}`}>
            <ToneIcon tone={tone} />
            {title}
          </dd>
        </div>
        <div>
          <dt>Last call</dt>
          <dd>
            {last}
            {outcome}
          </dd>
        </div>
        <div>
          <dt>Next call in</dt>
          <dd>
            <Countdown until={keepAlive.nextAt} nowMs={nowMs} label="Next call in" />
          </dd>
        </div>
        <div>
          <dt>Failures in a row</dt>
          <dd>{keepAlive.failuresInRow}</dd>
        </div>
      </dl>
    </>
  );
}

function tell(forced: ForcedKeepAlive, status: ApiStatus): string {
  if (forced.kind === "failed") {
    const { message, next, code } = describeProblem(forced.problem);
    return code === undefined ? `${message} ${next}` : `${message} ${next} (${code})`;
  }
  if (forced.kind !== "done") return "Calls the broker once for each live token.";
  const called = forced.list.connections.filter(({ health }) => health !== "resting");
  if (called.length === 0) return "There is no live token to keep alive.";
  const label = (id: string) => status.connections.find((connection) => connection.id === id)?.label ?? id;
  return called
    .map(({ connection, lastOutcome }) => `${label(connection)}: ${spellCode(lastOutcome ?? "no call yet")}.`)
    .join(" ");
}
