/** Everything that the page and the terminal show, read from the store and put into the interface's form. */
import { Temporal } from "temporal-polyfill";
import { type AlertRecord, alerts, type MorningRecord, mornings } from "../alerts/records.ts";
import { marketPhase, sessionUnderWayOrNext } from "../calendar/sessions.ts";
import { weekday } from "../calendar/zoned.ts";
import type { Config } from "../config/config.ts";
import type { Connection } from "../config/connection.ts";
import { ERRORS, type ErrorCode } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { toIso } from "../platform/instant.ts";
import type { Store } from "../platform/store.ts";
import { acknowledgementId, isAcknowledged } from "../tokens/acknowledger.ts";
import { nextKeepAlive } from "../tokens/decide-keep-alive.ts";
import { isAlive } from "../tokens/heartbeat.ts";
import { attemptsLeft } from "../tokens/login-completion.ts";
import { currentLogin, loginBudget } from "../tokens/login-opening.ts";
import { policyOf } from "../tokens/policy.ts";
import {
  type Acknowledgement,
  acknowledgements,
  acknowledgementTroubles,
  type KeepAliveRecord,
  keepAlives,
  type TokenRecord,
  tokens,
} from "../tokens/records.ts";
import { isLive, isWaiting, type TokenState, tokenState } from "../tokens/token-state.ts";
import type { ApiConnectionStatus, ApiKeepAlive, ApiMorning, ApiStatus } from "./api.ts";
import { isoFields } from "./iso-fields.ts";
import { reportSocket, socketAttention } from "./socket-report.ts";

const MORNINGS_SHOWN = 30;
const UNHEALTHY_AFTER = 3;

/** What costs a trading day comes before what may still right itself. */
const URGENCY: readonly ApiStatus["attention"][number]["kind"][] = [
  "rejected",
  "renew",
  "worker-silent",
  "socket-down",
  "not-acknowledged",
  "keep-alive",
  "alert-undelivered",
];

export interface StatusDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly config: Config;
  readonly profile: ApiStatus["profile"];
  /** Whose acknowledgement turns a connection green. */
  readonly subscriber: string;
}

export type StatusReport = Omit<ApiStatus, "words" | "sessionExpiresAt" | "build">;

export async function reportStatus(deps: StatusDeps): Promise<StatusReport> {
  const now = deps.clock.now();
  const market = reportMarket(now);
  const connections = await Promise.all(deps.config.connections.map((one) => reportConnection(deps, one)));
  const silence = await workerSilence(deps);
  const socketsDown = await socketAttention(deps, deps.config.connections);
  const undelivered = await undeliveredAlerts(deps);
  const history = await deps.store.query(mornings, { orderBy: ["date", "desc"], limit: MORNINGS_SHOWN });
  return {
    now: toIso(now),
    profile: deps.profile,
    ownerTimeZone: deps.config.owner.timeZone,
    market,
    attention: byUrgency([
      ...connections.flatMap((one) => attentionFor(one, market)),
      ...silence,
      ...socketsDown,
      ...undelivered,
    ]),
    connections,
    mornings: history.map((one) => reportMorning(one.value, now)),
  };
}

export async function reportConnection(
  deps: StatusDeps,
  connection: Connection,
): Promise<ApiConnectionStatus> {
  const { store, clock } = deps;
  const now = clock.now();
  const login = await currentLogin(store, connection.id);
  const record = await store.get(tokens, connection.id);
  const facts = { record, authorization: login?.record, policy: policyOf(connection) };
  const state = tokenState(facts, now);
  const acknowledgement = await store.get(
    acknowledgements,
    acknowledgementId(connection.id, deps.subscriber),
  );
  const trouble = await troubleOf(deps, record);
  const socket = await reportSocket(deps, connection);
  const limits = deps.config.tokens;
  const { authorizeUrl } = login?.record ?? {};
  const isOpen = login !== undefined && isWaiting(login.record, now) && authorizeUrl !== undefined;
  return {
    id: connection.id,
    label: connection.label,
    broker: connection.broker,
    environment: connection.environment,
    needed: connection.needed,
    login: policyOf(connection).login,
    token: {
      state: state.state,
      generation: record?.generation ?? 0,
      ...isoFields({
        issuedAt: record?.issuedAt,
        expiresAt: record?.expiresAt,
        lastUsedAt: record?.lastUsedAt,
        lastRenewedAt: record?.lastRenewedAt,
        idleAt: state.state === "active" ? state.idleAt : undefined,
        renewableUntil: state.state === "idle" ? state.renewableUntil : undefined,
      }),
      ...(state.state === "rejected" ? { rejection: state.code } : {}),
    },
    acknowledged: isLive(state) && isAcknowledged(record, acknowledgement),
    ...(acknowledgement && { acknowledgement: reportAcknowledgement(acknowledgement) }),
    ...(trouble && !isAcknowledged(record, acknowledgement) && { trouble }),
    ...(isOpen && {
      authorization: {
        id: login.id,
        authorizeUrl,
        expiresAt: toIso(login.record.expiresAt),
        attemptsLeft: attemptsLeft({ limits }, login.record),
      },
    }),
    loginBudget: await loginBudget({ store, clock, limits }, connection),
    keepAlive: await reportKeepAlive(deps, connection),
    ...(socket && { socket }),
  };
}

/** The worker's last failure with this very token. */
async function troubleOf(
  deps: StatusDeps,
  record: TokenRecord | undefined,
): Promise<{ code: string; at: string } | undefined> {
  if (record === undefined) return undefined;
  const id = acknowledgementId(record.connection, deps.subscriber);
  const trouble = await deps.store.get(acknowledgementTroubles, id);
  return trouble?.generation === record.generation
    ? { code: trouble.code, at: toIso(trouble.at) }
    : undefined;
}

export async function reportKeepAlive(deps: StatusDeps, connection: Connection): Promise<ApiKeepAlive> {
  const now = deps.clock.now();
  const record = await deps.store.get(tokens, connection.id);
  const stored = await deps.store.get(keepAlives, connection.id);
  const counters = stored?.generation === record?.generation ? stored : undefined;
  const policy = policyOf(connection);
  const state = tokenState({ record, authorization: undefined, policy }, now);
  const keepAliveAfter = Temporal.Duration.from({ minutes: deps.config.tokens.keepAliveAfterMinutes });
  const nextAt = nextKeepAlive({ now, state, record, counters, policy, keepAliveAfter });
  return {
    connection: connection.id,
    health: healthOf(state, counters),
    failuresInRow: counters?.failuresInRow ?? 0,
    ...isoFields({ lastAt: counters?.lastAt, nextAt }),
    ...(counters?.lastOutcome !== undefined && { lastOutcome: counters.lastOutcome }),
  };
}

function healthOf(state: TokenState, counters: KeepAliveRecord | undefined): ApiKeepAlive["health"] {
  if (!isLive(state)) return "resting";
  const failures = counters?.failuresInRow ?? 0;
  if (failures >= UNHEALTHY_AFTER) return "unhealthy";
  return failures > 0 ? "failing" : "healthy";
}

function attentionFor(connection: ApiConnectionStatus, market: ApiStatus["market"]): ApiStatus["attention"] {
  const { id, label, token, keepAlive } = connection;
  const about = { connection: id };
  if (token.state === "rejected") {
    return [{ ...about, kind: "rejected", text: `${label} stopped working. ${explain(token.rejection)}` }];
  }
  if (token.state === "active" || token.state === "idle") {
    if (!connection.acknowledged) {
      const text = `${label} is renewed; the worker has not confirmed it yet. ${explain(connection.trouble?.code)}`;
      return [{ ...about, kind: "not-acknowledged", text: text.trim(), ...isoSince(token.issuedAt) }];
    }
    if (keepAlive.failuresInRow === 0) return [];
    const text = `${label}: keep-alive failed ${keepAlive.failuresInRow} times in a row. ${explain(keepAlive.lastOutcome)}`;
    return [{ ...about, kind: "keep-alive", text, ...isoSince(keepAlive.lastAt) }];
  }
  if (connection.needed !== "every-morning") return [];
  const text = `${label} needs your login${whenNeeded(market)}.`;
  return [{ ...about, kind: "renew", text, ...isoSince(token.expiresAt) }];
}

/** On a day, or an evening, without trading nothing is late yet. */
function whenNeeded({ phase, session }: ApiStatus["market"]): string {
  if (phase === "before-open" || phase === "open") return "";
  const date = Temporal.PlainDate.from(session.date);
  return `, but not today: the market opens next on ${weekday(date)} ${date}, and your phone rings before that`;
}

/** A token that was confirmed once is of no use while nobody is there to trade with it. */
async function workerSilence(deps: StatusDeps): Promise<ApiStatus["attention"]> {
  if (await isAlive(deps, deps.subscriber)) return [];
  const text =
    "The worker has been silent for more than three minutes: until it runs again, no token is confirmed and nothing trades. Start it again; `openbell health` tells whether it is back.";
  return [{ kind: "worker-silent", text }];
}

/** The most urgent first; what is equally urgent stays in its order. */
function byUrgency(items: ApiStatus["attention"]): ApiStatus["attention"] {
  return items.toSorted((one, other) => URGENCY.indexOf(one.kind) - URGENCY.indexOf(other.kind));
}

async function undeliveredAlerts(deps: StatusDeps): Promise<ApiStatus["attention"]> {
  const now = deps.clock.now();
  const found = await deps.store.query(alerts, { orderBy: ["createdAt", "desc"], limit: 20 });
  return found
    .filter((one) => isUndelivered(one.value, now))
    .map((one) => {
      const { failure, createdAt } = one.value;
      const text = `A message did not reach your phone. ${explain(failure)}`;
      return { kind: "alert-undelivered", text, since: toIso(createdAt) } as const;
    });
}

function isUndelivered(alert: AlertRecord, now: Temporal.Instant): boolean {
  const isUseful = Temporal.Instant.compare(now, alert.usefulUntil) < 0;
  return isUseful && alert.failure !== undefined && alert.state !== "sent";
}

function reportMarket(now: Temporal.Instant): ApiStatus["market"] {
  const phase = marketPhase(now);
  const session = sessionUnderWayOrNext(now);
  if (!phase.ok || !session.ok) throw new RangeError(ERRORS.CALENDAR_OUT_OF_RANGE.next);
  const { date, open, close, kind } = session.value;
  return {
    phase: phase.value,
    session: { date: date.toString(), open: toIso(open), close: toIso(close), halfDay: kind === "half" },
  };
}

function reportMorning(morning: MorningRecord, now: Temporal.Instant): ApiMorning {
  const { date, open, alertedAt, armedAt } = morning;
  return {
    date: date.toString(),
    open: toIso(open),
    ...isoFields({ alertedAt, armedAt }),
    ...(alertedAt && armedAt && { secondsToArmed: alertedAt.until(armedAt).total("seconds") }),
    outcome: morningOutcome(morning, now),
  };
}

function morningOutcome(
  { open, alertedAt, armedAt }: MorningRecord,
  now: Temporal.Instant,
): ApiMorning["outcome"] {
  if (armedAt === undefined) return Temporal.Instant.compare(now, open) < 0 ? "waiting" : "missed";
  if (Temporal.Instant.compare(armedAt, open) >= 0) return "armed-late";
  return alertedAt === undefined ? "no-alert-needed" : "armed-before-open";
}

function reportAcknowledgement({ at, generation, accounts, latencyMs, account }: Acknowledgement) {
  return { at: toIso(at), generation, accounts, latencyMs, account };
}

function explain(code: string | undefined): string {
  const entry = code === undefined ? undefined : ERRORS[code as ErrorCode];
  return entry === undefined ? "" : `${entry.summary} ${entry.next}`;
}

function isoSince(since: string | undefined): { since?: string } {
  return since === undefined ? {} : { since };
}
