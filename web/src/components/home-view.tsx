import type { ApiStatus } from "../../../shared/console/api.ts";
import type { App } from "../app.ts";
import type { TimeFormat } from "../time-format.ts";
import { AttentionPanel } from "./attention-panel.tsx";
import { ConnectionCard } from "./connection-card.tsx";
import { KeepAlivePanel } from "./keep-alive-panel.tsx";
import { MarketLine } from "./market-line.tsx";
import { MorningsTable } from "./mornings-table.tsx";

interface HomeProps {
  readonly app: App;
  readonly status: ApiStatus;
  readonly time: TimeFormat;
  /** Whether another view was shown before. */
  readonly takesFocus: boolean;
}

/** The whole state at a glance, what needs the owner first. */
export function HomeView({ app, status, time, takesFocus }: HomeProps) {
  return (
    <>
      <AttentionPanel app={app} status={status} takesFocus={takesFocus} />
      <MarketLine status={status} nowMs={app.state.nowMs.value} time={time} />
      <section class="connections" aria-labelledby="connections">
        <h2 id="connections" class="unseen">
          Connections
        </h2>
        {status.connections.map((connection) => (
          <ConnectionCard key={connection.id} app={app} connection={connection} time={time} />
        ))}
      </section>
      <KeepAlivePanel app={app} status={status} time={time} />
      <MorningsTable mornings={status.mornings} time={time} />
    </>
  );
}
