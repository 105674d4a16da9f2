/** Tries cTrader's connections of one environment step by step, as a person would who looks for what is wrong. */
import type { Temporal } from "temporal-polyfill";
import type { CtraderConnection } from "../../config/connection.ts";
import type { CredentialFailure } from "../../config/credentials.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import { fail, type Result } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { Timers } from "../../platform/timers.ts";
import type { TestFindings, TestLine } from "../connection-test.ts";
import { visitDepsOf } from "./create-broker.ts";
import type { CtraderEnvironment, CtraderPlace } from "./environments.ts";
import { explainFailure } from "./explain-failure.ts";
import type { CtraderAddress, Dial } from "./link.ts";
import { unpackGrant } from "./oauth/token.ts";
import { shakeHands } from "./shake-hands.ts";
import { knock, type VisitOptions, visit } from "./short-visit.ts";
import { Course } from "./test-course.ts";

/** The token that is stored for a connection. */
export interface TokenInForce {
  /** As `packGrant` made it. */
  readonly token: Secret;
  readonly generation: number;
  readonly expiresAt: Temporal.Instant;
  readonly replacedFrom: Temporal.Instant | undefined;
}

export interface ConnectionTestDeps {
  readonly dial: Dial;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  keyOf(
    connection: CtraderConnection,
  ): Promise<Result<{ readonly key: string; readonly secret: Secret }, CredentialFailure>>;
  /** `TOKEN_NOT_LIVE` says in `detail.state` and `detail.since` what became of it. */
  tokenOf(
    connection: CtraderConnection,
  ): Promise<Result<TokenInForce, "TOKEN_NOT_LIVE" | "VAULT_CORRUPT" | "VAULT_VERSION_MISSING">>;
}

export interface ConnectionTestOptions {
  readonly environment: CtraderEnvironment;
  /** All of cTrader's; those of the other environment are left alone. */
  readonly connections: readonly CtraderConnection[];
  socketOf(place: CtraderPlace): CtraderAddress;
  /** Hears each line as soon as it is known. */
  hear(line: TestLine): void;
  /** Ends the test at once; nothing is told after it. */
  readonly signal?: AbortSignal;
}

/** How many harmless requests are timed. */
export const ROUND_TRIPS = 20;
const OTHER = { demo: "live", live: "demo" } as const;

/**
 * Shakes hands with both hosts, then takes each connection of the environment through its steps; the other
 * environment's key and token are not even read. True where every line is `ok`.
 */
export async function testConnections(
  deps: ConnectionTestDeps,
  options: ConnectionTestOptions,
): Promise<boolean> {
  const { environment, signal } = options;
  let isWell = true;
  const hear = (line: TestLine) => {
    if (signal?.aborted === true) return;
    if (line.status !== "ok") isWell = false;
    options.hear(line);
  };
  const test = { deps, options: { ...options, hear } };
  const [own, other] = [testHost(test, environment), testHost(test, OTHER[environment])];
  const [ownLine, otherLine] = [await own, await other];
  hear(ownLine);
  hear(otherLine);
  const connections = options.connections.filter((one) => one.environment === environment);
  if (connections.length === 0) {
    const course = new Course(hear, { environment }, () => {});
    course.failed("connection", fail("CONNECTION_MISSING"));
    course.rest();
  }
  for (const connection of connections) {
    await testConnection(test, connection, ownLine.status === "ok");
  }
  return isWell && signal?.aborted !== true;
}

interface Test {
  readonly deps: ConnectionTestDeps;
  readonly options: ConnectionTestOptions;
}

async function testHost({ deps, options }: Test, environment: CtraderEnvironment): Promise<TestLine> {
  const own = options.connections.find((one) => one.environment === environment);
  const socket = options.socketOf(own ?? { environment });
  const subject = { environment, address: `${socket.host}:${socket.port}` };
  const shaken = await shakeHands(deps, socket, options.signal);
  if (!shaken.ok) {
    const trouble = explainFailure(shaken, { environment });
    return { ...subject, status: "failed", step: "tls", trouble };
  }
  const { peer, tookMs } = shaken.value;
  const { protocol, certificate } = peer;
  return { ...subject, status: "ok", step: "tls", found: { protocol, ...certificate, tookMs } };
}

async function testConnection(
  test: Test,
  connection: CtraderConnection,
  isHostThere: boolean,
): Promise<void> {
  const { deps, options } = test;
  if (options.signal?.aborted === true) return;
  const [key, token] = [await deps.keyOf(connection), await deps.tokenOf(connection)];
  const { id, label, account, environment } = connection;
  const grant = token.ok ? unpackGrant(token.value.token) : undefined;
  const course = new Course(options.hear, { environment, connection: id }, () => {
    if (!token.ok) course.failed("token", token);
    else course.ok("token", lifeOf(token.value));
  });
  course.ok("connection", { label });
  if (!key.ok) course.failed("application", key);
  if (!key.ok || !isHostThere) {
    course.rest();
    return;
  }

  course.hide(key.value.secret, grant?.accessToken, grant?.refreshToken);
  const visitDeps = visitDepsOf(deps, { socket: options.socketOf(connection) });
  const visitor: VisitOptions = {
    ...{ clientId: key.value.key, clientSecret: key.value.secret, environment, roundTrips: ROUND_TRIPS },
    ...(account !== undefined && { account }),
    ...(options.signal !== undefined && { signal: options.signal }),
    onStep: (step) => course.visited(step),
  };
  const visited =
    grant === undefined
      ? await knock(visitDeps, visitor)
      : await visit(visitDeps, visitor, grant.accessToken);
  if (!visited.ok) course.visitFailed(visited);
  else if (visited.value !== undefined) course.ok("latency", percentiles(visited.value.roundTripsMs));
  course.rest();
}

function lifeOf({ generation, expiresAt, replacedFrom }: TokenInForce): TestFindings["token"] {
  return { generation, expiresAt, replacedFrom };
}

function percentiles(timesMs: readonly number[]): TestFindings["latency"] {
  const sorted = timesMs.toSorted((one, other) => one - other);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { roundTrips: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95) };
}
