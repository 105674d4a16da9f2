import { Temporal } from "temporal-polyfill";
import { nextSession } from "../../shared/calendar/sessions.ts";
import { dateIn } from "../../shared/calendar/zoned.ts";
import type { Config } from "../../shared/config/config.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createVirtualClock, type VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import { type Home, readClock, writeClock } from "./home.ts";

const EASTERN = "America/New_York";

export interface StackClockOptions {
  readonly home: Home;
  readonly config: Config;
  readonly isFlowing: boolean;
  readonly startAt?: Temporal.Instant;
}

/** The stack's clock: where the last run's clock would stand now, or where a fresh one starts. */
export async function openClock(
  options: StackClockOptions,
  settle: () => Promise<void>,
): Promise<VirtualClock> {
  const machineNow = createSystemClock().now();
  const before = await readClock(options.home, machineNow);
  const start = before ?? options.startAt ?? justBeforeAlert(machineNow, options.config);
  return createVirtualClock({ start, settle, flowing: options.isFlowing });
}

/** Half a minute before the first rung of the next morning. */
export function justBeforeAlert(now: Temporal.Instant, config: Config): Temporal.Instant {
  const minutes = Math.max(...config.alerts.minutesBeforeOpen);
  const lead = Temporal.Duration.from({ minutes, seconds: 30 });
  const session = nextSession(now.add(lead));
  if (!session.ok) throw new RangeError(session.code);
  return session.value.open.subtract(lead);
}

/**
 * When the phone rings next: the first rung after `now`. `isArmed`: everything that is needed is armed, so that
 * it does not ring again on this day of the exchange.
 */
export function nextAlert(now: Temporal.Instant, config: Config, isArmed: boolean): Temporal.Instant {
  const rungs = config.alerts.minutesBeforeOpen.toSorted((one, other) => other - one);
  for (let after = now; ; ) {
    const session = nextSession(after);
    if (!session.ok) throw new RangeError(session.code);
    const { date, open } = session.value;
    const isQuiet = isArmed && date.equals(dateIn(now, EASTERN));
    const ringing = rungs.map((minutes) => open.subtract({ minutes }));
    const next = ringing.find((at) => Temporal.Instant.compare(at, now) > 0);
    if (next !== undefined && !isQuiet) return next;
    after = open;
  }
}

/** Notes where the clock stands, for the next start and for the terminal. */
export function noteClock(home: Home, clock: VirtualClock): Promise<void> {
  return writeClock(home, { machine: createSystemClock().now(), virtual: clock.now() });
}
