import { Temporal } from "temporal-polyfill";
import { configSchema } from "../../shared/config/config.ts";
import type { Connection } from "../../shared/config/connection.ts";
import type { AuthorizationRecord, KeepAliveRecord, TokenRecord } from "../../shared/tokens/records.ts";

const [first] = configSchema.parse({}).connections;
if (first === undefined) throw new Error("The default configuration has no connection.");

/** The default configuration's first connection: E*TRADE production. */
export const CONNECTION: Connection = first;

/** When these records' token was issued: a Monday morning in New York, 08:31. */
export const ISSUED = Temporal.Instant.from("2026-11-23T13:31:00Z");

/** A token of that Monday, just issued; dead at midnight New York time. */
export function aToken(over: Partial<TokenRecord> = {}): TokenRecord {
  return {
    connection: CONNECTION.id,
    generation: 1,
    version: 1,
    authorization: "login-1",
    issuedAt: ISSUED,
    expiresAt: Temporal.Instant.from("2026-11-24T05:00:00Z"),
    lastUsedAt: ISSUED,
    ...over,
  };
}

/** A login that waits for its PIN for five minutes. */
export function aLogin(over: Partial<AuthorizationRecord> = {}): AuthorizationRecord {
  return {
    connection: CONNECTION.id,
    state: "open",
    openedAt: ISSUED,
    openedBy: { kind: "page", session: "s1" },
    expiresAt: ISSUED.add({ minutes: 5 }),
    attempts: 0,
    ...over,
  };
}

/** Counters of generation 1 without a failure. */
export function someCounters(over: Partial<KeepAliveRecord> = {}): KeepAliveRecord {
  return { connection: CONNECTION.id, generation: 1, failuresInRow: 0, isDeathNoted: false, ...over };
}
