/** What a test of a broker's connections tells, line by line. No line holds a secret or a whole account number. */
import type { Temporal } from "temporal-polyfill";
import type { Connection, ConnectionId } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";

/** What each step shows where it succeeds; times are in milliseconds. */
export interface TestFindings {
  /** The handshake alone: nothing is sent. `validTo`: ISO instant. */
  readonly tls: {
    readonly protocol: string;
    readonly subject: string;
    readonly issuer: string;
    readonly validTo: string;
    readonly tookMs: number;
  };
  readonly connection: { readonly label: string };
  readonly application: { readonly tookMs: number };
  /** `replacedFrom`: when Openbell begins to get the next one by itself; undefined where a person must. */
  readonly token: {
    readonly generation: number;
    readonly expiresAt: Temporal.Instant;
    readonly replacedFrom: Temporal.Instant | undefined;
  };
  /** `account`: the last four characters of its number. `accounts`: how many of the environment the token opens. */
  readonly account: { readonly account: string; readonly accounts: number; readonly tookMs: number };
  /** A decimal as text, in the account's currency, open positions left out. */
  readonly balance: { readonly balance: string; readonly currency: string; readonly tookMs: number };
  /** It may trade. */
  readonly permission: Readonly<Record<string, never>>;
  /** Percentiles are samples by nearest rank. */
  readonly latency: { readonly roundTrips: number; readonly p50Ms: number; readonly p95Ms: number };
}

export type TestStep = keyof TestFindings;

/** Steps of one connection, in the order in which they are told. Before them stand the hosts' handshakes. */
export const CONNECTION_STEPS = [
  "connection",
  "application",
  "token",
  "account",
  "balance",
  "permission",
  "latency",
] as const satisfies readonly TestStep[];

/** Why a step failed, for a person. */
export interface TestTrouble {
  readonly code: ErrorCode;
  /** The broker's own word, and its text without anything secret; absent where it gave none. */
  readonly brokerCode?: string;
  readonly description?: string;
  readonly summary: string;
  readonly cause: string;
  readonly next: string;
}

/** What a line speaks of. */
export interface TestSubject {
  readonly environment: Connection["environment"];
  /** Absent for a host's handshake, and where there is no connection. */
  readonly connection?: ConnectionId;
  /** Host and port of a handshake. */
  readonly address?: string;
}

export type TestOutcome =
  | {
      readonly [S in TestStep]: { readonly status: "ok"; readonly step: S; readonly found: TestFindings[S] };
    }[TestStep]
  | { readonly status: "failed"; readonly step: TestStep; readonly trouble: TestTrouble }
  /** A step before it failed. */
  | { readonly status: "not-reached"; readonly step: TestStep };

export type TestLine = TestSubject & TestOutcome;
