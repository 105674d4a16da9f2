/** A session over a real channel whose far end is as much of cTrader as a session needs, with faults to order. */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../platform/clock.ts";
import { createVirtualTimers, type VirtualTimers } from "../../../platform/local/virtual-timers.ts";
import type { Log } from "../../../platform/log.ts";
import { Secret } from "../../../platform/secret.ts";
import { packGrant } from "../oauth/token.ts";
import { openChannel } from "../open-channel.ts";
import { openSession, type SessionOptions } from "../open-session.ts";
import type { MessageName } from "../protocol/names.ts";
import type {
  Messages,
  ProtoOACtidTraderAccount,
  ProtoOADeal,
  ProtoOAOrder,
  ProtoOAPosition,
  ProtoOATrendbar,
} from "../protocol/open-api.generated.ts";
import type { CtraderSession, HeldToken, SessionState, SessionTokens } from "../session.ts";
import { createScriptedDial, type ScriptedLink } from "./scripted-link.ts";
import type { SentMessage } from "./wire.ts";

export const ACCOUNT = 11;
export const NOON_MS = Date.UTC(2026, 10, 20, 12);

/** In place of the next answer to a request of that name. */
export type Fault =
  | {
      readonly kind: "error";
      readonly code: string;
      readonly description?: string;
      readonly retryAfter?: number;
      readonly maintenanceEnd?: number;
    }
  | { readonly kind: "silent" }
  | { readonly kind: "end" };

export const error = (code: string, over: Partial<Extract<Fault, { kind: "error" }>> = {}): Fault => ({
  kind: "error",
  code,
  ...over,
});

/** The server's side: what it holds, and what it does wrong. */
export class WiredServer {
  readonly timers: VirtualTimers;
  accounts: ProtoOACtidTraderAccount[] = [
    { ctidTraderAccountId: ACCOUNT, traderLogin: 5_001_111, isLive: false },
    { ctidTraderAccountId: 12, traderLogin: 5_002_222, isLive: false },
    { ctidTraderAccountId: 91, traderLogin: 9_003_333, isLive: true },
  ];
  readonly goodTokens = new Set(["access-1", "access-2", "access-3"]);
  orders: ProtoOAOrder[] = [];
  positions: ProtoOAPosition[] = [];
  deals: ProtoOADeal[] = [];
  bars: ProtoOATrendbar[] = [];
  /** The most rows of one list of deals. */
  dealPage = 100;
  answerMs = 40;
  /** Its heart no longer beats. */
  isMute = false as boolean;
  permissionScope: "SCOPE_VIEW" | "SCOPE_TRADE" = "SCOPE_TRADE";
  readonly faults = new Map<MessageName, Fault[]>();
  readonly heard: MessageName[] = [];
  readonly #authorised = new WeakMap<ScriptedLink, Set<number>>();
  readonly #applications = new WeakSet<ScriptedLink>();
  readonly #subscribed = new WeakMap<ScriptedLink, Set<string>>();

  constructor(timers: VirtualTimers) {
    this.timers = timers;
  }

  fail(name: MessageName, ...faults: readonly Fault[]): void {
    this.faults.set(name, [...(this.faults.get(name) ?? []), ...faults]);
  }

  /** Ends the account's session on a link, as the broker tells it. */
  disconnectAccount(link: ScriptedLink): void {
    this.#authorised.get(link)?.delete(ACCOUNT);
    this.#subscribed.delete(link);
    link.say("ProtoOAAccountDisconnectEvent", { ctidTraderAccountId: ACCOUNT });
  }

  invalidate(link: ScriptedLink, accessToken: string): void {
    this.goodTokens.delete(accessToken);
    this.#authorised.get(link)?.delete(ACCOUNT);
    this.#subscribed.delete(link);
    link.say("ProtoOAAccountsTokenInvalidatedEvent", { ctidTraderAccountIds: [ACCOUNT] });
  }

  forgetApplication(link: ScriptedLink): void {
    this.#applications.delete(link);
    this.#authorised.delete(link);
  }

  count(name: MessageName): number {
    return this.heard.filter((one) => one === name).length;
  }

  readonly hear = (message: SentMessage, link: ScriptedLink): void => {
    if (message.name === "ProtoHeartbeatEvent") {
      if (!this.isMute) link.say("ProtoHeartbeatEvent", {});
      return;
    }
    this.heard.push(message.name);
    const fault = this.faults.get(message.name)?.shift();
    if (fault?.kind === "silent") return;
    this.timers.after(this.answerMs, () => {
      if (link.isEnded() || link.isClosed()) return;
      if (fault?.kind === "end") link.end("reset");
      else if (fault?.kind === "error") this.#refuse(message, link, fault);
      else this.#answer(message, link);
    });
  };

  #refuse({ clientMsgId }: SentMessage, link: ScriptedLink, fault: Extract<Fault, { kind: "error" }>): void {
    link.say(
      "ProtoOAErrorRes",
      {
        errorCode: fault.code,
        ...(fault.description !== undefined && { description: fault.description }),
        ...(fault.retryAfter !== undefined && { retryAfter: fault.retryAfter }),
        ...(fault.maintenanceEnd !== undefined && { maintenanceEndTimestamp: fault.maintenanceEnd }),
      },
      clientMsgId,
    );
  }

  #answer(message: SentMessage, link: ScriptedLink): void {
    const { clientMsgId } = message;
    const refuse = (code: string, description?: string) =>
      this.#refuse(message, link, { kind: "error", code, ...(description !== undefined && { description }) });
    const say = <N extends MessageName>(name: N, body: Messages[N]) => link.say(name, body, clientMsgId);
    if (message.name === "ProtoOAApplicationAuthReq") {
      if (this.#applications.has(link)) return refuse("CH_CLIENT_ALREADY_AUTHENTICATED");
      this.#applications.add(link);
      return say("ProtoOAApplicationAuthRes", {});
    }
    if (!this.#applications.has(link)) return refuse("CH_CLIENT_NOT_AUTHENTICATED");
    if (message.name === "ProtoOAGetAccountListByAccessTokenReq") {
      const { accessToken } = message.body;
      if (!this.goodTokens.has(accessToken)) return refuse("CH_ACCESS_TOKEN_INVALID", "Invalid access token");
      const { permissionScope } = this;
      return say("ProtoOAGetAccountListByAccessTokenRes", {
        accessToken,
        permissionScope,
        ctidTraderAccount: this.accounts,
      });
    }
    if (message.name === "ProtoOAAccountAuthReq") return this.#authorise(message, link, refuse);
    const { ctidTraderAccountId = 0 } = message.body as { readonly ctidTraderAccountId?: number };
    const isKnown =
      message.name === "ProtoOAVersionReq" || this.#authorised.get(link)?.has(ctidTraderAccountId);
    if (isKnown !== true) return refuse("INVALID_REQUEST", "Trading account is not authorized");
    this.#read(message, link, refuse);
  }

  #authorise(
    { body, clientMsgId }: Extract<SentMessage, { name: "ProtoOAAccountAuthReq" }>,
    link: ScriptedLink,
    refuse: (code: string) => void,
  ): void {
    const { ctidTraderAccountId, accessToken } = body;
    const authorised = this.#authorised.get(link) ?? new Set<number>();
    this.#authorised.set(link, authorised);
    if (!this.goodTokens.has(accessToken)) return refuse("CH_ACCESS_TOKEN_INVALID");
    if (authorised.has(ctidTraderAccountId)) return refuse("ALREADY_LOGGED_IN");
    authorised.add(ctidTraderAccountId);
    link.say("ProtoOAAccountAuthRes", { ctidTraderAccountId }, clientMsgId);
  }

  #read(
    message: SentMessage,
    link: ScriptedLink,
    refuse: (code: string, description?: string) => void,
  ): void {
    const { ctidTraderAccountId = 0 } = message.body as { readonly ctidTraderAccountId?: number };
    const own = { ctidTraderAccountId };
    const say = <N extends MessageName>(name: N, body: Messages[N]) =>
      link.say(name, body, message.clientMsgId);
    switch (message.name) {
      case "ProtoOATraderReq":
        return say("ProtoOATraderRes", {
          ...own,
          trader: { ...own, balance: 1_000_000, depositAssetId: 7, moneyDigits: 2 },
        });
      case "ProtoOAReconcileReq":
        return say("ProtoOAReconcileRes", { ...own, position: this.positions, order: this.orders });
      case "ProtoOADealListReq": {
        const { fromTimestamp = 0, toTimestamp = Number.MAX_SAFE_INTEGER } = message.body;
        const rows = this.deals.filter(
          ({ executionTimestamp: at }) => at >= fromTimestamp && at <= toTimestamp,
        );
        return say("ProtoOADealListRes", {
          ...own,
          deal: rows.slice(0, this.dealPage),
          hasMore: rows.length > this.dealPage,
        });
      }
      case "ProtoOASubscribeSpotsReq":
        if (!this.#subscribe(link, message.body.symbolId.map(String))) return refuse("ALREADY_SUBSCRIBED");
        if (message.body.symbolId.includes(404)) return refuse("SYMBOL_NOT_FOUND");
        return say("ProtoOASubscribeSpotsRes", own);
      case "ProtoOASubscribeLiveTrendbarReq":
        return say("ProtoOASubscribeLiveTrendbarRes", own);
      case "ProtoOAGetTrendbarsReq": {
        const { fromTimestamp = 0, toTimestamp = 0, period } = message.body;
        const minutes = (bar: ProtoOATrendbar) => (bar.utcTimestampInMinutes ?? 0) * 60_000;
        const trendbar = this.bars.filter(
          (bar) => minutes(bar) >= fromTimestamp && minutes(bar) <= toTimestamp,
        );
        return say("ProtoOAGetTrendbarsRes", { ...own, period, trendbar });
      }
      case "ProtoOAVersionReq":
        return say("ProtoOAVersionRes", { version: "1" });
      case "ProtoOANewOrderReq":
        return;
      default:
        return refuse("UNSUPPORTED_MESSAGE");
    }
  }

  #subscribe(link: ScriptedLink, keys: readonly string[]): boolean {
    const subscribed = this.#subscribed.get(link) ?? new Set();
    this.#subscribed.set(link, subscribed);
    if (keys.includes("404")) return true;
    const isNew = keys.every((key) => !subscribed.has(key));
    for (const key of keys) subscribed.add(key);
    return isNew;
  }
}

/** A token as the vault holds it. */
export function heldToken(generation: number, accessToken = `access-${generation}`): HeldToken {
  const [access, refresh] = [Secret.of(accessToken), Secret.of("refresh")];
  return { generation, token: packGrant({ accessToken: access, refreshToken: refresh, life: undefined }) };
}

/** The store and the keeper behind the session. */
export class WiredTokens implements SessionTokens {
  held: HeldToken | undefined = heldToken(1);
  /** What the keeper makes of a refused token. */
  next: HeldToken | undefined;
  isKeeperHanging = false as boolean;
  readonly refusals: number[] = [];
  reads = 0;

  async current(): Promise<HeldToken | undefined> {
    this.reads += 1;
    return this.held;
  }

  async refused(generation: number): Promise<HeldToken | undefined> {
    this.refusals.push(generation);
    if (this.isKeeperHanging) return new Promise(() => {});
    if (this.held?.generation !== generation) return this.held;
    if (this.next !== undefined) this.held = this.next;
    return this.next;
  }
}

export interface WiredSession {
  readonly session: CtraderSession;
  readonly server: WiredServer;
  readonly tokens: WiredTokens;
  readonly timers: VirtualTimers;
  readonly dials: () => readonly ScriptedLink[];
  readonly link: () => ScriptedLink;
  readonly states: SessionState[];
  readonly phases: () => readonly string[];
  /** By `timers.now()`, when each connection was dialled. */
  readonly dialledAt: readonly number[];
  readonly clock: Clock;
}

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {}, for: () => SILENT };

/** A session that is not started yet. `random`: what each drawn byte is, from 0 to 255. */
export function wireSession(
  options: Partial<SessionOptions> & { readonly opensItself?: boolean; random?(): number } = {},
): WiredSession {
  const timers = createVirtualTimers();
  const server = new WiredServer(timers);
  const tokens = new WiredTokens();
  const script = createScriptedDial({ onMessage: server.hear, opensItself: options.opensItself ?? true });
  const clock: Clock = {
    now: () => Temporal.Instant.fromEpochMilliseconds(NOON_MS + Math.floor(timers.now())),
    sleep: () => Promise.reject(new Error("Nothing here sleeps on the product's clock")),
  };
  const dialledAt: number[] = [];
  const session = openSession(
    {
      openChannel(events) {
        dialledAt.push(timers.now());
        const idPrefix = `c${dialledAt.length}-`;
        return openChannel(
          { dial: script.dial, timers },
          { address: { host: "h", port: 1 }, idPrefix },
          events,
        );
      },
      tokens,
      timers,
      clock,
      random: { bytes: (count) => new Uint8Array(count).fill(options.random?.() ?? 128) },
      log: SILENT,
    },
    {
      application: { clientId: "id", clientSecret: Secret.of("secret") },
      environment: "demo",
      ...options,
    },
  );
  const states: SessionState[] = [];
  session.watch((state) => states.push(state));
  return {
    session,
    server,
    tokens,
    timers,
    clock,
    states,
    dialledAt,
    phases: () => states.map(({ phase }) => phase),
    dials: () => script.links,
    link: () => script.latest(),
  };
}

/** A session that has become ready. */
export async function readySession(options: Parameters<typeof wireSession>[0] = {}): Promise<WiredSession> {
  const wired = wireSession(options);
  wired.session.start();
  await wired.timers.advance(5_000);
  if (wired.session.state().phase !== "ready") {
    throw new Error(`The session is ${JSON.stringify(wired.session.state())}`);
  }
  return wired;
}
