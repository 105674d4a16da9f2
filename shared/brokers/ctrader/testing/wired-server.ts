/** The far end of a session's connection: as much of cTrader as a session needs, with faults to order. */
import type { VirtualTimers } from "../../../platform/local/virtual-timers.ts";
import { ANSWERS, type MessageName, type RequestName } from "../protocol/names.ts";
import {
  type Messages,
  PAYLOAD_TYPES,
  type ProtoOACtidTraderAccount,
  type ProtoOADeal,
  type ProtoOAOrder,
  type ProtoOAPosition,
  type ProtoOATrendbar,
} from "../protocol/open-api.generated.ts";
import type { ScriptedLink } from "./scripted-link.ts";
import { frameOfPayload, type SentMessage } from "./wire.ts";

export const ACCOUNT = 11;
/** In place of the next answer to a request of that name. */
export type Fault =
  | {
      readonly kind: "error";
      readonly code: string;
      readonly description?: string;
      readonly retryAfter?: number;
      readonly maintenanceEnd?: number;
      /** Later than other answers by so much. */
      readonly lateMs?: number;
    }
  /** An answer of the right kind that cannot be read. */
  | { readonly kind: "garbled" }
  | { readonly kind: "silent" }
  | { readonly kind: "end" };

export const error = (code: string, over: Partial<Extract<Fault, { kind: "error" }>> = {}): Fault => ({
  kind: "error",
  code,
  ...over,
});

type Answer = {
  readonly [N in MessageName]: { readonly kind: "answer"; readonly name: N; readonly body: Messages[N] };
}[MessageName];
type Reply = Answer | Fault | undefined;

function answer<N extends MessageName>(name: N, body: Messages[N]): Answer {
  return { kind: "answer", name, body } as unknown as Answer;
}

function refuse(
  { clientMsgId }: SentMessage,
  link: ScriptedLink,
  { code, description, retryAfter, maintenanceEnd }: Extract<Fault, { kind: "error" }>,
): void {
  const refusal = {
    errorCode: code,
    ...(description !== undefined && { description }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(maintenanceEnd !== undefined && { maintenanceEndTimestamp: maintenanceEnd }),
  };
  link.say("ProtoOAErrorRes", refusal, clientMsgId);
}

/** The payload says that a number follows, and ends. */
function garble({ name, clientMsgId }: SentMessage, link: ScriptedLink): void {
  const answerName = ANSWERS[name as RequestName];
  link.sayBytes(frameOfPayload(PAYLOAD_TYPES[answerName], Uint8Array.of(0x10), clientMsgId));
}

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
  /** Found by their ids alone. */
  endedOrders: ProtoOAOrder[] = [];
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
  readonly #settled: { readonly name: MessageName; readonly link: ScriptedLink }[] = [];
  readonly #authorised = new WeakMap<ScriptedLink, Set<number>>();
  readonly #applications = new WeakSet<ScriptedLink>();
  readonly #subscribed = new WeakMap<ScriptedLink, Set<string>>();

  constructor(timers: VirtualTimers) {
    this.timers = timers;
  }

  fail(name: MessageName, ...faults: readonly Fault[]): void {
    this.faults.set(name, [...(this.faults.get(name) ?? []), ...faults]);
  }

  /** Ends the account's session on a link without a word. */
  endAccount(link: ScriptedLink): void {
    this.#authorised.get(link)?.delete(ACCOUNT);
    this.#subscribed.delete(link);
  }

  /** Ends the account's session on a link, as the broker tells it. */
  disconnectAccount(link: ScriptedLink): void {
    this.endAccount(link);
    link.say("ProtoOAAccountDisconnectEvent", { ctidTraderAccountId: ACCOUNT });
  }

  invalidate(link: ScriptedLink, accessToken: string): void {
    this.goodTokens.delete(accessToken);
    this.endAccount(link);
    link.say("ProtoOAAccountsTokenInvalidatedEvent", { ctidTraderAccountIds: [ACCOUNT] });
  }

  forgetApplication(link: ScriptedLink): void {
    this.#applications.delete(link);
    this.#authorised.delete(link);
  }

  count(name: MessageName): number {
    return this.heard.filter((one) => one === name).length;
  }

  /** How many requests of that name have been answered, on one link or on all. */
  answered(name: MessageName, link?: ScriptedLink): number {
    return this.#settled.filter((one) => one.name === name && (link ?? one.link) === one.link).length;
  }

  isAuthorised(link: ScriptedLink): boolean {
    return this.#authorised.get(link)?.has(ACCOUNT) === true;
  }

  isSubscribed(link: ScriptedLink, symbolId: number): boolean {
    return this.#subscribed.get(link)?.has(`${symbolId}`) === true;
  }

  readonly hear = (message: SentMessage, link: ScriptedLink): void => {
    if (message.name === "ProtoHeartbeatEvent") {
      if (!this.isMute) link.say("ProtoHeartbeatEvent", {});
      return;
    }
    this.heard.push(message.name);
    const fault = this.faults.get(message.name)?.shift();
    if (fault?.kind === "silent") return;
    const lateMs = fault?.kind === "error" ? (fault.lateMs ?? 0) : 0;
    this.timers.after(this.answerMs + lateMs, () => {
      if (link.isEnded() || link.isClosed()) return;
      this.#settled.push({ name: message.name, link });
      const reply = fault ?? this.#answer(message, link);
      if (reply?.kind === "end") link.end("reset");
      else if (reply?.kind === "garbled") garble(message, link);
      else if (reply?.kind === "error") refuse(message, link, reply);
      else if (reply?.kind === "answer") link.say(reply.name, reply.body as never, message.clientMsgId);
    });
  };

  #answer(message: SentMessage, link: ScriptedLink): Reply {
    if (message.name === "ProtoOAApplicationAuthReq") {
      if (this.#applications.has(link)) return error("CH_CLIENT_ALREADY_AUTHENTICATED");
      this.#applications.add(link);
      return answer("ProtoOAApplicationAuthRes", {});
    }
    if (!this.#applications.has(link)) return error("CH_CLIENT_NOT_AUTHENTICATED");
    if (message.name === "ProtoOAGetAccountListByAccessTokenReq") return this.#list(message.body.accessToken);
    if (message.name === "ProtoOAAccountAuthReq") return this.#authorise(message.body, link);
    const { ctidTraderAccountId = 0 } = message.body as { readonly ctidTraderAccountId?: number };
    const isKnown =
      message.name === "ProtoOAVersionReq" || this.#authorised.get(link)?.has(ctidTraderAccountId);
    if (isKnown !== true) {
      return error("INVALID_REQUEST", { description: "Trading account is not authorized" });
    }
    return this.#read(message, link, { ctidTraderAccountId });
  }

  #list(accessToken: string): Reply {
    if (!this.goodTokens.has(accessToken)) {
      return error("CH_ACCESS_TOKEN_INVALID", { description: "Invalid access token" });
    }
    const { permissionScope, accounts } = this;
    const list = { accessToken, permissionScope, ctidTraderAccount: accounts };
    return answer("ProtoOAGetAccountListByAccessTokenRes", list);
  }

  #authorise(body: Messages["ProtoOAAccountAuthReq"], link: ScriptedLink): Reply {
    const { ctidTraderAccountId, accessToken } = body;
    const authorised = this.#authorised.get(link) ?? new Set<number>();
    this.#authorised.set(link, authorised);
    if (!this.goodTokens.has(accessToken)) return error("CH_ACCESS_TOKEN_INVALID");
    if (authorised.has(ctidTraderAccountId)) return error("ALREADY_LOGGED_IN");
    authorised.add(ctidTraderAccountId);
    return answer("ProtoOAAccountAuthRes", { ctidTraderAccountId });
  }

  #read(message: SentMessage, link: ScriptedLink, own: { readonly ctidTraderAccountId: number }): Reply {
    switch (message.name) {
      case "ProtoOATraderReq": {
        const trader = { ...own, balance: 1_000_000, depositAssetId: 7, moneyDigits: 2 };
        return answer("ProtoOATraderRes", { ...own, trader });
      }
      case "ProtoOAReconcileReq":
        return answer("ProtoOAReconcileRes", { ...own, position: this.positions, order: this.orders });
      case "ProtoOADealListReq":
        return this.#listDeals(message.body);
      case "ProtoOASubscribeSpotsReq":
        if (!this.#subscribe(link, message.body.symbolId.map(String))) return error("ALREADY_SUBSCRIBED");
        if (message.body.symbolId.includes(404)) return error("SYMBOL_NOT_FOUND");
        return answer("ProtoOASubscribeSpotsRes", own);
      case "ProtoOASubscribeLiveTrendbarReq":
        return answer("ProtoOASubscribeLiveTrendbarRes", own);
      case "ProtoOAGetTrendbarsReq": {
        const { fromTimestamp = 0, toTimestamp = 0, period } = message.body;
        const openMs = (bar: ProtoOATrendbar) => (bar.utcTimestampInMinutes ?? 0) * 60_000;
        const trendbar = this.bars.filter(
          (bar) => openMs(bar) >= fromTimestamp && openMs(bar) <= toTimestamp,
        );
        return answer("ProtoOAGetTrendbarsRes", { ...own, period, trendbar });
      }
      case "ProtoOAOrderDetailsReq": {
        const order = this.endedOrders.find(({ orderId }) => orderId === message.body.orderId);
        if (order === undefined) return error("ORDER_NOT_FOUND");
        const deal = this.deals.filter(({ orderId }) => orderId === order.orderId);
        return answer("ProtoOAOrderDetailsRes", { ...own, order, deal });
      }
      case "ProtoOASymbolsListReq":
        return answer("ProtoOASymbolsListRes", { ...own, symbol: [], archivedSymbol: [] });
      case "ProtoOAAssetListReq":
        return answer("ProtoOAAssetListRes", { ...own, asset: [] });
      case "ProtoOAVersionReq":
        return answer("ProtoOAVersionRes", { version: "1" });
      case "ProtoOANewOrderReq":
        return undefined;
      default:
        return error("UNSUPPORTED_MESSAGE");
    }
  }

  #listDeals(body: Messages["ProtoOADealListReq"]): Reply {
    const { ctidTraderAccountId, fromTimestamp = 0, toTimestamp = Number.MAX_SAFE_INTEGER } = body;
    const rows = this.deals.filter(({ executionTimestamp: at }) => at >= fromTimestamp && at <= toTimestamp);
    const hasMore = rows.length > this.dealPage;
    return answer("ProtoOADealListRes", { ctidTraderAccountId, deal: rows.slice(0, this.dealPage), hasMore });
  }

  #subscribe(link: ScriptedLink, keys: readonly string[]): boolean {
    const subscribed = this.#subscribed.get(link) ?? new Set();
    this.#subscribed.set(link, subscribed);
    if (keys.includes("404")) return true;
    const isNew = keys.every((key) => !subscribed.has(key));
    if (isNew) for (const key of keys) subscribed.add(key);
    return isNew;
  }
}
