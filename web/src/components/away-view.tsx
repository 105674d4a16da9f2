import type { App } from "../app.ts";
import { formatMinutes, speakDuration } from "../countdown.ts";
import { safeHref } from "../safe-href.ts";
import type { RenewalStep } from "../steps.ts";
import { ProblemNote } from "./problem-note.tsx";
import { ViewHeading } from "./view-heading.tsx";

/** A login whose broker leads back by itself: this tab is on its way there, or came back without an end. */
export function AwayView({
  app,
  step,
  label,
}: {
  readonly app: App;
  readonly step: RenewalStep & { step: "pin" };
  readonly label: string;
}) {
  const { authorization, connection, problem } = step;
  const leftMs = Date.parse(authorization.expiresAt) - app.state.nowMs.value;
  const isExpired = leftMs <= 0;
  return (
    <section class="renewal">
      <ViewHeading>Connect {label}</ViewHeading>
      <ol class="todo">
        <li>
          <h2>Log in at the broker</h2>
          <p>Its page opens in this tab. Allow the access there, and it leads you back here.</p>
          <BrokerLink address={authorization.authorizeUrl} isExpired={isExpired} />
        </li>
      </ol>
      <ProblemNote problem={problem} />
      <div class="time-left">
        <p>
          <span>{isExpired ? "This login has expired" : "This login ends in"}</span>
          <span
            class="countdown"
            role="timer"
            aria-live="off"
            aria-label={`Time left ${speakDuration(leftMs)}`}
          >
            {formatMinutes(leftMs)}
          </span>
        </p>
      </div>
      <button type="button" class="button" onClick={() => void app.renew(connection)}>
        Start again
      </button>
      <button type="button" class="button quiet" onClick={() => app.leaveRenewal()}>
        Back to the overview
      </button>
    </section>
  );
}

function BrokerLink({ address, isExpired }: { readonly address: string; readonly isExpired: boolean }) {
  const safe = safeHref(address);
  const target = isExpired || safe === undefined ? { "aria-disabled": true } : { href: safe };
  return (
    <>
      <a class="button primary" rel="noreferrer" {...target}>
        Go to the broker’s page
      </a>
      <p class="hint">
        {safe === undefined
          ? "The address that came is not a safe one. Do not log in; start again."
          : `It must be at ${new URL(safe).host}. Openbell never asks for your password.`}
      </p>
    </>
  );
}
