import type { ApiConnectionStatus } from "../../../shared/console/api.ts";
import type { StatusReport } from "../../../shared/console/status-report.ts";

/** A connection without a token; every field can be given. */
export function aConnection(over: Partial<ApiConnectionStatus> = {}): ApiConnectionStatus {
  return {
    id: "etrade-production",
    label: "E*TRADE production",
    broker: "etrade",
    environment: "production",
    needed: "every-morning",
    login: "pin",
    token: { state: "missing", generation: 0 },
    acknowledged: false,
    loginBudget: { used: 0, limit: 8 },
    keepAlive: { connection: "etrade-production", health: "resting", failuresInRow: 0 },
    ...over,
  };
}

/** A connection whose token the worker has confirmed, half a minute before the first alert of 23 November 2026. */
export function anArmedConnection(over: Partial<ApiConnectionStatus> = {}): ApiConnectionStatus {
  return aConnection({
    token: {
      state: "active",
      generation: 3,
      issuedAt: "2026-11-23T13:20:00.000Z",
      expiresAt: "2026-11-24T05:00:00.000Z",
    },
    acknowledged: true,
    acknowledgement: {
      at: "2026-11-23T13:20:01.000Z",
      generation: 3,
      accounts: 2,
      latencyMs: 45.4,
      account: "4321",
    },
    keepAlive: {
      connection: "etrade-production",
      health: "healthy",
      failuresInRow: 0,
      nextAt: "2026-11-23T14:35:00.000Z",
    },
    ...over,
  });
}

/** The report of one connection on the morning of 23 November 2026, read in London. */
export function aReport(connection: ApiConnectionStatus, over: Partial<StatusReport> = {}): StatusReport {
  return {
    now: "2026-11-23T13:29:30.000Z",
    profile: "sandbox",
    ownerTimeZone: "Europe/London",
    market: {
      phase: "before-open",
      session: {
        date: "2026-11-23",
        open: "2026-11-23T14:30:00.000Z",
        close: "2026-11-23T21:00:00.000Z",
        halfDay: false,
      },
    },
    attention: [],
    connections: [connection],
    mornings: [],
    ...over,
  };
}
