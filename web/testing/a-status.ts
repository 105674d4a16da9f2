import type { ApiConnectionStatus, ApiMorning, ApiStatus } from "../../shared/console/api.ts";

/** 08:31 in New York on a Monday, an hour before the open. */
export const NOW = "2026-03-23T12:31:00.000Z";
const MIDNIGHT = "2026-03-24T04:00:00.000Z";

/** A connection without a token, needed every morning. */
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
    loginBudget: { used: 0, limit: 5 },
    keepAlive: { connection: "etrade-production", health: "resting", failuresInRow: 0 },
    ...over,
  };
}

/** The same connection with a live token that the worker has acknowledged. */
export function anArmedConnection(over: Partial<ApiConnectionStatus> = {}): ApiConnectionStatus {
  return aConnection({
    token: {
      state: "active",
      generation: 7,
      issuedAt: "2026-03-23T12:30:40.000Z",
      expiresAt: MIDNIGHT,
      lastUsedAt: "2026-03-23T12:30:42.000Z",
      idleAt: "2026-03-23T14:30:42.000Z",
    },
    acknowledged: true,
    acknowledgement: {
      at: "2026-03-23T12:30:42.000Z",
      generation: 7,
      accounts: 2,
      latencyMs: 43,
      account: "1111",
    },
    loginBudget: { used: 1, limit: 5 },
    keepAlive: {
      connection: "etrade-production",
      health: "healthy",
      lastAt: "2026-03-23T12:30:42.000Z",
      lastOutcome: "ok",
      nextAt: "2026-03-23T13:45:42.000Z",
      failuresInRow: 0,
    },
    ...over,
  });
}

/** Eight mornings before {@link NOW}, one late and one missed. */
export function someMornings(): ApiMorning[] {
  const days = ["03-20", "03-19", "03-18", "03-17", "03-16", "03-13", "03-12", "03-11"];
  return days.map((day, index) => {
    const seconds = 38 + index * 11;
    const morning = {
      date: `2026-${day}`,
      open: `2026-${day}T13:30:00.000Z`,
      alertedAt: `2026-${day}T12:30:04.000Z`,
    };
    if (index === 5) return { ...morning, outcome: "missed" };
    if (index === 2) {
      return {
        ...morning,
        armedAt: `2026-${day}T13:41:09.000Z`,
        secondsToArmed: 4_265,
        outcome: "armed-late",
      };
    }
    const armedAt = new Date(Date.parse(morning.alertedAt) + seconds * 1_000).toISOString();
    return { ...morning, armedAt, secondsToArmed: seconds, outcome: "armed-before-open" };
  });
}

/** The morning before the owner has done anything. */
export function aStatus(over: Partial<ApiStatus> = {}): ApiStatus {
  const connections = over.connections ?? [
    aConnection(),
    aConnection({
      id: "etrade-sandbox",
      label: "E*TRADE sandbox",
      environment: "sandbox",
      needed: "on-demand",
      keepAlive: { connection: "etrade-sandbox", health: "resting", failuresInRow: 0 },
    }),
  ];
  return {
    now: NOW,
    profile: "sandbox",
    build: "0.1.0",
    ownerTimeZone: "America/Los_Angeles",
    words: ["amber", "heron"],
    sessionExpiresAt: "2026-03-24T12:31:00.000Z",
    market: {
      phase: "before-open",
      session: {
        date: "2026-03-23",
        open: "2026-03-23T13:30:00.000Z",
        close: "2026-03-23T20:00:00.000Z",
        halfDay: false,
      },
    },
    attention: connections.flatMap((connection) =>
      connection.needed === "every-morning" && connection.token.state !== "active"
        ? [
            {
              kind: "renew" as const,
              connection: connection.id,
              text: `${connection.label} needs today’s token.`,
            },
          ]
        : [],
    ),
    mornings: someMornings(),
    ...over,
    connections,
  };
}
