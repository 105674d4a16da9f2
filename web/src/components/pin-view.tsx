import { useEffect, useRef } from "preact/hooks";
import type { App } from "../app.ts";
import { formatMinutes, speakDuration } from "../countdown.ts";
import { safeHref } from "../safe-href.ts";
import type { RenewalStep } from "../steps.ts";
import { OutwardIcon } from "./icons.tsx";
import { PinForm } from "./pin-form.tsx";
import { ViewHeading } from "./view-heading.tsx";

type PinStep = RenewalStep & { step: "pin" };

/** The owner logs in on the broker's own page and brings its PIN back. */
export function PinView({
  app,
  step,
  label,
}: {
  readonly app: App;
  readonly step: PinStep;
  readonly label: string;
}) {
  const leftMs = Date.parse(step.authorization.expiresAt) - app.state.nowMs.value;
  const isExpired = leftMs <= 0 && !step.isSending;
  return (
    <section class="renewal">
      <ViewHeading>Renew {label}</ViewHeading>
      <ol class="todo">
        <li>
          <h2>Log in at the broker</h2>
          <p>Its page opens in a new tab. Accept, and copy the PIN it shows.</p>
          <BrokerLink address={step.authorization.authorizeUrl} isExpired={isExpired} />
        </li>
        <li>
          <h2>Bring the PIN back</h2>
          <PinForm
            isSending={step.isSending}
            problem={step.problem}
            isExpired={isExpired}
            send={(pin) => void app.sendPin(pin)}
            startAgain={() => void app.renew(step.connection)}
          />
        </li>
      </ol>
      <TimeLeft leftMs={leftMs} attemptsLeft={step.authorization.attemptsLeft} />
      <button type="button" class="button quiet" onClick={() => app.leaveRenewal()}>
        Back to the overview
      </button>
    </section>
  );
}

function BrokerLink({ address, isExpired }: { readonly address: string; readonly isExpired: boolean }) {
  const link = useRef<HTMLAnchorElement>(null);
  const safe = safeHref(address);
  const target = isExpired || safe === undefined ? { "aria-disabled": true } : { href: safe };

  useEffect(() => {
    // Back from the broker's tab: on to the field.
    const onReturn = () => {
      if (document.visibilityState === "visible" && document.activeElement === link.current) {
        document.getElementById("pin")?.focus();
      }
    };
    document.addEventListener("visibilitychange", onReturn);
    return () => document.removeEventListener("visibilitychange", onReturn);
  }, []);

  return (
    <>
      <a ref={link} class="button primary" target="_blank" rel="noopener noreferrer" {...target}>
        Open the broker’s page
        <OutwardIcon />
      </a>
      <p class="hint">
        {safe === undefined
          ? "The address that came is not a safe one. Do not log in; start again."
          : `It must be at ${new URL(safe).host}. Openbell never asks for your password.`}
      </p>
    </>
  );
}

function TimeLeft({ leftMs, attemptsLeft }: { readonly leftMs: number; readonly attemptsLeft: number }) {
  const isExpired = leftMs <= 0;
  return (
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
      <p>
        <span>Attempts left</span>
        <span class="countdown">{attemptsLeft}</span>
      </p>
      <p class="unseen" role="status">
        {isExpired
          ? "This login has expired. Start again."
          : leftMs <= 60_000
            ? "Less than a minute left."
            : ""}
      </p>
    </div>
  );
}
