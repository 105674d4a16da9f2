import type {
  ApiAccepted,
  ApiAuthorization,
  ApiBalance,
  ApiKeepAliveList,
  ApiPing,
} from "../../../shared/console/api.ts";
import type {
  ApiBackLive,
  ApiClosing,
  ApiKillReceipt,
  ApiOnPaper,
  ApiStanding,
} from "../../../shared/console/control-api.ts";
import type { ApiEquity, ApiTrading, ApiWhy } from "../../../shared/console/trading-api.ts";
import { type Result, succeed } from "../../../shared/platform/result.ts";
import type { ConsoleServices, HealthFacts, StatusFacts } from "../services.ts";

export const STATUS: StatusFacts = {
  now: "2026-11-23T13:30:00.000Z",
  profile: "sandbox",
  ownerTimeZone: "America/New_York",
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
  connections: [],
  mornings: [],
};

export const AUTHORIZATION: ApiAuthorization = {
  id: "login-1",
  authorizeUrl: "https://broker.example/authorize?key=k&token=t",
  expiresAt: "2026-11-23T13:35:00.000Z",
  attemptsLeft: 5,
};

export const ACCEPTED: ApiAccepted = { connection: "etrade-production", generation: 3 };
export const PING: ApiPing = { connection: "etrade-production", accounts: 2, latencyMs: 81.5 };
export const BALANCE: ApiBalance = {
  connection: "etrade-production",
  accounts: [{ account: "4567", description: "Margin", currency: "USD", totalAccountValue: "1234.56" }],
};
export const KEEP_ALIVE: ApiKeepAliveList = {
  connections: [{ connection: "etrade-production", health: "healthy", failuresInRow: 0 }],
};

export const TRADING: ApiTrading = {
  now: "2026-11-23T13:30:00.000Z",
  state: "active",
  ...{ holds: [], bots: [], accounts: [], positions: [], totals: [] },
  orders: { working: [], isCut: false, last: [] },
  trades: { date: "2026-11-23", closed: [], isCut: false },
};
export const EQUITY: ApiEquity = {
  account: "paper-ctrader-demo",
  from: "2026-11-22T13:30:00.000Z",
  points: [{ at: "2026-11-23T13:29:00.000Z", equity: "10000.25" }],
};
export const WHY: ApiWhy = {
  ...{ bot: "gold", date: "2026-11-23", due: 1, missed: 0, latest: [] },
  reasons: [{ reason: "NO_SIGNAL", count: 1 }],
};

export const RECEIPT: ApiKillReceipt = {
  ...{ id: "page-12345678", scope: "all", at: "2026-11-23T13:30:00.000Z", isOpen: false },
  ...{ confirmedAt: "2026-11-23T13:30:00.250Z", seconds: 0.25 },
  parts: [
    {
      ...{ account: "paper-ctrader-demo", state: "confirmed" },
      ...{ found: 2, cancelled: 2, filled: 0, positions: 1, protective: 1 },
      confirmedAt: "2026-11-23T13:30:00.250Z",
    },
  ],
};
export const STANDING: ApiStanding = { scope: "all", state: "reducing", isChanged: true };
export const ON_PAPER: ApiOnPaper = {
  ...{ scope: "all", switched: ["gold"], already: [], backSince: [] },
  left: [{ bot: "gold", account: "ctrader-demo", positions: 1 }],
};
export const BACK_LIVE: ApiBackLive = { scope: "all", bots: ["gold"] };
export const CLOSING: ApiClosing = {
  scope: "all",
  accounts: [{ account: "paper-ctrader-demo", orders: 1, left: 0 }],
};

/** The answers that {@link FakeServices} gives; replace one to see how the console takes it. */
export interface Answers {
  status: () => Promise<StatusFacts>;
  health: () => Promise<HealthFacts>;
  begin: () => Promise<Result<ApiAuthorization>>;
  complete: () => Promise<Result<ApiAccepted>>;
  ping: () => Promise<Result<ApiPing>>;
  sendFreshLink: () => Promise<Result<void>>;
  forceKeepAlive: () => Promise<Result<ApiKeepAliveList>>;
  kill: () => Promise<Result<ApiKillReceipt>>;
  resume: () => Promise<Result<ApiStanding>>;
}

export interface FakeServices extends ConsoleServices {
  readonly answers: Answers;
  /** What was asked, in order: the method's name and what it was given, secrets opened. */
  readonly calls: (readonly [method: string, given: unknown])[];
}

/** Services that succeed, until an answer is replaced. */
export function createFakeServices(): FakeServices {
  const calls: FakeServices["calls"] = [];
  const answers: Answers = {
    status: async () => STATUS,
    health: async () => ({ status: "ok", checks: { store: true, worker: true, sockets: true } }),
    begin: async () => succeed(AUTHORIZATION),
    complete: async () => succeed(ACCEPTED),
    ping: async () => succeed(PING),
    sendFreshLink: async () => succeed(undefined),
    forceKeepAlive: async () => succeed(KEEP_ALIVE),
    kill: async () => succeed(RECEIPT),
    resume: async () => succeed({ ...STANDING, state: "active" }),
  };
  const record = <T>(method: string, given: unknown, answer: () => Promise<T>): Promise<T> => {
    calls.push([method, given]);
    return answer();
  };
  return {
    answers,
    calls,
    status: () => record("status", undefined, answers.status),
    health: () => record("health", undefined, answers.health),
    begin: (request) => record("begin", request, answers.begin),
    complete: (request) => record("complete", { ...request, pin: request.pin.reveal() }, answers.complete),
    completeByCallback: (request) =>
      record("completeByCallback", { ...request, verifier: request.verifier.reveal() }, answers.complete),
    completeByRedirect: (request) =>
      record("completeByRedirect", { ...request, code: request.code.reveal() }, answers.complete),
    denyByRedirect: (request) =>
      record("denyByRedirect", request, async () => ({ connection: "ctrader-demo" })),
    ping: (connection) => record("ping", connection, answers.ping),
    balance: (connection) => record("balance", connection, async () => succeed(BALANCE)),
    keepAlive: () => record("keepAlive", undefined, async () => KEEP_ALIVE),
    forceKeepAlive: (request) => record("forceKeepAlive", request, answers.forceKeepAlive),
    sendFreshLink: () => record("sendFreshLink", undefined, answers.sendFreshLink),
    trading: () => record("trading", undefined, async () => TRADING),
    equity: (question) => record("equity", question, async () => succeed(EQUITY)),
    kill: (request) => record("kill", request, answers.kill),
    killReceipt: (id) => record("killReceipt", id, answers.kill),
    reduce: (request) => record("reduce", request, async () => succeed(STANDING)),
    resume: (request) => record("resume", request, answers.resume),
    paper: (request) => record("paper", request, async () => succeed(ON_PAPER)),
    live: (request) => record("live", request, async () => succeed(BACK_LIVE)),
    close: (request) => record("close", request, async () => succeed(CLOSING)),
    why: (question) => record("why", question, async () => succeed(WHY)),
  };
}
