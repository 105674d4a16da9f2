import { useState } from "preact/hooks";
import type { ApiHold } from "../../../../shared/console/trading-api.ts";
import { formatMinutes, speakDuration } from "../../countdown.ts";
import type { Trading } from "../../trading.ts";

interface ResumeFormProps {
  readonly trading: Trading;
  readonly hold: ApiHold;
  readonly nowMs: number;
}

/** Letting trading go on: after the hold time, by a typed phrase, and with a reason. */
export function ResumeForm({ trading, hold, nowMs }: ResumeFormProps) {
  const [phrase, setPhrase] = useState("");
  const [reason, setReason] = useState("");
  const waitMs = Date.parse(hold.resumableAt) - nowMs;
  const isTyped = phrase.trim().replaceAll(/\s+/g, " ").toUpperCase() === hold.phrase;
  const isReady = waitMs <= 0 && isTyped && reason.trim() !== "";
  const id = hold.scope.replaceAll(":", "-");
  const send = (event: Event) => {
    event.preventDefault();
    if (isReady) void trading.resume({ scope: hold.scope, phrase, reason });
  };
  return (
    <form class="resume" onSubmit={send} autocomplete="off">
      <label for={`phrase-${id}`}>
        Type <b>{hold.phrase}</b>
      </label>
      <input
        id={`phrase-${id}`}
        class="field"
        autocapitalize="characters"
        spellcheck={false}
        value={phrase}
        onInput={(event) => setPhrase(event.currentTarget.value)}
      />
      <label for={`reason-${id}`}>Why may it go on?</label>
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
          "Go on"
        )}
      </button>
    </form>
  );
}
