import { formatCountdown, speakDuration } from "../countdown.ts";

/**
 * The time left until an instant, ticking; `--:--:--` without one. A screen reader hears it in words when it
 * asks for it, not every second.
 */
export function Countdown({
  until,
  nowMs,
  label,
}: {
  until: string | undefined;
  nowMs: number;
  label: string;
}) {
  if (until === undefined) {
    return (
      <span class="countdown countdown-none" aria-hidden="true">
        --:--:--
      </span>
    );
  }
  const leftMs = Date.parse(until) - nowMs;
  return (
    <span class="countdown" role="timer" aria-live="off" aria-label={`${label} ${speakDuration(leftMs)}`}>
      {formatCountdown(leftMs)}
    </span>
  );
}
