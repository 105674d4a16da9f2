/** As much of cTrader as logging in and looking at accounts needs, in memory: its token endpoint and a channel. */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../platform/clock.ts";
import type { Http, HttpFault } from "../../../platform/http.ts";
import { fail, type Result, succeed } from "../../../platform/result.ts";
import { answerOf } from "../../../platform/testing/http-answers.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { Channel, ChannelEvents } from "../channel.ts";
import type { RequestName } from "../protocol/names.ts";
import type { Messages, ProtoOACtidTraderAccount, ProtoOATrader } from "../protocol/open-api.generated.ts";
import { A_PEER } from "./scripted-link.ts";

interface Grant {
  readonly accessToken: string;
  readonly expiresAt: Temporal.Instant;
  isDead: boolean;
}

export const ACCESS_LIFE_SECONDS = 2_628_000;
const CODE_LIFE = Temporal.Duration.from({ minutes: 1 });

export class TinyCtrader {
  /** What reached it: grant types of the token endpoint, names of socket requests. */
  readonly calls: string[] = [];
  accounts: ProtoOACtidTraderAccount[] = [
    { ctidTraderAccountId: 11, traderLogin: 5_001_111, isLive: false, brokerTitleShort: "Tiny" },
    { ctidTraderAccountId: 12, traderLogin: 5_002_222, isLive: false },
    { ctidTraderAccountId: 91, traderLogin: 9_003_333, isLive: true },
  ];
  trader: Partial<ProtoOATrader> = {};
  scope: Messages["ProtoOAGetAccountListByAccessTokenRes"]["permissionScope"] = "SCOPE_TRADE";
  /** In place of the next answer of the token endpoint. */
  nextReply: HttpFault | undefined;
  /** Ends each channel in place of opening it. */
  isDown = false as boolean;
  /** Does nothing that the token endpoint is asked for. */
  isDeaf = false as boolean;
  openChannels = 0;
  readonly #codes = new Map<string, Temporal.Instant>();
  readonly #grants = new Map<string, Grant>();
  readonly #clock: Pick<Clock, "now">;
  readonly #client: { readonly id: string; readonly secret: string; readonly redirectUri: string };
  #made = 0;

  constructor(
    clock: Pick<Clock, "now">,
    client: { readonly id: string; readonly secret: string; readonly redirectUri: string },
  ) {
    this.#clock = clock;
    this.#client = client;
  }

  /** The owner logs in and agrees: the address to which the browser goes back. */
  approve(authorizeUrl: string): string {
    const { searchParams } = new URL(authorizeUrl);
    if (searchParams.get("client_id") !== this.#client.id) throw new Error("No such application");
    if (searchParams.get("redirect_uri") !== this.#client.redirectUri) throw new Error("No such redirect");
    const code = this.#make("code+/=");
    this.#codes.set(code, this.#clock.now());
    return `${this.#client.redirectUri}?${new URLSearchParams({ code })}`;
  }

  /** No access token given out so far answers any more; refresh tokens do. */
  breakAccess(): void {
    for (const grant of this.#byAccess.values()) grant.isDead = true;
  }

  /** No refresh token given out so far is taken any more; access tokens are. */
  forgetGrants(): void {
    this.#grants.clear();
  }

  readonly http: Http = async ({ method, url }) => {
    const { searchParams } = new URL(url);
    this.calls.push(`${method} ${searchParams.get("grant_type")}`);
    const answer = this.isDeaf ? {} : this.#exchange(searchParams);
    const replaced = this.nextReply;
    this.nextReply = undefined;
    return replaced ?? answerOf(Response.json(answer));
  };

  readonly openChannel = (events: ChannelEvents): Channel => {
    const authorised = new Set<number>();
    let isApplication = false;
    let isOver = false;
    this.openChannels += 1;
    const end = () => {
      if (isOver) return;
      isOver = true;
      this.openChannels -= 1;
      events.ended(this.isDown ? "refused" : "closed-by-us");
    };
    queueMicrotask(() => (this.isDown ? end() : events.opened(A_PEER)));
    const answer = (name: RequestName, body: never): Result<unknown, BrokerCallFailure> => {
      if (name === "ProtoOAApplicationAuthReq") {
        const { clientId, clientSecret } = body as Messages["ProtoOAApplicationAuthReq"];
        isApplication = clientId === this.#client.id && clientSecret === this.#client.secret;
        return isApplication ? succeed({}) : fail("BROKER_CREDENTIALS_REJECTED");
      }
      if (!isApplication) return fail("BROKER_REFUSED", { brokerCode: "CH_CLIENT_NOT_AUTHENTICATED" });
      return this.#answer(name, body, authorised);
    };
    return {
      request: async (name, body) => {
        this.calls.push(name);
        if (isOver) return fail("BROKER_UNREACHABLE");
        return answer(name, body as never) as never;
      },
      order() {
        throw new Error("Nobody trades here");
      },
      lastFrameAt: () => 0,
      close: () => queueMicrotask(end),
    };
  };

  #answer(name: RequestName, body: never, authorised: Set<number>): Result<unknown, BrokerCallFailure> {
    switch (name) {
      case "ProtoOAVersionReq":
        return succeed({ version: "1" });
      case "ProtoOAGetAccountListByAccessTokenReq": {
        const { accessToken } = body as Messages["ProtoOAGetAccountListByAccessTokenReq"];
        if (!this.#isAlive(accessToken)) return fail("BROKER_TOKEN_REJECTED");
        return succeed({ accessToken, permissionScope: this.scope, ctidTraderAccount: this.accounts });
      }
      case "ProtoOAAccountAuthReq": {
        const { accessToken, ctidTraderAccountId } = body as Messages["ProtoOAAccountAuthReq"];
        if (!this.#isAlive(accessToken)) return fail("BROKER_TOKEN_REJECTED");
        authorised.add(ctidTraderAccountId);
        return succeed({ ctidTraderAccountId });
      }
      default:
        return this.#read(name, body, authorised);
    }
  }

  #read(name: RequestName, body: never, authorised: Set<number>): Result<unknown, BrokerCallFailure> {
    const { ctidTraderAccountId } = body as Messages["ProtoOATraderReq"];
    if (!authorised.has(ctidTraderAccountId)) return fail("BROKER_REFUSED");
    if (name === "ProtoOAAssetListReq") {
      return succeed({ ctidTraderAccountId, asset: [{ assetId: 7, name: "EUR" }] });
    }
    const known = { ctidTraderAccountId, balance: 1_234_567, depositAssetId: 7, moneyDigits: 2 };
    return succeed({ ctidTraderAccountId, trader: { ...known, ...this.trader } });
  }

  #exchange(query: URLSearchParams): Record<string, unknown> {
    const { id, secret, redirectUri } = this.#client;
    if (query.get("client_id") !== id || query.get("client_secret") !== secret) {
      return refused("CH_CLIENT_AUTH_FAILURE");
    }
    if (query.get("grant_type") === "refresh_token") return this.#refresh(query.get("refresh_token") ?? "");
    const code = query.get("code") ?? "";
    const givenAt = this.#codes.get(code);
    this.#codes.delete(code);
    const isGood = givenAt !== undefined && isWithin(givenAt, this.#clock.now(), CODE_LIFE);
    return isGood && query.get("redirect_uri") === redirectUri ? this.#grant() : refused("ACCESS_DENIED");
  }

  #refresh(refreshToken: string): Record<string, unknown> {
    const before = this.#grants.get(refreshToken);
    if (before === undefined) return refused("CH_ACCESS_TOKEN_INVALID");
    before.isDead = true;
    this.#grants.delete(refreshToken);
    return this.#grant();
  }

  #grant(): Record<string, unknown> {
    const [accessToken, refreshToken] = [this.#make("access"), this.#make("refresh")];
    const expiresAt = this.#clock.now().add({ seconds: ACCESS_LIFE_SECONDS });
    const grant = { accessToken, expiresAt, isDead: false };
    this.#grants.set(refreshToken, grant);
    this.#byAccess.set(accessToken, grant);
    return {
      ...{ accessToken, refreshToken, tokenType: "bearer", expiresIn: ACCESS_LIFE_SECONDS },
      ...{ access_token: accessToken, refresh_token: refreshToken, expires_in: ACCESS_LIFE_SECONDS },
      ...{ errorCode: null, description: null },
    };
  }

  readonly #byAccess = new Map<string, Grant>();

  #isAlive(accessToken: string): boolean {
    const grant = this.#byAccess.get(accessToken);
    if (grant === undefined || grant.isDead) return false;
    return Temporal.Instant.compare(this.#clock.now(), grant.expiresAt) < 0;
  }

  #make(kind: string): string {
    this.#made += 1;
    return `${kind}-${this.#made}-${"x".repeat(20)}`;
  }
}

function refused(errorCode: string): Record<string, unknown> {
  return { accessToken: null, refreshToken: null, expiresIn: null, errorCode, description: "No." };
}

function isWithin(since: Temporal.Instant, now: Temporal.Instant, life: Temporal.Duration): boolean {
  return Temporal.Instant.compare(now, since.add(life)) < 0;
}
