import type { Failure, Success } from "../../../shared/platform/result.ts";
import { choice, createSwitchDesk, type Positions, type SwitchView, toggle, whole } from "../switches.ts";

/** The ways in which the simulated Perplexity can misbehave, in the order in which people read them. */
export const PERPLEXITY_SWITCHES = {
  answers: choice(
    ["score", "garbage", "wrong-json", "prose", "out-of-range", "injected", "cut-off", "empty"],
    "What an answer is: a score as asked for; a body that is no JSON; JSON of another form; words around it; a score of 7; news that tells the reader to buy; an answer that ends in the middle; nothing.",
  ),
  mood: choice(
    ["by-instrument", "good", "bad", "neutral"],
    "What is thought of every instrument: each its own, which changes every six hours, or the same of all: 0.8, -0.8 or 0.",
  ),
  timeout: whole(0, [0, 1000], "The next so many questions never get an answer; counts down by itself."),
  rateLimit: whole(0, [0, 1000], "The next so many questions are refused with 429; counts down by itself."),
  serverError: whole(0, [0, 1000], "The next so many questions get a 500; counts down by itself."),
  keyRefused: toggle("The key has been withdrawn: every question is refused with 401."),
  latencyMs: whole(0, [0, 120_000], "Every answer comes after so many milliseconds of the machine's time."),
};

export type PerplexityFaults = Positions<typeof PERPLEXITY_SWITCHES>;

/** The switches of one simulator. */
export interface PerplexitySwitches {
  current(): PerplexityFaults;
  /** Applies `patch` (others' data): all of it or nothing. A `null` puts a switch back to its start. */
  patch(patch: unknown): Success<PerplexityFaults> | Failure<"SANDBOX_SWITCH_INVALID">;
  view(): readonly SwitchView[];
  /** Whether the next question is hit by a counted switch; counts it down. */
  spend(name: "timeout" | "rateLimit" | "serverError"): boolean;
}

const desk = createSwitchDesk(PERPLEXITY_SWITCHES);

/** Every switch at its start: Perplexity on a good day. */
export function createPerplexitySwitches(): PerplexitySwitches {
  let faults: PerplexityFaults = desk.initial();
  return {
    current: () => faults,
    patch(patch) {
      const result = desk.patch(faults, patch);
      if (result.ok) faults = result.value;
      return result;
    },
    view: () => desk.view(faults),
    spend(name) {
      if (faults[name] === 0) return false;
      faults = { ...faults, [name]: faults[name] - 1 };
      return true;
    },
  };
}
