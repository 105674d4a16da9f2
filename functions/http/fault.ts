import type { LogFields } from "../../shared/platform/log.ts";

const FRAMES_KEPT = 6;

/**
 * What may be logged of something thrown: its kind and the places in the code it came through. Never its
 * message, which may quote what a caller or a broker sent.
 */
export function faultFields(thrown: unknown): LogFields {
  if (!(thrown instanceof Error)) return { fault: typeof thrown };
  return { fault: thrown.name, places: placesOf(thrown), ...causeOf(thrown) };
}

function causeOf(error: Error): LogFields {
  return error.cause instanceof Error ? { cause: error.cause.name, causePlaces: placesOf(error.cause) } : {};
}

/** File, line and column of the innermost frames, without the folders before the file. */
function placesOf(error: Error): readonly string[] {
  const frames = error.stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
  return frames.slice(0, FRAMES_KEPT).flatMap((line) => line.match(/[^/\\(\s]+:\d+:\d+(?=\)?$)/)?.[0] ?? []);
}
