import type { ApiStatus } from "../../../shared/console/api.ts";
import type { App } from "../app.ts";
import { describeCalm, type Tone, verbOf } from "../words.ts";
import { ToneIcon } from "./icons.tsx";
import { ViewHeading } from "./view-heading.tsx";

type Attention = ApiStatus["attention"][number];

const KINDS = {
  renew: { tone: "trouble", title: "Token needed" },
  rejected: { tone: "trouble", title: "Token rejected" },
  "worker-silent": { tone: "trouble", title: "Worker is silent" },
  "socket-down": { tone: "trouble", title: "Broker not connected" },
  "not-acknowledged": { tone: "pending", title: "Not confirmed yet" },
  "keep-alive": { tone: "trouble", title: "Keep-alive fails" },
  "alert-undelivered": { tone: "pending", title: "Alert not sent" },
} as const satisfies Record<Attention["kind"], { tone: Tone; title: string }>;

/** What needs the owner now: the most urgent thing with its one action, the others behind a line. */
export function AttentionPanel({
  app,
  status,
  takesFocus,
}: {
  app: App;
  status: ApiStatus;
  takesFocus: boolean;
}) {
  const [first, ...others] = status.attention;
  return (
    <section class="card attention" aria-label="What needs you now">
      <div class={first === undefined ? "attention-body attention-calm" : "attention-body"}>
        {first === undefined ? (
          <AllSet status={status} isFresh={app.state.isFresh.value} takesFocus={takesFocus} />
        ) : (
          <Urgent app={app} status={status} item={first} takesFocus={takesFocus} />
        )}
      </div>
      <Others items={others} />
    </section>
  );
}

function AllSet({
  status,
  isFresh,
  takesFocus,
}: {
  status: ApiStatus;
  isFresh: boolean;
  takesFocus: boolean;
}) {
  const { tone, title, note } = describeCalm(status.connections, isFresh);
  return (
    <>
      <div class="attention-head">
        <ToneIcon tone={tone} />
        <ViewHeading takesFocus={takesFocus}>{title}</ViewHeading>
      </div>
      <p>{note}</p>
    </>
  );
}

function Urgent(props: { app: App; status: ApiStatus; item: Attention; takesFocus: boolean }) {
  const { app, status, item, takesFocus } = props;
  return (
    <>
      <div class="attention-head">
        <ToneIcon tone={KINDS[item.kind].tone} />
        <ViewHeading takesFocus={takesFocus}>{KINDS[item.kind].title}</ViewHeading>
      </div>
      <p>{item.text}</p>
      <UrgentAction app={app} status={status} item={item} />
    </>
  );
}

function UrgentAction({ app, status, item }: { app: App; status: ApiStatus; item: Attention }) {
  const connection = status.connections.find(({ id }) => id === item.connection);
  if (connection && (item.kind === "renew" || item.kind === "rejected")) {
    const isOpen = connection.authorization !== undefined;
    const goOn = connection.login === "pin" ? "Enter the PIN" : "Go on at the broker";
    return (
      <button
        type="button"
        class="button primary"
        onClick={() => (isOpen ? app.resumePin(connection.id) : void app.renew(connection.id))}
      >
        {isOpen ? `${goOn} for ${connection.label}` : `${verbOf(connection)} ${connection.label}`}
      </button>
    );
  }
  if (item.kind === "keep-alive") {
    return (
      <button type="button" class="button primary" onClick={() => void app.forceKeepAlive()}>
        Force keep-alive now
      </button>
    );
  }
  return (
    <button type="button" class="button primary" onClick={() => void app.look()}>
      Look again
    </button>
  );
}

function Others({ items }: { readonly items: readonly Attention[] }) {
  if (items.length === 0) return <p class="others">Nothing else needs you.</p>;
  const count = items.length === 1 ? "1 more thing needs you" : `${items.length} more things need you`;
  return (
    <details class="others">
      <summary>{count}</summary>
      <ul>
        {items.map((item) => (
          <li key={`${item.kind} ${item.connection}`}>
            <strong>{KINDS[item.kind].title}.</strong> {item.text}
          </li>
        ))}
      </ul>
    </details>
  );
}
