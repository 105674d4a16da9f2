import type { App } from "../app.ts";
import type { RenewalStep } from "../steps.ts";
import { isLoginOver, verbOf } from "../words.ts";
import { AwayView } from "./away-view.tsx";
import { PinView } from "./pin-view.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { ProgressView } from "./progress-view.tsx";
import { ViewHeading } from "./view-heading.tsx";

interface RenewalViewProps {
  readonly app: App;
  readonly step: RenewalStep;
}

/** The renewal, from asking the broker for a login to the worker's word. */
export function RenewalView({ app, step }: RenewalViewProps) {
  const label = labelOf(app, step);
  const verb = verbIn(app, step);
  switch (step.step) {
    case "starting":
      return (
        <section class="renewal">
          <ViewHeading>
            {verb} {label}
          </ViewHeading>
          <p role="status">Asking the broker for a login…</p>
        </section>
      );
    case "pin":
      return step.isRedirect ? (
        <AwayView app={app} step={step} label={label} key={step.authorization.id} />
      ) : (
        <PinView app={app} step={step} label={label} key={step.authorization.id} />
      );
    case "confirming":
    case "armed":
    case "refused":
      return <ProgressView app={app} step={step} label={label} />;
    case "returning":
      return <ReturningView app={app} step={step} />;
    default:
      return <StoppedView app={app} step={step} label={label} />;
  }
}

function ReturningView({
  app,
  step,
}: {
  readonly app: App;
  readonly step: RenewalStep & { step: "returning" };
}) {
  return (
    <section class="renewal">
      <ViewHeading>Welcome back from the broker</ViewHeading>
      {step.problem === undefined ? (
        <p role="status">Handing in its code…</p>
      ) : (
        <>
          <ProblemNote problem={step.problem} />
          <button type="button" class="button primary" onClick={() => void app.comeBack(step)}>
            Try again
          </button>
        </>
      )}
    </section>
  );
}

interface StoppedProps extends RenewalViewProps {
  readonly step: RenewalStep & { step: "closed" | "not-started" };
  readonly label: string;
}

function StoppedView({ app, step, label }: StoppedProps) {
  const { connection, problem } = step;
  const isOver = step.step === "closed" || isLoginOver(problem);
  return (
    <section class="renewal">
      <ViewHeading>
        {step.step === "closed"
          ? "This login is over"
          : `${label} cannot be ${verbIn(app, step) === "Connect" ? "connected" : "renewed"} yet`}
      </ViewHeading>
      {problem === undefined && <p>It has expired or was ended elsewhere. Start again for a fresh one.</p>}
      <ProblemNote problem={problem} />
      {connection !== undefined && (
        <button type="button" class="button primary" onClick={() => void app.renew(connection)}>
          {isOver ? "Start again" : "Try again"}
        </button>
      )}
      <button
        type="button"
        class={connection === undefined ? "button primary" : "button quiet"}
        onClick={() => app.leaveRenewal()}
      >
        {connection === undefined ? "Start again from the overview" : "Back to the overview"}
      </button>
    </section>
  );
}

function labelOf(app: App, step: RenewalStep): string {
  return connectionOf(app, step)?.label ?? "connection";
}

function verbIn(app: App, step: RenewalStep): string {
  return verbOf({ login: connectionOf(app, step)?.login ?? "pin" });
}

function connectionOf(app: App, step: RenewalStep) {
  const id = "connection" in step ? step.connection : undefined;
  return app.state.status.value?.connections.find((connection) => connection.id === id);
}
