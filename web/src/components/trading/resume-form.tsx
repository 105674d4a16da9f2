import { useState } from "preact/hooks";
import { formatMinutes, speakDuration } from "../../countdown.ts";
import type { TypedWish } from "../../trading-control.ts";

interface ResumeFormProps {
  readonly scope: string;
  /** What is to be typed. */
  readonly phrase: string;
  /** When it may be sent at the earliest. */
  readonly readyAt: string;
  readonly question: string;
  readonly label: string;
  readonly nowMs: number;
  readonly send: (wish: TypedWish) => void;
}

/** Loosening what a person or Openbell has tightened: after the hold time, by a typed phrase, and with a reason. */
export function ResumeForm({
  scope,
  phrase: wanted,
  readyAt,
  question,
  label,
  nowMs,
  send,
}: ResumeFormProps) {
  const [phrase, setPhrase] = useState("");
  const [reason, setReason] = useState("");
  const waitMs = Date.parse(readyAt) - nowMs;
  const isTyped = phrase.trim().replaceAll(/\s+/g, " ").toUpperCase() === wanted;
  const isReady = waitMs <= 0 && isTyped && reason.trim() !== "";
  const id = wanted.replaceAll(/[^\w-]/g, "-");
  const submit = (event: Event) => {
    event.preventDefault();
    if (isReady) send({ scope, phrase, reason });
  };
  return (
    <form class="resume" onSubmit={submit} autocomplete="off">
      <label for={`phrase-${id}`}>
        Type <b>{wanted}</b>
      </label>
      <input
        id={`phrase-${id}`}
        class="field"
        autocapitalize="characters"
        spellcheck={false}
        value={phrase}
        onInput={(event) => setPhrase(event.currentTarget.value)}
      />
      <label for={`reason-${id}`}>{question}</label>
      <input
        id={`reason-${id}`}
        class="field"
        maxLength={300}
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <button type="submit" class="button" disabled={!isReady}>
        {waitMs > 0 ? (
          <>
            Possible in{" "}
            <span class="countdown" role="timer" aria-live="off" aria-label={speakDuration(waitMs)}>
              {formatMinutes(waitMs)}
            </span>
          </>
        ) : (
          label
        )}
      </button>
    </form>
  );
}
