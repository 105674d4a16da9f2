import { z } from "zod";

const count = z.int().min(0).max(1000);

/** The ways in which simulated Telegram can misbehave. */
export const telegramFaultsSchema = z.strictObject({
  deliverTwice: z.boolean().meta({
    description: "Every update is pushed to the web hook two times, both at the same moment.",
  }),
  lateUpdates: z
    .int()
    .min(0)
    .max(86_400)
    .meta({ description: "Every new update is held back for so many seconds on the clock." }),
  rateLimit: count.meta({
    description: "The next so many sends are refused with 429 and `parameters.retry_after`.",
  }),
  retryAfterSeconds: z
    .int()
    .min(1)
    .max(3600)
    .meta({ description: "What a send refused by `rateLimit` reports as `retry_after`." }),
  unreachable: z
    .boolean()
    .meta({ description: "The port of the Bot API is closed, and every open connection is cut." }),
  timeoutAfterAccept: count.meta({
    description: "The next so many sends reach the phone, but the sender never gets an answer.",
  }),
  badGateway: count.meta({
    description: "The next so many sends get a 502 page that is not JSON, and nothing reaches the phone.",
  }),
  blocked: z
    .boolean()
    .meta({ description: "The owner has blocked the bot: every send is refused with 403." }),
  publicUrlsOnly: z.boolean().meta({
    description:
      "A url button whose host has no dot, like `localhost`, is refused with 400 and its address is echoed.",
  }),
});

export type TelegramFaults = z.output<typeof telegramFaultsSchema>;

/** What a caller may change in one step; a switch that is not named keeps its value. */
export const telegramFaultsChangeSchema = telegramFaultsSchema.partial();

export type TelegramFaultsChange = z.output<typeof telegramFaultsChangeSchema>;

/** How the simulator starts: Telegram on a good day. */
export const NO_TELEGRAM_FAULTS: TelegramFaults = {
  deliverTwice: false,
  lateUpdates: 0,
  rateLimit: 0,
  retryAfterSeconds: 3,
  unreachable: false,
  timeoutAfterAccept: 0,
  badGateway: 0,
  blocked: false,
  publicUrlsOnly: false,
};

/** The switches with their defaults and one sentence each, for the guide and the sandbox page. */
export function describeTelegramFaults(): readonly {
  readonly name: string;
  readonly initial: boolean | number;
  readonly description: string;
}[] {
  return Object.entries(telegramFaultsSchema.shape).map(([name, schema]) => ({
    name,
    initial: NO_TELEGRAM_FAULTS[name as keyof TelegramFaults],
    description: schema.meta()?.description ?? "",
  }));
}

/** The switches of one simulator. */
export interface TelegramSwitches {
  current(): TelegramFaults;
  /** Sets the switches named and returns all of them. Throws a ZodError for what the table does not allow. */
  change(change: TelegramFaultsChange): TelegramFaults;
  /** Whether the next call is hit by a counted switch; counts it down. */
  spend(name: "rateLimit" | "timeoutAfterAccept" | "badGateway"): boolean;
}

export function createTelegramSwitches(): TelegramSwitches {
  let faults = NO_TELEGRAM_FAULTS;
  return {
    current: () => faults,
    change(change) {
      faults = telegramFaultsSchema.parse({ ...faults, ...telegramFaultsChangeSchema.parse(change) });
      return faults;
    },
    spend(name) {
      if (faults[name] === 0) return false;
      faults = { ...faults, [name]: faults[name] - 1 };
      return true;
    },
  };
}
