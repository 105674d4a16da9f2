/** The status in a few plain lines, for a chat or a terminal. */
import { Temporal } from "temporal-polyfill";
import { clockTimes, datedClockTimes, dateIn, weekday } from "../calendar/zoned.ts";
import type { ApiConnectionStatus } from "./api.ts";
import type { StatusReport } from "./status-report.ts";

const EASTERN = "America/New_York";

export function statusText(report: StatusReport): string {
  const lines = report.connections.map((one) => connectionLine(one, report.ownerTimeZone));
  const asked = report.attention.map((one) => `• ${one.text}`);
  return [
    ...lines,
    "",
    marketLine(report),
    "",
    ...(asked.length > 0 ? ["Needs you:", ...asked] : ["Nothing needs you now."]),
  ].join("\n");
}

/** One connection in one line: a mark, its name, where it stands. */
export function connectionLine(connection: ApiConnectionStatus, ownerTimeZone: string): string {
  return `${markOf(connection)} ${connection.label}: ${standing(connection, ownerTimeZone)}`;
}

function markOf({ token, acknowledged, needed }: ApiConnectionStatus): string {
  if (acknowledged && token.state === "active") return "🟢";
  if (token.state === "active" || token.state === "idle" || token.state === "awaiting-pin") return "🟡";
  return needed === "every-morning" ? "🔴" : "⚪";
}

function standing(connection: ApiConnectionStatus, zone: string): string {
  const { token, acknowledged } = connection;
  switch (token.state) {
    case "missing":
      return "no token yet";
    case "awaiting-pin":
      return connection.login === "pin" ? "waiting for the PIN" : "waiting for the broker's page";
    case "active":
      return acknowledged
        ? `active until ${endOf(token, zone)}, trades on ··${connection.acknowledgement?.account}`
        : "renewed, not confirmed by the worker yet";
    case "idle":
      return `asleep, can be woken until ${at(token.expiresAt, zone)}`;
    case "expired":
      return `expired at ${endOf(token, zone)}`;
    case "rejected":
      return "refused by the broker";
    default:
      return token.state satisfies never;
  }
}

/** Where the exchange's day stands, in one line. */
export function marketLine({ market, ownerTimeZone }: StatusReport): string {
  const { open, close, halfDay } = market.session;
  const half = halfDay ? " (half day)" : "";
  if (market.phase === "open") return `Market open until ${at(close, ownerTimeZone)}${half}`;
  const date = dateIn(Temporal.Instant.from(open), EASTERN);
  return `Market opens ${weekday(date)} ${date} ${at(open, ownerTimeZone)}${half}`;
}

/** With its date where the token lives longer than a day. */
function endOf({ expiresAt, issuedAt }: ApiConnectionStatus["token"], ownerTimeZone: string): string {
  if (expiresAt === undefined || issuedAt === undefined) return at(expiresAt, ownerTimeZone);
  const zones = [EASTERN, ownerTimeZone];
  return datedClockTimes(Temporal.Instant.from(expiresAt), zones, Temporal.Instant.from(issuedAt));
}

function at(iso: string | undefined, ownerTimeZone: string): string {
  return iso === undefined
    ? ""
    : clockTimes(Temporal.Instant.from(iso), [EASTERN, ownerTimeZone]).join(" · ");
}
