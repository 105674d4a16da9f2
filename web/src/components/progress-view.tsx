import type { ApiStatus } from "../../../shared/console/api.ts";
import type { App } from "../app.ts";
import { formatTaken } from "../countdown.ts";
import { type ProgressLine, progressOf, type RenewalStep } from "../steps.ts";
import { spellCode, type Tone } from "../words.ts";
import { ErrorCode } from "./error-code.tsx";
import { ToneIcon } from "./icons.tsx";
import { ViewHeading } from "./view-heading.tsx";

type AfterPin = RenewalStep & { step: "confirming" | "armed" | "refused" };

const HEADS = {
  confirming: { tone: "pending", title: "Almost there" },
  armed: { tone: "good", title: "Armed" },
  refused: { tone: "trouble", title: "The new token does not work" },
} as const satisfies Record<AfterPin["step"], { tone: Tone; title: string }>;

/** What happens after the PIN, line by line; green only when the worker has said so. */
export function ProgressView({
  app,
  step,
  label,
}: {
  readonly app: App;
  readonly step: AfterPin;
  readonly label: string;
}) {
  const { tone, title } = HEADS[step.step];
  const status = app.state.status.value;
  return (
    <section class="renewal progress">
      <p class="progress-label">{label}</p>
      <div class={`progress-head text-${tone}`}>
        <ToneIcon tone={tone} />
        <ViewHeading>{title}</ViewHeading>
      </div>
      <ol class="lines">
        {progressOf(step).map((line) => (
          <Line key={line.text} line={line} />
        ))}
      </ol>
      <p class="outcome" role="status">
        {tell(step, status)}
        {step.step === "refused" && <ErrorCode code={step.rejection} />}
      </p>
      <div class="actions">
        {step.step === "refused" ? (
          <button type="button" class="button primary" onClick={() => void app.renew(step.connection)}>
            Renew again
          </button>
        ) : (
          <button
            type="button"
            class={step.step === "armed" ? "button primary" : "button"}
            onClick={() => app.leaveRenewal()}
          >
            {step.step === "armed" ? "Done" : "Back to the overview"}
          </button>
        )}
      </div>
    </section>
  );
}

const LINES = {
  done: { tone: "good", word: "done" },
  active: { tone: "pending", word: "under way" },
  waiting: { tone: "neutral", word: "to come" },
  failed: { tone: "trouble", word: "failed" },
} as const satisfies Record<ProgressLine["state"], { tone: Tone; word: string }>;

function Line({ line }: { readonly line: ProgressLine }) {
  const { tone, word } = LINES[line.state];
  return (
    <li class={`line line-${line.state}`}>
      <ToneIcon tone={tone} />
      <span>{line.text}</span>
      <span class="line-word">{word}</span>
    </li>
  );
}

function tell(step: AfterPin, status: ApiStatus | undefined): string {
  switch (step.step) {
    case "confirming":
      if (!step.isLate) return tellWait(step.isSlow);
      return "The token is safe, so no second login is needed, but the worker has been silent for a minute. The page keeps watching. If it stays so, see that the worker runs: “openbell health” in a terminal.";
    case "armed":
      return tellArmed(step.connection, status);
    case "refused": {
      const why = step.rejection === undefined ? "" : ` (${spellCode(step.rejection)})`;
      return `The broker gave the token, and then refused it${why}. Renew once more; if it happens again, wait a few minutes.`;
    }
    default:
      return step satisfies never;
  }
}

function tellWait(isSlow: boolean): string {
  const words = "The worker tries the token with a real call";
  return isSlow ? `${words}, at the latest in half a minute.` : `${words}.`;
}

function tellArmed(id: string, status: ApiStatus | undefined): string {
  const connection = status?.connections.find((one) => one.id === id);
  const token = connection?.login === "redirect" ? "the new token" : "today’s token";
  if (connection?.acknowledgement === undefined) return `The worker made a real call with ${token}.`;
  const { accounts, latencyMs } = connection.acknowledgement;
  const answered = accounts === 1 ? "1 account answered" : `${accounts} accounts answered`;
  const today = status?.mornings[0];
  const seconds = connection.needed === "every-morning" ? today?.secondsToArmed : undefined;
  const isTimed = seconds !== undefined && today?.date === status?.market.session.date;
  const taken = isTimed ? ` From alert to armed: ${formatTaken(seconds)}.` : "";
  return `The worker made a real call with ${token}: ${answered} in ${Math.round(latencyMs)} ms.${taken}`;
}
