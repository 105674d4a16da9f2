/**
 * The HTTP interface behind the page, for the page, the terminal and other tools. All bodies are JSON; all
 * instants ISO 8601 in UTC. Every failure has the body {@link failureSchema} and the status of its code.
 *
 * | call | who | body → answer |
 * |---|---|---|
 * | `POST /api/session` | anyone with a code | `codeSchema` → 200 `sessionSchema` + cookie `__session` |
 * | `POST /api/session/link` | anyone | `{}` → 202 `{}`; a fresh link goes to the owner's chat |
 * | `DELETE /api/session` | owner | → 204 |
 * | `GET /api/status` | owner | → 200 `statusSchema` |
 * | `POST /api/connections/:connection/authorizations` | owner | `{}` → 201 `authorizationSchema` |
 * | `POST /api/connections/:connection/authorizations/:authorization/pin` | owner | `pinSchema` → 202 `acceptedSchema` |
 * | `POST /api/oauth/etrade/callback` | owner | `callbackSchema` → 202 `acceptedSchema` |
 * | `GET /api/oauth/ctrader/callback?code=…` | owner's browser, from the broker | → 303 to the page, see {@link ApiLanding} |
 * | `GET /api/connections/:connection/ping` | owner | → 200 `pingSchema` |
 * | `GET /api/connections/:connection/balance` | owner | → 200 `balanceSchema` |
 * | `GET /api/keep-alive` | owner | → 200 `keepAliveListSchema` |
 * | `POST /api/keep-alive` | owner | `forceSchema` → 200 `keepAliveListSchema` |
 * | `GET /api/trading` | owner | → 200 `tradingSchema` of `trading-api.ts` |
 * | `GET /api/trading/equity?account=…&hours=…` | owner | → 200 `equitySchema` |
 * | `GET /api/trading/why?bot=…&day=…` | owner | → 200 `whySchema` |
 * | `POST /api/trading/kill` | owner | `killRequestSchema` of `control-api.ts` → 202 `killReceiptSchema` |
 * | `GET /api/trading/kills/:id` | owner | → 200 `killReceiptSchema` |
 * | `POST /api/trading/reduce` | owner | `reduceRequestSchema` → 200 `standingSchema` |
 * | `POST /api/trading/resume` | owner | `resumeRequestSchema` → 200 `standingSchema` |
 * | `POST /api/trading/paper` | owner | `paperRequestSchema` → 200 `onPaperSchema` |
 * | `POST /api/trading/live` | owner | `liveRequestSchema` → 200 `backLiveSchema` |
 * | `POST /api/trading/close` | owner | `closeRequestSchema` → 202 `closingSchema` |
 * | `GET /api/health` | anyone | → 200 or 503 `healthSchema` |
 */
import { z } from "zod";
import type { ErrorCode } from "../errors.ts";

const iso = z.iso.datetime();

export const failureSchema = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    next: z.string(),
    detail: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
});

/** The one-time code of a link, as it stands in the URL fragment. */
export const codeSchema = z.strictObject({ code: z.string().min(1).max(200) });

/** `words`: the same two words as in the message that carried the link. */
export const sessionSchema = z.strictObject({ words: z.tuple([z.string(), z.string()]), expiresAt: iso });

export const pinSchema = z.strictObject({ pin: z.string().max(100) });

export const callbackSchema = z.strictObject({
  requestToken: z.string().min(1).max(300),
  verifier: z.string().min(1).max(100),
});

export const authorizationSchema = z.strictObject({
  id: z.string(),
  authorizeUrl: z.url(),
  /** The request token's end: five minutes after its birth. */
  expiresAt: iso,
  attemptsLeft: z.int().min(0),
});

/** The PIN was good and the token is stored; its acknowledgement is still to come. */
export const acceptedSchema = z.strictObject({ connection: z.string(), generation: z.int().positive() });

export const keepAliveSchema = z.strictObject({
  connection: z.string(),
  /** `healthy`; `failing` (1 or 2 in a row); `unhealthy` (3 or more); `resting`: no live token to keep. */
  health: z.enum(["healthy", "failing", "unhealthy", "resting"]),
  lastAt: iso.optional(),
  /** The last outcome as a code of the error table, or `ok`. */
  lastOutcome: z.string().optional(),
  nextAt: iso.optional(),
  failuresInRow: z.int().min(0),
});
export const keepAliveListSchema = z.strictObject({ connections: z.array(keepAliveSchema) });

/** Without `connection`: all that have a live token. */
export const forceSchema = z.strictObject({ connection: z.string().optional() });

export const pingSchema = z.strictObject({
  connection: z.string(),
  accounts: z.int(),
  latencyMs: z.number(),
});

export const balanceSchema = z.strictObject({
  connection: z.string(),
  accounts: z.array(
    z.strictObject({
      /** The last four characters only. */
      account: z.string(),
      description: z.string(),
      /** The broker's own name of it, e.g. `USD`. */
      currency: z.string().min(1),
      /** Decimals as text. A broker says what it knows. */
      balance: z.string().optional(),
      totalAccountValue: z.string().optional(),
      cashAvailableForInvestment: z.string().optional(),
    }),
  ),
});

export const tokenStateSchema = z.enum(["missing", "awaiting-pin", "active", "idle", "expired", "rejected"]);

export const socketSchema = z.strictObject({
  phase: z.enum([
    ...["stopped", "waiting", "connecting", "application", "account"],
    ...["reconciling", "subscribing", "ready"],
  ] as const),
  waitingFor: z.enum(["token", "backoff", "maintenance", "person"]).optional(),
  /** Connected, authorised and reconciled. */
  ready: z.boolean(),
  readySince: iso,
  /** The last frame of any kind. */
  lastFrameAt: iso.optional(),
  /** How old the last price was when it came. */
  lagMs: z.number().optional(),
  /** The token that the account is authorised with. */
  generation: z.int().positive().optional(),
  /** How many times the leadership of this socket has changed hands. */
  epoch: z.int().positive(),
  build: z.string(),
  /** Why the last connection ended or the last try failed. */
  lastTrouble: z.string().optional(),
  brokerCode: z.string().optional(),
  /** When the worker wrote this. */
  at: iso,
});

export const connectionStatusSchema = z.strictObject({
  id: z.string(),
  label: z.string(),
  broker: z.string(),
  environment: z.string(),
  needed: z.enum(["every-morning", "on-demand"]),
  /** How the owner comes back from the broker's page: with a PIN to enter, or by its redirect. */
  login: z.enum(["pin", "redirect"]),
  token: z.strictObject({
    state: tokenStateSchema,
    /** 0 before the first token. */
    generation: z.int().min(0),
    issuedAt: iso.optional(),
    expiresAt: iso.optional(),
    lastUsedAt: iso.optional(),
    lastRenewedAt: iso.optional(),
    /** When an active token becomes idle if nobody uses it. */
    idleAt: iso.optional(),
    /** Until when an idle token can be revived without a login. */
    renewableUntil: iso.optional(),
    /** Why the broker rejected it: a code of the error table. */
    rejection: z.string().optional(),
  }),
  /** True only when the worker has made a real call with this very generation and the token is alive. */
  acknowledged: z.boolean(),
  acknowledgement: z
    .strictObject({
      at: iso,
      generation: z.int(),
      accounts: z.int(),
      latencyMs: z.number(),
      /** The account that trading uses: the last four characters of its number. */
      account: z.string(),
    })
    .optional(),
  /** Why the live token is not acknowledged yet: a code of the error table, from the worker's last try. */
  trouble: z.strictObject({ code: z.string(), at: iso }).optional(),
  /** The login under way, if any. */
  authorization: authorizationSchema.optional(),
  /** What the worker says of its socket; only for brokers that are held by one, once it has said something. */
  socket: socketSchema.optional(),
  loginBudget: z.strictObject({ used: z.int(), limit: z.int() }),
  keepAlive: keepAliveSchema,
});

export const morningSchema = z.strictObject({
  date: z.iso.date(),
  open: iso,
  alertedAt: iso.optional(),
  /** When every connection that is needed each morning was acknowledged. */
  armedAt: iso.optional(),
  /** From the first alert to armed. */
  secondsToArmed: z.number().optional(),
  outcome: z.enum(["waiting", "armed-before-open", "armed-late", "missed", "no-alert-needed"]),
});

export const statusSchema = z.strictObject({
  now: iso,
  /** `sandbox`: everything is simulated, and the page says so. */
  profile: z.enum(["sandbox", "cloud"]),
  build: z.string(),
  ownerTimeZone: z.string(),
  words: z.tuple([z.string(), z.string()]),
  sessionExpiresAt: iso,
  market: z.strictObject({
    phase: z.enum(["closed", "before-open", "open", "after-close"]),
    /** The session under way or the next one. */
    session: z.strictObject({ date: z.iso.date(), open: iso, close: iso, halfDay: z.boolean() }),
  }),
  /** What needs the owner now, the most urgent first; empty when all is well. */
  attention: z.array(
    z.strictObject({
      kind: z.enum([
        "renew",
        "rejected",
        "worker-silent",
        "socket-down",
        "not-acknowledged",
        "keep-alive",
        "alert-undelivered",
      ]),
      connection: z.string().optional(),
      since: iso.optional(),
      text: z.string(),
    }),
  ),
  connections: z.array(connectionStatusSchema),
  /** Newest first, at most 30. */
  mornings: z.array(morningSchema),
});

export const healthSchema = z.strictObject({
  status: z.enum(["ok", "degraded"]),
  build: z.string(),
  /** `sockets`: no connection with a live token has been without its socket for two minutes. */
  checks: z.strictObject({ store: z.boolean(), worker: z.boolean(), sockets: z.boolean() }),
});

/** The codes that a failure can carry. */
export type ApiErrorCode = ErrorCode;
/**
 * How a broker's redirect ended, as it stands in the fragment of the page's address, e.g.
 * `/#connected=ctrader-demo&generation=3` or `/#failed=LOGIN_DENIED&connection=ctrader-demo`. It holds no secret, and
 * whoever reads it believes the status and not it.
 */
export type ApiLanding =
  | { readonly connected: string; readonly generation: number }
  | { readonly failed: ApiErrorCode; readonly connection?: string };
export type ApiFailure = z.output<typeof failureSchema>;
export type ApiSession = z.output<typeof sessionSchema>;
export type ApiAuthorization = z.output<typeof authorizationSchema>;
export type ApiAccepted = z.output<typeof acceptedSchema>;
export type ApiKeepAlive = z.output<typeof keepAliveSchema>;
export type ApiKeepAliveList = z.output<typeof keepAliveListSchema>;
export type ApiPing = z.output<typeof pingSchema>;
export type ApiBalance = z.output<typeof balanceSchema>;
export type ApiSocket = z.output<typeof socketSchema>;
export type ApiConnectionStatus = z.output<typeof connectionStatusSchema>;
export type ApiMorning = z.output<typeof morningSchema>;
export type ApiStatus = z.output<typeof statusSchema>;
export type ApiHealth = z.output<typeof healthSchema>;
