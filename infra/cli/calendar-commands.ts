/** The commands that need nothing but the calendar and the configuration. */
import type { Temporal } from "temporal-polyfill";
import { formatPlan, planRows } from "../../shared/calendar/format-plan.ts";
import { planDays } from "../../shared/calendar/plan.ts";
import { tradingDaysBetween } from "../../shared/calendar/sessions.ts";
import type { Config } from "../../shared/config/config.ts";
import { loadConfig } from "../../shared/config/load-config.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { readClock } from "../local/home.ts";
import { readStackEnvironment } from "../local/stack-environment.ts";
import { type Job, TOPOLOGY } from "../topology.ts";
import { calendarRows, formatCalendar } from "./format-calendar.ts";
import { findHome } from "./open-app.ts";
import { tellFailure } from "./tell-failure.ts";
import type { ExitCode } from "./terminal.ts";
import type { World } from "./world.ts";

export interface CalendarOptions {
  readonly from: Temporal.PlainDate;
  readonly to: Temporal.PlainDate;
  readonly json?: boolean;
}

export function runCalendar({ terminal }: World, { from, to, json }: CalendarOptions): ExitCode {
  const found = tradingDaysBetween(from, to);
  if (!found.ok) return tellFailure(terminal, found);
  const sessions = found.value;
  terminal.print(
    json === true ? JSON.stringify(calendarRows(sessions), undefined, 2) : formatCalendar(sessions),
  );
  return 0;
}

export interface PlanOptions {
  readonly days: number;
  /** Default: where the sandbox's clock stands, or the machine's where there is no sandbox. */
  readonly from?: Temporal.Instant;
  readonly json?: boolean;
}

export async function runPlan({ terminal, environment }: World, options: PlanOptions): Promise<ExitCode> {
  const settings = readStackEnvironment(environment);
  const config = await loadConfig(settings.configFile);
  const from = options.from ?? (await nowIn(settings.home));
  const planned = planDays({ from, days: options.days, ...planInputs(config, TOPOLOGY.jobs) });
  if (!planned.ok) return tellFailure(terminal, planned);
  const { timeZone } = config.owner;
  const entries = planned.value;
  terminal.print(
    options.json === true
      ? JSON.stringify(planRows(entries, timeZone), undefined, 2)
      : formatPlan(entries, timeZone),
  );
  return 0;
}

/** The jobs as the plan wants them, and the settings that decide what their calls do. */
export function planInputs(config: Config, jobs: readonly Job[]) {
  return {
    jobs: jobs.map(({ name, schedule, timeZone }) => ({ name, cron: schedule, timeZone })),
    morning: { job: "morning-alert", minutesBeforeOpen: config.alerts.minutesBeforeOpen },
    keepAlive: { job: "keep-alive", afterMinutes: config.tokens.keepAliveAfterMinutes },
  };
}

async function nowIn(homeFolder: string): Promise<Temporal.Instant> {
  const machineNow = createSystemClock().now();
  const home = await findHome(homeFolder);
  return (home && (await readClock(home, machineNow))) ?? machineNow;
}
