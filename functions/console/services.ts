import type { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../../shared/config/connection.ts";
import type {
  ApiAccepted,
  ApiAuthorization,
  ApiBalance,
  ApiHealth,
  ApiKeepAliveList,
  ApiPing,
  ApiStatus,
} from "../../shared/console/api.ts";
import type {
  ApiBackLive,
  ApiClosing,
  ApiKillReceipt,
  ApiOnPaper,
  ApiStanding,
} from "../../shared/console/control-api.ts";
import type { ApiEquity, ApiTrading, ApiWhy } from "../../shared/console/trading-api.ts";
import type { Result } from "../../shared/platform/result.ts";
import type { Secret } from "../../shared/platform/secret.ts";

/** Who asks: the page, by its session's id. The id is no credential. */
export interface PageActor {
  readonly kind: "page";
  readonly session: string;
}

/** A wish about everything, an account or a bot. */
interface Scoped {
  readonly scope?: string | undefined;
  readonly actor: PageActor;
}

/** The status without what the console itself knows. */
export type StatusFacts = Omit<ApiStatus, "words" | "sessionExpiresAt" | "build">;

/** Health without what the console itself knows. */
export type HealthFacts = Omit<ApiHealth, "build">;

/**
 * What stands behind the page. Every method reports what can happen as a failure of the error table; what it
 * throws is a bug, and the caller learns no more than an id.
 */
export interface ConsoleServices {
  status(): Promise<StatusFacts>;

  /** Opens a login at the broker. */
  begin(request: {
    readonly connection: ConnectionId;
    readonly actor: PageActor;
  }): Promise<Result<ApiAuthorization>>;

  /** Exchanges the PIN of a login. The PIN is as the owner gave it, without the blanks around it. */
  complete(request: {
    readonly connection: ConnectionId;
    readonly authorization: string;
    readonly pin: Secret;
    readonly actor: PageActor;
  }): Promise<Result<ApiAccepted>>;

  /** The same for a registered callback: the broker sent the owner back with both values. */
  completeByCallback(request: {
    readonly requestToken: string;
    readonly verifier: Secret;
    readonly actor: PageActor;
  }): Promise<Result<ApiAccepted>>;

  /** The same for a broker whose redirect brings a code and names no login: it belongs to the session. */
  completeByRedirect(request: {
    readonly code: Secret;
    readonly actor: PageActor;
  }): Promise<Result<ApiAccepted>>;

  /** That redirect without a code: the owner turned the request down. Names the connection whose login ended by it. */
  denyByRedirect(request: { readonly actor: PageActor }): Promise<{ readonly connection?: string }>;

  /** One cheap authenticated call to the broker. */
  ping(connection: ConnectionId): Promise<Result<ApiPing>>;

  balance(connection: ConnectionId): Promise<Result<ApiBalance>>;

  keepAlive(): Promise<ApiKeepAliveList>;

  /** Uses the live token of one connection now, or without `connection` of all. */
  forceKeepAlive(request: {
    readonly connection?: ConnectionId;
    readonly actor: PageActor;
  }): Promise<Result<ApiKeepAliveList>>;

  trading(): Promise<ApiTrading>;

  /** `SCOPE_UNKNOWN` for an account that nobody knows. */
  equity(question: { readonly account: string; readonly hours?: number }): Promise<Result<ApiEquity>>;

  /** `SCOPE_UNKNOWN` for a bot that nobody knows. */
  why(question: { readonly bot: string; readonly day?: Temporal.PlainDate }): Promise<Result<ApiWhy>>;

  /** Halts at once; the receipt is complete once every account is confirmed. */
  kill(
    request: Scoped & { readonly requestId: string; readonly reason?: string | undefined },
  ): Promise<Result<ApiKillReceipt>>;

  killReceipt(id: string): Promise<Result<ApiKillReceipt>>;

  /** Lets a scope only close. */
  reduce(request: Scoped & { readonly reason?: string | undefined }): Promise<Result<ApiStanding>>;

  /** Lets it go on, by the typed phrase and with a reason. */
  resume(
    request: Scoped & { readonly phrase: string; readonly reason: string },
  ): Promise<Result<ApiStanding>>;

  /** Has what trades live of a scope trade on paper from now on. */
  paper(
    request: Scoped & { readonly requestId: string; readonly reason?: string | undefined },
  ): Promise<Result<ApiOnPaper>>;

  /** Has it trade live again, by the typed phrase and with a reason. */
  live(request: Scoped & { readonly phrase: string; readonly reason: string }): Promise<Result<ApiBackLive>>;

  /** Lets a scope only close, and closes its positions. */
  close(
    request: Scoped & {
      readonly reason?: string | undefined;
      readonly includesOthers?: boolean | undefined;
    },
  ): Promise<Result<ApiClosing>>;

  health(): Promise<HealthFacts>;

  /** Issues a new link and sends it to the owner's chat, and nowhere else. */
  sendFreshLink(): Promise<Result<void>>;
}
