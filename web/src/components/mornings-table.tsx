import { useState } from "preact/hooks";
import type { ApiMorning } from "../../../shared/console/api.ts";
import { formatTaken, formatTakenClock } from "../countdown.ts";
import type { TimeFormat } from "../time-format.ts";
import { describeMorning, summariseMornings } from "../words.ts";
import { ToneIcon } from "./icons.tsx";

const FIRST_ROWS = 5;

/** How the past mornings went: when the phone rang, when all was armed, and how long that took. */
export function MorningsTable({
  mornings,
  time,
}: {
  readonly mornings: readonly ApiMorning[];
  readonly time: TimeFormat;
}) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? mornings : mornings.slice(0, FIRST_ROWS);
  return (
    <section class="card mornings" aria-labelledby="mornings">
      <h2 id="mornings">Mornings</h2>
      <p class="summary">{summary(mornings)}</p>
      {mornings.length > 0 && (
        <div class="scroller">
          <table>
            <caption class="unseen">{`Newest first; times in ${time.zoneLabel}; took in minutes and seconds`}</caption>
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Rang</th>
                <th scope="col">Armed</th>
                <th scope="col">Took</th>
                <th scope="col">Result</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((morning) => (
                <Row key={morning.date} morning={morning} time={time} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {mornings.length > FIRST_ROWS && (
        <button type="button" class="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${mornings.length}`}
        </button>
      )}
    </section>
  );
}

function Row({ morning, time }: { readonly morning: ApiMorning; readonly time: TimeFormat }) {
  const { tone, title } = describeMorning(morning.outcome);
  const clock = (instant: string | undefined) =>
    instant === undefined ? "–" : time.clock(instant).slice(0, 5);
  return (
    <tr>
      <th scope="row">{time.date(morning.date)}</th>
      <td>{clock(morning.alertedAt)}</td>
      <td>{clock(morning.armedAt)}</td>
      <td>{morning.secondsToArmed === undefined ? "–" : formatTakenClock(morning.secondsToArmed)}</td>
      <td>
        <span class="result">
          <ToneIcon tone={tone} />
          {title}
        </span>
      </td>
    </tr>
  );
}

function summary(mornings: readonly ApiMorning[]): string {
  const score = summariseMornings(mornings);
  if (score === undefined) return "No trading morning has passed yet.";
  const median =
    score.medianSeconds === undefined
      ? ""
      : ` Median from alert to armed: ${formatTaken(score.medianSeconds)}.`;
  return `Armed before the open on ${score.inTime} of ${score.of} trading days.${median}`;
}
