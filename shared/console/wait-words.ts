/** The details of a refusal in words. Pure. */
import type { Failure } from "../platform/result.ts";

const SECONDS_TOLD = 90;

/** `in 40 seconds`, `in 4 minutes`: rounded up, so that it is time by then. */
export function waitWords(seconds: number): string {
  const [count, unit] =
    seconds < SECONDS_TOLD ? [Math.ceil(seconds), "second"] : [Math.ceil(seconds / 60), "minute"];
  return `in ${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** Each detail with its name; a hold time as a sentence. */
export function detailWords({ code, detail }: Failure): readonly string[] {
  return Object.entries(detail).map(([name, value]) =>
    code === "RESUME_TOO_SOON" && name === "seconds" && typeof value === "number"
      ? `It can go on ${waitWords(value)}.`
      : `${name}: ${value}`,
  );
}
