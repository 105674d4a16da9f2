import { z } from "zod";
import { type Failure, fail, type Success, succeed } from "../../../shared/platform/result.ts";

/** One switch of the simulator: what it takes, what it is at the start, and what it does. */
interface Switch<T> {
  readonly schema: z.ZodType<T>;
  readonly initial: T;
  /** The values it takes, for people. */
  readonly takes: string;
  readonly description: string;
}

function toggle(description: string): Switch<boolean> {
  return { schema: z.boolean(), initial: false, takes: "true or false", description };
}

function whole(initial: number, [min, max]: readonly [number, number], description: string): Switch<number> {
  return { schema: z.int().min(min).max(max), initial, takes: `whole number ${min} to ${max}`, description };
}

/** The ways in which simulated Telegram can misbehave, in the order in which people read them. */
export const TELEGRAM_SWITCHES = {
  deliverTwice: toggle("Every update is pushed to the web hook two times, both at the same moment."),
  lateUpdates: whole(0, [0, 86_400], "Every new update is held back for so many seconds on the clock."),
  rateLimit: whole(
    0,
    [0, 1000],
    "The next so many sends are refused with 429 and `parameters.retry_after`; counts down by itself.",
  ),
  retryAfterSeconds: whole(3, [1, 3600], "What a send refused by `rateLimit` reports as `retry_after`."),
  unreachable: toggle("The port of the Bot API is closed, and every open connection is cut."),
  timeoutAfterAccept: whole(
    0,
    [0, 1000],
    "The next so many sends reach the phone, but the sender never gets an answer; counts down by itself.",
  ),
  badGateway: whole(
    0,
    [0, 1000],
    "The next so many sends get a 502 page that is not JSON, and nothing reaches the phone; counts down by itself.",
  ),
  blocked: toggle("The owner has blocked the bot: every send is refused with 403."),
  publicUrlsOnly: toggle(
    "A url button whose host has no dot, like `localhost`, is refused with 400 and its address is echoed, as Telegram does.",
  ),
};

export type TelegramSwitchName = keyof typeof TELEGRAM_SWITCHES;
/** The position of every switch. */
export type TelegramFaults = { readonly [N in TelegramSwitchName]: (typeof TELEGRAM_SWITCHES)[N]["initial"] };

/** One switch as the sandbox page shows it. */
export interface TelegramSwitchView {
  readonly name: TelegramSwitchName;
  readonly value: boolean | number;
  readonly initial: boolean | number;
  readonly takes: string;
  readonly description: string;
}

/** The switches of one simulator. */
export interface TelegramSwitches {
  current(): TelegramFaults;
  /**
   * Applies `patch` (others' data): all of it or nothing. A `null` puts a switch back to its start.
   * `SANDBOX_SWITCH_INVALID` for a name that does not exist or a value that the switch does not take.
   */
  patch(patch: unknown): Success<TelegramFaults> | Failure<"SANDBOX_SWITCH_INVALID">;
  view(): readonly TelegramSwitchView[];
  /** Whether the next call is hit by a counted switch; counts it down. */
  spend(name: "rateLimit" | "timeoutAfterAccept" | "badGateway"): boolean;
}

const NAMES = Object.keys(TELEGRAM_SWITCHES) as TelegramSwitchName[];
const patchSchema = z.strictObject(
  Object.fromEntries(NAMES.map((name) => [name, TELEGRAM_SWITCHES[name].schema.nullable().optional()])),
);

/** Every switch at its start: Telegram on a good day. */
export function createTelegramSwitches(): TelegramSwitches {
  let faults = Object.fromEntries(
    NAMES.map((name) => [name, TELEGRAM_SWITCHES[name].initial]),
  ) as unknown as TelegramFaults;
  return {
    current: () => faults,
    patch(patch) {
      const read = patchSchema.safeParse(patch);
      if (!read.success) return refuse(read.error);
      const named = Object.entries(read.data)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, value ?? TELEGRAM_SWITCHES[name as TelegramSwitchName].initial]);
      faults = { ...faults, ...Object.fromEntries(named) };
      return succeed(faults);
    },
    view: () =>
      NAMES.map((name) => {
        const { initial, takes, description } = TELEGRAM_SWITCHES[name];
        return { name, value: faults[name], initial, takes, description };
      }),
    spend(name) {
      if (faults[name] === 0) return false;
      faults = { ...faults, [name]: faults[name] - 1 };
      return true;
    },
  };
}

function refuse(error: z.ZodError): Failure<"SANDBOX_SWITCH_INVALID"> {
  const issue = error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const name = String(unknown ?? issue?.path[0] ?? "").slice(0, 60);
  return fail("SANDBOX_SWITCH_INVALID", { switch: name, problem: issue?.message ?? "" });
}
