import type { App } from "../../app.ts";
import type { Door } from "../../state.ts";
import type { Trading } from "../../trading.ts";
import type { KillStep } from "../../trading-state.ts";
import { type BarWords, describeBar } from "../../trading-words.ts";
import { VIEW_ADDRESSES } from "../../view-address.ts";
import { describeProblem } from "../../words.ts";
import { ToneIcon } from "../icons.tsx";

interface KillBarProps {
  readonly app: App;
  readonly trading: Trading;
}

/** How trading stands and the button that stops it, at the foot of every view. */
export function KillBar({ app, trading }: KillBarProps) {
  const { door, isOnline, nowMs } = app.state;
  const place = placeOf(door.value);
  if (place === undefined) return null;
  const facts = { trading: trading.state, door: place, isOnline: isOnline.value, nowMs: nowMs.value };
  const words = describeBar(facts);
  const step = words.button === "stop" ? trading.state.kill.value : ({ kind: "idle" } as const);
  return (
    <aside class="bar" aria-label="Stop trading">
      <div class="bar-inside">
        {step.kind === "armed" ? (
          <Armed trading={trading} isReady={step.isReady} />
        ) : (
          <Standing trading={trading} words={words} step={step} />
        )}
      </div>
      <p class="unseen" role="status">
        {spoken(words, step)}
      </p>
    </aside>
  );
}

function placeOf({ kind }: Door): "inside" | "outside" | "unreachable" | undefined {
  if (kind === "opening") return undefined;
  return kind === "inside" || kind === "unreachable" ? kind : "outside";
}

interface StandingProps {
  readonly trading: Trading;
  readonly words: BarWords;
  readonly step: Exclude<KillStep, { kind: "armed" }>;
}

function Standing({ trading, words, step }: StandingProps) {
  const { title, note } = step.kind === "failed" ? failedWords(step) : words;
  const tone = step.kind === "failed" ? "trouble" : words.tone;
  return (
    <>
      <ToneIcon tone={tone} />
      <p class="bar-words">
        <strong class={`text-${tone}`}>{title}</strong>
        <span>{note}</span>
      </p>
      <BarButton trading={trading} words={words} step={step} />
    </>
  );
}

function BarButton({ trading, words: { button }, step }: StandingProps) {
  if (button === "none") return null;
  if (button === "details") {
    return (
      <a class="button" href={VIEW_ADDRESSES.trading}>
        Details
      </a>
    );
  }
  if (step.kind === "failed") {
    return (
      <button type="button" class="button danger" onClick={() => void trading.killAgain()}>
        Try again
      </button>
    );
  }
  const isUnderWay = step.kind === "sending" || step.kind === "told";
  return (
    <button
      type="button"
      class="button stop"
      disabled={button === "off" || isUnderWay}
      onClick={() => trading.arm()}
    >
      {isUnderWay ? "Stopping…" : "Stop trading"}
    </button>
  );
}

function Armed({ trading, isReady }: { readonly trading: Trading; readonly isReady: boolean }) {
  return (
    <>
      <button
        type="button"
        class="button danger bar-now"
        aria-disabled={!isReady}
        onClick={() => void trading.kill()}
      >
        Stop everything now
      </button>
      <button type="button" class="button" onClick={() => trading.disarm()}>
        Cancel
      </button>
    </>
  );
}

function failedWords({ problem }: KillStep & { kind: "failed" }): { title: string; note: string } {
  if (problem.kind === "unreachable") {
    return { title: "No answer: it may trade on", note: "Try again, or /kill, or the broker’s app." };
  }
  return { title: "Not stopped", note: describeProblem(problem).message };
}

function spoken(words: BarWords, step: KillStep): string {
  switch (step.kind) {
    case "armed":
      return "Press “Stop everything now” within five seconds.";
    case "sending":
      return "Stopping everything.";
    case "failed": {
      const { title, note } = failedWords(step);
      return `${title}. ${note}`;
    }
    default:
      return words.title;
  }
}
