import type {
  ApiBackLive,
  ApiClosing,
  ApiKillReceipt,
  ApiKillRequest,
  ApiOnPaper,
  ApiPaperRequest,
  ApiResumeRequest,
  ApiStanding,
} from "../../shared/console/control-api.ts";
import type { ApiEquity, ApiTrading, ApiWhy } from "../../shared/console/trading-api.ts";
import { type Answer, type Call, createCall } from "./api.ts";

/** The calls about trading that the page makes. None throws. */
export interface TradingClient {
  trading(): Promise<Answer<ApiTrading>>;
  equity(account: string): Promise<Answer<ApiEquity>>;
  why(bot: string): Promise<Answer<ApiWhy>>;
  kill(request: ApiKillRequest): Promise<Answer<ApiKillReceipt>>;
  receipt(id: string): Promise<Answer<ApiKillReceipt>>;
  reduce(): Promise<Answer<ApiStanding>>;
  closeAll(): Promise<Answer<ApiClosing>>;
  resume(request: ApiResumeRequest): Promise<Answer<ApiStanding>>;
  paper(request: ApiPaperRequest): Promise<Answer<ApiOnPaper>>;
  live(request: ApiResumeRequest): Promise<Answer<ApiBackLive>>;
}

const TIMEOUT_MS = 10_000;
const REASON = "by a button of the page";

export function createTradingClient(deps: { readonly fetch: typeof fetch }): TradingClient {
  const call: Call = createCall(deps);
  const name = encodeURIComponent;
  const get = <T>(path: string) => call<T>("GET", `trading${path}`, { timeoutMs: TIMEOUT_MS });
  const post = <T>(path: string, body: unknown) =>
    call<T>("POST", `trading/${path}`, { body, timeoutMs: TIMEOUT_MS });
  return {
    trading: () => get(""),
    equity: (account) => get(`/equity?account=${name(account)}`),
    why: (bot) => get(`/why?bot=${name(bot)}`),
    kill: (request) => post("kill", request),
    receipt: (id) => get(`/kills/${name(id)}`),
    reduce: () => post("reduce", { reason: REASON }),
    closeAll: () => post("close", { reason: REASON }),
    resume: (request) => post("resume", request),
    paper: (request) => post("paper", request),
    live: (request) => post("live", request),
  };
}
