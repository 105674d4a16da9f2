/** The status, the keep-alive and the health for people. Pure. */
import { Temporal } from "temporal-polyfill";
import { aligned } from "../../shared/calendar/format-plan.ts";
import { dateTimeText, zoneLabel } from "../../shared/calendar/zoned.ts";
import type { ApiConnectionStatus, ApiHealth, ApiKeepAlive, ApiSocket } from "../../shared/console/api.ts";
import type { StatusReport } from "../../shared/console/status-report.ts";
import { connectionLine, marketLine } from "../../shared/console/status-text.ts";
import type { Style } from "./terminal.ts";

const EASTERN = "America/New_York";

/** Each connection with its countdown, proof and keep-alive; the market; what needs the owner and the command for it. */
export function formatStatus(report: StatusReport, style: Style): string {
  const now = Temporal.Instant.from(report.now);
  const profile = report.profile === "sandbox" ? "sandbox: everything is simulated" : report.profile;
  const heading = `${dateTimeText(now, EASTERN)} ${zoneLabel(EASTERN)} (${profile})`;
  const connections = report.connections.flatMap((one) => [
    "",
    style.strong(connectionLine(one, report.ownerTimeZone)),
    ...detailsOf(one, report).map((line) => `   ${line}`),
  ]);
  return [heading, ...connections, "", marketLine(report), "", ...needs(report, style)].join("\n");
}

function detailsOf(connection: ApiConnectionStatus, report: StatusReport): readonly string[] {
  const { id, environment, token, authorization, keepAlive } = connection;
  const now = Temporal.Instant.from(report.now);
  const isLive = token.state === "active" || token.state === "idle";
  const lines = [`${id}, ${environment}`];
  if (isLive && token.expiresAt !== undefined) lines.push(`expires in ${timeLeft(now, token.expiresAt)}`);
  if (isLive) lines.push(proofLine(connection));
  if (authorization !== undefined) {
    lines.push(`login open for ${timeLeft(now, authorization.expiresAt)}: ${authorization.authorizeUrl}`);
  }
  lines.push(keepAliveLine(keepAlive));
  if (connection.socket !== undefined) lines.push(socketLine(connection.socket));
  return lines;
}

function proofLine({ acknowledged, acknowledgement, trouble }: ApiConnectionStatus): string {
  if (!acknowledged || acknowledgement === undefined) {
    return `not acknowledged by the worker yet${trouble === undefined ? "" : ` (${trouble.code})`}`;
  }
  const { at, accounts, latencyMs } = acknowledgement;
  return `acknowledged ${easternTime(at)}: ${countOf(accounts, "account")}, answered in ${Math.round(latencyMs)} ms`;
}

function keepAliveLine(keepAlive: ApiKeepAlive): string {
  const { health, failuresInRow } = keepAlive;
  const failures = failuresInRow === 0 ? undefined : `${countOf(failuresInRow, "failure")} in a row`;
  const parts = [`keep-alive ${health}`, failures, lastRun(keepAlive), nextRun(keepAlive)];
  return parts.filter((part) => part !== undefined).join(", ");
}

/** What a socket waits for, in words. */
const WAITS = {
  token: "a token",
  backoff: "its next try",
  maintenance: "the broker's maintenance to end",
  person: "you",
} as const satisfies Record<NonNullable<ApiSocket["waitingFor"]>, string>;

function socketLine(socket: ApiSocket): string {
  const { phase, waitingFor, ready, readySince, lagMs, epoch, lastTrouble, brokerCode } = socket;
  const trouble = [lastTrouble, brokerCode].filter((part) => part !== undefined).join(" ");
  const parts = [
    waitingFor === undefined ? `socket ${phase}` : `socket ${phase} for ${WAITS[waitingFor]}`,
    ready ? `since ${easternTime(readySince)}` : undefined,
    ready && lagMs !== undefined ? `delay ${Math.round(lagMs)} ms` : undefined,
    `epoch ${epoch}`,
    ready || trouble === "" ? undefined : `last trouble ${trouble}`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function lastRun({ lastAt, lastOutcome }: ApiKeepAlive): string | undefined {
  if (lastAt === undefined) return undefined;
  const outcome = lastOutcome === undefined || lastOutcome === "ok" ? "" : ` (${lastOutcome})`;
  return `last ${easternTime(lastAt)}${outcome}`;
}

function nextRun({ nextAt }: ApiKeepAlive): string | undefined {
  return nextAt === undefined ? undefined : `next ${easternTime(nextAt)}`;
}

function needs({ attention }: StatusReport, style: Style): readonly string[] {
  if (attention.length === 0) return ["Nothing needs you now."];
  const lines = attention.flatMap(({ kind, connection, text }) => {
    const isRenewal = kind === "renew" || kind === "rejected";
    const command =
      isRenewal && connection !== undefined ? [`  npm run openbell -- renew ${connection}`] : [];
    return [`• ${text}`, ...command];
  });
  return [style.strong("Needs you:"), ...lines];
}

/** The keep-alive of every connection as a table. */
export function formatKeepAlive(connections: readonly ApiKeepAlive[]): string {
  const rows = connections.map((one) => [
    one.connection,
    one.health,
    lastRun(one)?.replace(/^last /, "") ?? "-",
    nextRun(one)?.replace(/^next /, "") ?? "-",
    String(one.failuresInRow),
  ]);
  return aligned([["connection", "health", "last", "next", "failures in a row"], ...rows]);
}

/** The health in three lines and a verdict. */
export function formatHealth({ status, build, checks }: ApiHealth): string {
  const store = checks.store ? "answers" : "does not answer";
  const worker = checks.worker ? "is at work" : "has been silent for three minutes; is `npm start` running?";
  const sockets = checks.sockets
    ? "connected, or not needed"
    : "a broker is not connected; see `openbell status`";
  return [`${status}, build ${build}`, `store: ${store}`, `worker: ${worker}`, `sockets: ${sockets}`].join(
    "\n",
  );
}

const NOT_RUNNING = "Openbell is not running. Start it again: npm start";

/** What was left is not what is: for three minutes a worker that was killed still looks as if it were at work. */
export function withoutStack(report: StatusReport): StatusReport {
  const others = report.attention.filter(({ kind }) => kind !== "worker-silent");
  const text = `${NOT_RUNNING}. Until then nothing trades; what is told above is how it was left.`;
  return { ...report, attention: [{ kind: "worker-silent", text }, ...others] };
}

/** The health where nothing runs that could be healthy. */
export function healthWithoutStack(left: ApiHealth): ApiHealth {
  return { ...left, status: "degraded", checks: { ...left.checks, worker: false, sockets: false } };
}

/** The same for people. */
export function formatHealthWithoutStack({ status, build }: ApiHealth): string {
  return `${status}, build ${build}\n${NOT_RUNNING}`;
}

/** How long it is until `until`: `15 h 28 min`, `4 min 05 s`; `no time` when it is past. */
export function timeLeft(now: Temporal.Instant, until: string): string {
  const left = now.until(Temporal.Instant.from(until)).round({ largestUnit: "hour", smallestUnit: "second" });
  if (left.sign <= 0) return "no time";
  if (left.hours > 0) return `${left.hours} h ${two(left.minutes)} min`;
  return left.minutes > 0 ? `${left.minutes} min ${two(left.seconds)} s` : `${left.seconds} s`;
}

function easternTime(iso: string): string {
  const local = Temporal.Instant.from(iso).toZonedDateTimeISO(EASTERN).toPlainTime();
  return `${local.toString({ smallestUnit: "minute" })} ${zoneLabel(EASTERN)}`;
}

/** `1 account`, `2 accounts`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}
