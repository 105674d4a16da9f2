import { useEffect, useState } from "preact/hooks";

const ARMED_FOR_MS = 5_000;
const READY_AFTER_MS = 300;

interface TwoTapProps {
  readonly label: string;
  /** What the second press does, in full. */
  readonly armedLabel: string;
  readonly isDisabled: boolean;
  readonly run: () => void;
}

/** A button that asks to be pressed twice within five seconds. */
export function TwoTap({ label, armedLabel, isDisabled, run }: TwoTapProps) {
  const [step, setStep] = useState<"idle" | "armed" | "ready">("idle");
  useEffect(() => {
    if (step === "idle") return;
    const isReady = step === "ready";
    const timer = setTimeout(
      () => setStep(isReady ? "idle" : "ready"),
      isReady ? ARMED_FOR_MS - READY_AFTER_MS : READY_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [step]);
  const press = () => {
    if (step === "idle") setStep("armed");
    if (step !== "ready") return;
    setStep("idle");
    run();
  };
  return (
    <button
      type="button"
      class={step === "idle" ? "button" : "button danger"}
      disabled={isDisabled}
      aria-disabled={step === "armed"}
      onClick={press}
    >
      {step === "idle" ? label : armedLabel}
    </button>
  );
}
