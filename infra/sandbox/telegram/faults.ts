import type { Failure, Success } from "../../../shared/platform/result.ts";
import { createSwitchDesk, type Positions, type SwitchView, toggle, whole } from "../switches.ts";

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
export type TelegramFaults = Positions<typeof TELEGRAM_SWITCHES>;

/** One switch as the sandbox page shows it. */
export type TelegramSwitchView = SwitchView<TelegramSwitchName, boolean | number>;

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

const desk = createSwitchDesk(TELEGRAM_SWITCHES);

/** Every switch at its start: Telegram on a good day. */
export function createTelegramSwitches(): TelegramSwitches {
  let faults: TelegramFaults = desk.initial();
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
