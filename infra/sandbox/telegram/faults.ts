import {
  type HeldSwitches,
  holdSwitches,
  type Positions,
  type SwitchView,
  toggle,
  whole,
} from "../switches.ts";

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
export type TelegramSwitches = HeldSwitches<typeof TELEGRAM_SWITCHES>;

/** Every switch at its start: Telegram on a good day. */
export const createTelegramSwitches = (): TelegramSwitches => holdSwitches(TELEGRAM_SWITCHES);
