import { Temporal } from "temporal-polyfill";
import { nextSession } from "../../shared/calendar/sessions.ts";
import type { Config } from "../../shared/config/config.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createVirtualClock, type VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import { type Home, readClock, writeClock } from "./home.ts";

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

/** Notes where the clock stands, for the next start and for the terminal. */
export function noteClock(home: Home, clock: VirtualClock): Promise<void> {
  return writeClock(home, { machine: createSystemClock().now(), virtual: clock.now() });
}
