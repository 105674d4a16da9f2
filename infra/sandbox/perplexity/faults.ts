import { choice, type HeldSwitches, holdSwitches, type Positions, toggle, whole } from "../switches.ts";

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

/** The position of every switch. */
export type PerplexityFaults = Positions<typeof PERPLEXITY_SWITCHES>;

/** The switches of one simulator. */
export type PerplexitySwitches = HeldSwitches<typeof PERPLEXITY_SWITCHES>;

/** Every switch at its start: Perplexity on a good day. */
export const createPerplexitySwitches = (): PerplexitySwitches => holdSwitches(PERPLEXITY_SWITCHES);
