/** An owner by HTTP who keeps everything that was answered, to be searched afterwards. */
import { navigate } from "../../infra/sandbox/owner/navigate.ts";
import type { PhoneMessage } from "../../infra/sandbox/owner/scripted-owner.ts";
import { type ApiAuthorization, authorizationSchema } from "../../shared/console/api.ts";
import type { Canaries } from "./canaries.ts";
import {
  type Answer,
  type CallOptions,
  contentOf,
  cookieOf,
  createCaller,
  linkCodeOf,
} from "./http-caller.ts";
import type { TestStack } from "./stack.ts";

export class CollectedMorning {
  readonly #stack: TestStack;
  readonly #noted: Canaries;
  readonly #answers: (readonly [string, string])[] = [];
  #cookie = "";

  /** Codes, cookies and PINs are added to `noted`. */
  constructor(stack: TestStack, noted: Canaries) {
    this.#stack = stack;
    this.#noted = noted;
  }

  /** All answers: what was asked, and status, headers and body; of headers only the new session is left out. */
  get answers(): readonly (readonly [string, string])[] {
    return this.#answers;
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { origin } = new URL(this.#stack.addresses.console);
    const call = createCaller(origin, this.#cookie === "" ? {} : { cookie: this.#cookie });
    const answer = await call(method, path, options);
    const headers = [...answer.headers].filter(([name]) => name !== "set-cookie");
    const what = `${method} ${path.split("?")[0]}`;
    this.#answers.push([what, `${answer.status}\n${JSON.stringify(headers)}\n${answer.text}`]);
    return answer;
  }

  /** Keeps what came by another way than an answer, to be searched with them. */
  keep(where: string, text: string): void {
    this.#answers.push([where, text]);
  }

  async signIn(message: PhoneMessage): Promise<void> {
    const code = linkCodeOf(message);
    this.#noted.set(`one-time code of message ${message.id}`, code);
    const answer = await this.call("POST", "/api/session", { body: { code } });
    this.#cookie = cookieOf(answer);
    this.#noted.set("session cookie", this.#cookie.replace("__session=", ""));
  }

  async begin(connection: string): Promise<ApiAuthorization> {
    const path = `/api/connections/${connection}/authorizations`;
    return contentOf(authorizationSchema, await this.call("POST", path, { body: {} }));
  }

  async pinOf(login: ApiAuthorization): Promise<string> {
    const pin = await this.#stack.owner.logIn(login);
    this.#noted.set(`PIN of login ${login.id}`, pin);
    return pin;
  }

  /** Agrees at the broker's pages, and comes back by its redirect as a browser does; where on the page it leads. */
  async connectByRedirect(login: ApiAuthorization): Promise<string> {
    const address = await this.#stack.owner.logIn(login);
    this.#noted.set(`code of login ${login.id}`, new URL(address).searchParams.get("code") ?? "");
    const target = await navigate(address, this.#cookie);
    this.#answers.push(["GET /api/oauth/ctrader/callback", target.toString()]);
    return target.hash;
  }

  enter(connection: string, login: string, pin: unknown): Promise<Answer> {
    const path = `/api/connections/${connection}/authorizations/${login}/pin`;
    return this.call("POST", path, { body: { pin } });
  }

  /** Reads the pages with their files, and what can be read behind them but balances, which take their time. */
  async readEverything(): Promise<void> {
    const page = await this.call("GET", "/");
    const assets = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((found) => found[1] ?? "/");
    const sandbox = ["", "/clock", "/jobs", "/phone/", "/phone/messages", "/page/", "/page/sandbox.js"];
    const boards = ["etrade", "ctrader", "telegram", "delivery"].map((board) => `/${board}/faults`);
    const pings = ["etrade-production", "ctrader-demo"].map((id) => `connections/${id}/ping`);
    const api = ["status", "health", "keep-alive", ...pings];
    for (const path of [
      ...assets,
      ...[...sandbox, ...boards].map((each) => `/sandbox${each}`),
      ...[...api, "unknown"].map((each) => `/api/${each}`),
    ]) {
      await this.call("GET", path);
    }
  }
}
