import type { Temporal } from "temporal-polyfill";
import type { Config } from "../../shared/config/config.ts";
import type { StatusReport } from "../../shared/console/status-report.ts";
import { easternDateTime } from "./narrator.ts";
import { nextAlert } from "./stack-clock.ts";

const SOON_MINUTES = 2;

/** What stands beside the phone's address: that it is about to ring, or when it rings next. */
export function phoneRemark(
  { connections }: Pick<StatusReport, "connections">,
  now: Temporal.Instant,
  config: Config,
): string {
  const needed = connections.filter((one) => one.needed === "every-morning");
  if (needed.length === 0) return "";
  const isArmed = needed.every((one) => one.acknowledged);
  const next = nextAlert(now, config, isArmed);
  const isSoon = now.until(next).total("minutes") <= SOON_MINUTES;
  return isSoon
    ? "   ← open this one first: it is about to ring"
    : `   ← the next alert is due ${easternDateTime(next)}`;
}
