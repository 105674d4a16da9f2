import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api.ts";
import { isPin, normalisePin } from "../pin.ts";
import { isUncertain } from "../steps.ts";
import { describeProblem } from "../words.ts";
import { ErrorCode } from "./error-code.tsx";
import { ToneIcon } from "./icons.tsx";

interface PinFormProps {
  readonly isSending: boolean;
  /** Why the last PIN was not taken. */
  readonly problem: Problem | undefined;
  readonly isExpired: boolean;
  readonly send: (pin: string) => void;
  readonly startAgain: () => void;
}

/** One field for the broker's PIN, with a paste button where the browser can read the clipboard. */
export function PinForm({ isSending, problem, isExpired, send, startAgain }: PinFormProps) {
  const field = useRef<HTMLInputElement>(null);
  const submit = useRef<HTMLButtonElement>(null);
  const [pin, setPin] = useState("");
  const [isPasteDenied, setPasteDenied] = useState(false);
  const isRefused = problem !== undefined && !isUncertain(problem);
  const isLocked = isSending || isExpired;

  useEffect(() => {
    if (isRefused) field.current?.select();
  }, [isRefused]);

  function take(text: string): void {
    if (isLocked) return;
    const taken = normalisePin(text);
    setPin(taken);
    setPasteDenied(false);
    // The button, not the field, which would raise the keyboard of a phone.
    requestAnimationFrame(() => (isPin(taken) ? submit : field).current?.focus());
  }

  function onSubmit(event: Event): void {
    event.preventDefault();
    if (!isLocked && isPin(pin)) send(pin);
  }

  return (
    <form class="pin-form" onSubmit={onSubmit} noValidate>
      <label for="pin">PIN</label>
      <div class="pin-row">
        <input
          {...PIN_FIELD}
          ref={field}
          value={pin}
          onInput={(event) => setPin(normalisePin(event.currentTarget.value))}
          onPaste={(event) => {
            event.preventDefault();
            take(event.clipboardData?.getData("text") ?? "");
          }}
          readOnly={isLocked}
          aria-invalid={isRefused}
        />
        <PasteButton isLocked={isLocked} take={take} deny={() => setPasteDenied(true)} />
      </div>
      <PinHint problem={problem} isPasteDenied={isPasteDenied} isExpired={isExpired} />
      {isExpired ? (
        <button type="button" class="button primary" key="again" onClick={startAgain}>
          Start again
        </button>
      ) : (
        <button type="submit" class="button primary" key="send" ref={submit} disabled={!isPin(pin)}>
          {isSending ? "Asking the broker…" : "Send the PIN"}
        </button>
      )}
      {isRefused && !isLocked && (
        <button type="button" class="button" key="anew" onClick={startAgain}>
          Start again
        </button>
      )}
    </form>
  );
}

interface PinHintProps {
  readonly problem: Problem | undefined;
  readonly isPasteDenied: boolean;
  readonly isExpired: boolean;
}

/** One place for the hint and for what went wrong, so that nothing moves. */
function PinHint({ problem, isPasteDenied, isExpired }: PinHintProps) {
  if (problem !== undefined && !isExpired) {
    const { message, next, code } = describeProblem(problem);
    return (
      <p class="pin-hint text-trouble" id="pin-hint" role="alert" key="problem">
        <ToneIcon tone="trouble" />
        <span>
          <strong>{message}</strong> {next}
          <ErrorCode code={code} />
        </span>
      </p>
    );
  }
  const hint = isPasteDenied
    ? "The browser does not let the button paste. Press and hold the field instead."
    : "4 to 10 letters and digits; capitals and spaces do not matter.";
  return (
    <p class="pin-hint" id="pin-hint" role="status" key="hint">
      {isExpired ? "The broker forgets a login after five minutes. Start again for a fresh one." : hint}
    </p>
  );
}

const PIN_FIELD = {
  id: "pin",
  class: "pin-field",
  type: "text",
  inputMode: "text",
  autocomplete: "one-time-code",
  autocapitalize: "characters",
  autocorrect: "off",
  spellcheck: false,
  enterKeyHint: "send",
  "aria-describedby": "pin-hint",
} as const;

interface PasteButtonProps {
  readonly isLocked: boolean;
  readonly take: (text: string) => void;
  readonly deny: () => void;
}

function PasteButton({ isLocked, take, deny }: PasteButtonProps) {
  // Some browsers lack the call, and over plain http all do.
  if (typeof (navigator as Partial<Navigator>).clipboard?.readText !== "function") return null;
  const paste = () => void navigator.clipboard.readText().then(take, deny);
  return (
    <button type="button" class="button" disabled={isLocked} onClick={paste}>
      Paste
    </button>
  );
}
