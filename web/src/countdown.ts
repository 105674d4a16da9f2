const SECOND_MS = 1_000;

interface Parts {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** Rounds up, so that the last second is shown as 1 and zero means over. Never negative. */
function split(durationMs: number): Parts {
  const total = Math.max(0, Math.ceil(durationMs / SECOND_MS));
  return {
    days: Math.floor(total / 86_400),
    hours: Math.floor(total / 3_600) % 24,
    minutes: Math.floor(total / 60) % 60,
    seconds: total % 60,
  };
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}

/** `HH:MM:SS`, with `N d ` before it from 24 hours on. */
export function formatCountdown(durationMs: number): string {
  const { days, hours, minutes, seconds } = split(durationMs);
  const clock = `${two(hours)}:${two(minutes)}:${two(seconds)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
}

/** `M:SS`, for a few minutes. */
export function formatMinutes(durationMs: number): string {
  const { days, hours, minutes, seconds } = split(durationMs);
  return `${(days * 24 + hours) * 60 + minutes}:${two(seconds)}`;
}

/** In words for a screen reader, to the minute: `15 hours 28 minutes`. */
export function speakDuration(durationMs: number): string {
  const { days, hours, minutes, seconds } = split(durationMs);
  const parts = [count(days, "day"), count(hours, "hour"), count(minutes, "minute")].filter(
    (part) => part !== "",
  );
  return parts.length > 0 ? parts.join(" ") : count(seconds, "second") || "no time";
}

/** How long something took: `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatTaken(seconds: number): string {
  const whole = wholeSeconds(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3_600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}

/** The same length as {@link formatTaken} tells it, as `M:SS` for a table. */
export function formatTakenClock(seconds: number): string {
  return formatMinutes(wholeSeconds(seconds) * SECOND_MS);
}

function wholeSeconds(seconds: number): number {
  return Math.max(0, Math.round(seconds));
}

function count(amount: number, unit: string): string {
  if (amount === 0) return "";
  return `${amount} ${unit}${amount === 1 ? "" : "s"}`;
}
