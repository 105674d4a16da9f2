import { z } from "zod";
import { ConfigurationInvalid } from "../shared/config/configuration-invalid.ts";
import type { Log, LogFields } from "../shared/platform/log.ts";
import { EnvironmentInvalid } from "./cloud-environment.ts";
import type { ContainerProcess } from "./container.ts";
import { faultFields } from "./http/fault.ts";

/**
 * Runs a container's start. What keeps it from starting, or breaks it later outside of any call, is one line
 * in the log, without values and without a stack, and ends the process with exit code 1.
 */
export async function startOrExplain(
  deps: { readonly log: Log; readonly process: ContainerProcess },
  start: () => Promise<unknown>,
): Promise<void> {
  deps.process.once("uncaughtException", (error) => {
    deps.log.error("process-broken", faultFields(error));
    deps.process.exit(1);
  });
  try {
    await start();
  } catch (error) {
    deps.log.error("start-refused", refusalFields(error));
    deps.process.exit(1);
  }
}

/** Faults of the set-up are told in their own words, which hold no values; all others by kind and place. */
function refusalFields(thrown: unknown): LogFields {
  if (thrown instanceof z.ZodError) return { reason: wordsOf(thrown) };
  const isOfSetUp =
    thrown instanceof EnvironmentInvalid ||
    thrown instanceof ConfigurationInvalid ||
    thrown instanceof RangeError;
  return isOfSetUp ? { reason: thrown.message } : faultFields(thrown);
}

function wordsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
}
