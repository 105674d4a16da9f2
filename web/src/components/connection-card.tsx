import type { ComponentChildren } from "preact";
import type { ApiConnectionStatus } from "../../../shared/console/api.ts";
import type { App } from "../app.ts";
import type { TimeFormat } from "../time-format.ts";
import { describeConnection, describeSocket, environmentBadge, verbOf } from "../words.ts";
import { Countdown } from "./countdown.tsx";
import { ToneIcon } from "./icons.tsx";

interface CardProps {
  readonly app: App;
  readonly connection: ApiConnectionStatus;
  readonly time: TimeFormat;
}

/** One connection: environment, state, countdown to expiry, and when its token was used and renewed. */
export function ConnectionCard({ app, connection, time }: CardProps) {
  const nowMs = app.state.nowMs.value;
  const standing = describeConnection(connection, { nowMs, isFresh: app.state.isFresh.value });
  return (
    <article class={`card connection edge-${standing.tone}`} aria-labelledby={`connection-${connection.id}`}>
      <header class="connection-head">
        <h3 id={`connection-${connection.id}`}>{connection.label}</h3>
        <Badge
          environment={connection.environment}
          isSimulated={app.state.status.value?.profile === "sandbox"}
        />
      </header>
      <div class="standing">
        <ToneIcon tone={standing.tone} />
        <p>
          <strong class={`text-${standing.tone}`}>{standing.title}</strong>
          <span>{standing.note}</span>
        </p>
      </div>
      <Expiry connection={connection} nowMs={nowMs} time={time} />
      <Facts connection={connection} nowMs={nowMs} time={time} />
      <CardAction app={app} connection={connection} />
    </article>
  );
}

function Badge(props: { readonly environment: string; readonly isSimulated: boolean }) {
  const { word, isReal } = environmentBadge(props.environment, props.isSimulated);
  return <span class={isReal ? "badge badge-production" : "badge"}>{word}</span>;
}

interface TimedProps {
  readonly connection: ApiConnectionStatus;
  readonly nowMs: number;
  readonly time: TimeFormat;
}

function Expiry({ connection, nowMs, time }: TimedProps) {
  const { token } = connection;
  const isIdle = token.state === "idle";
  const until = isIdle ? token.renewableUntil : token.state === "active" ? token.expiresAt : undefined;
  const verb = isIdle ? "Wakes without a PIN for" : "Token ends in";
  return (
    <div class="expiry">
      <p class="expiry-verb">{verb}</p>
      <Countdown until={until} nowMs={nowMs} label={verb} />
      <p class="expiry-when">{until === undefined ? "No live token" : time.both(until, nowMs)}</p>
    </div>
  );
}

function Facts({ connection, nowMs, time }: TimedProps) {
  const { token, acknowledgement, loginBudget, socket } = connection;
  const moment = (instant: string | undefined) =>
    instant === undefined ? "never" : time.moment(instant, nowMs);
  return (
    <dl class="facts">
      <Fact name="Last used">{moment(token.lastUsedAt)}</Fact>
      <Fact name="Last renewed">{moment(token.lastRenewedAt ?? token.issuedAt)}</Fact>
      <Fact name="Worker confirmed">{moment(acknowledgement?.at)}</Fact>
      <Fact name="Its proof">
        {acknowledgement
          ? `${acknowledgement.accounts} account${acknowledgement.accounts === 1 ? "" : "s"} in ${Math.round(acknowledgement.latencyMs)} ms`
          : "none yet"}
      </Fact>
      <Fact name="Trades on">{acknowledgement ? `account ··${acknowledgement.account}` : "none yet"}</Fact>
      <Fact name="Logins left today">{`${Math.max(0, loginBudget.limit - loginBudget.used)} of ${loginBudget.limit}`}</Fact>
      {socket && (
        <>
          <Fact name="Socket">{describeSocket(socket, nowMs)}</Fact>
          <Fact name="Last frame">{moment(socket.lastFrameAt)}</Fact>
          <Fact name="Ready since">{socket.ready ? moment(socket.readySince) : "not ready"}</Fact>
          <Fact name="Held by">{`build ${socket.build}, epoch ${socket.epoch}`}</Fact>
        </>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CardAction({ app, connection }: { readonly app: App; readonly connection: ApiConnectionStatus }) {
  const { loginBudget, authorization, label, id, login } = connection;
  const goOn = login === "pin" ? "Enter the PIN" : "Go on at the broker";
  const verb = verbOf(connection);
  if (authorization !== undefined) {
    return (
      <button
        type="button"
        class="button"
        aria-label={`${goOn} for ${label}`}
        onClick={() => app.resumePin(id)}
      >
        {goOn}
      </button>
    );
  }
  const isSpent = loginBudget.used >= loginBudget.limit;
  return (
    <button
      type="button"
      class="button"
      disabled={isSpent}
      aria-label={isSpent ? `No logins left today for ${label}` : `${verb} ${label}`}
      onClick={() => void app.renew(id)}
    >
      {isSpent ? "No logins left today" : verb}
    </button>
  );
}
