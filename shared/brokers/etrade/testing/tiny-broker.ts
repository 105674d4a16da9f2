import type { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../platform/clock.ts";
import type { Http, HttpCall } from "../../../platform/http.ts";
import { answerOf } from "../../../platform/testing/http-answers.ts";
import { isSignedBy, readHeader } from "./oracle.ts";

interface Token {
  readonly secret: string;
  readonly bornAt: Temporal.Instant;
  usedAt: Temporal.Instant;
  pin?: string;
}

const ZONE = "America/New_York";

/** Just enough of E*TRADE, in memory and strict about signatures, to run the issuer's contract against. */
export class TinyBroker {
  readonly #clock: Clock;
  readonly #consumer: { readonly key: string; readonly secret: string };
  readonly #requests = new Map<string, Token>();
  readonly #tokens = new Map<string, Token>();
  #count = 0;

  constructor(clock: Clock, consumer: { readonly key: string; readonly secret: string }) {
    this.#clock = clock;
    this.#consumer = consumer;
  }

  readonly http: Http = (call) => answerOf(this.#hear(call));

  #hear({ method, url, headers }: HttpCall): Response {
    const text = new Headers(headers).get("authorization") ?? "";
    const header = readHeader(text);
    const name = header.get("oauth_token") ?? "";
    const secret = (this.#requests.get(name) ?? this.#tokens.get(name))?.secret;
    const isKnown = name === "" || secret !== undefined;
    const secrets = { consumer: this.#consumer.secret, ...(secret !== undefined && { token: secret }) };
    if (header.get("oauth_consumer_key") !== this.#consumer.key) return page("consumer_key_unknown");
    if (isKnown && !isSignedBy({ method, url, header: text }, secrets)) {
      return page("signature_invalid");
    }
    return this.#answer(new URL(url).pathname, header);
  }

  /** The owner logs in and agrees at an address that `begin` gave; returns the PIN that the page shows. */
  approve(authorizeUrl: string): string {
    const { searchParams } = new URL(authorizeUrl);
    const request = this.#requests.get(searchParams.get("token") ?? "");
    if (request === undefined || searchParams.get("key") !== this.#consumer.key)
      throw new Error("logon delay");
    request.pin = `PIN${++this.#count}`.padEnd(5, "0");
    return request.pin;
  }

  #answer(path: string, header: Map<string, string>): Response {
    const name = header.get("oauth_token") ?? "";
    const token = this.#tokens.get(name);
    switch (path) {
      case "/oauth/request_token":
        if (header.get("oauth_callback") !== "oob") return page("callback_rejected", 400);
        return this.#issue(this.#requests, "request");
      case "/oauth/access_token":
        return this.#exchange(name, header.get("oauth_verifier"));
      case "/oauth/renew_access_token":
        return this.#renew(token);
      case "/oauth/revoke_access_token":
        return this.#tokens.delete(name) ? new Response("Revoked Access Token") : page("token_rejected");
      case "/v1/accounts/list.json":
        return this.#listAccounts(token);
      default:
        return new Response("", { status: 404 });
    }
  }

  #issue(into: Map<string, Token>, kind: string): Response {
    const name = `${kind}/${++this.#count}+x=`;
    const secret = `s/${this.#count}+y=`;
    into.set(name, { secret, bornAt: this.#clock.now(), usedAt: this.#clock.now() });
    return new Response(
      `oauth_token=${encodeURIComponent(name)}&oauth_token_secret=${encodeURIComponent(secret)}`,
    );
  }

  #exchange(name: string, verifier: string | undefined): Response {
    const request = this.#requests.get(name);
    const isGood = request?.pin !== undefined && request.pin === verifier;
    if (!isGood || this.#minutesSince(request.bornAt) >= 5) return page("token_rejected");
    this.#requests.delete(name);
    return this.#issue(this.#tokens, "access");
  }

  #renew(token: Token | undefined): Response {
    if (token === undefined || !this.#isOfToday(token)) return page("token_rejected");
    token.usedAt = this.#clock.now();
    return new Response("Access Token has been renewed");
  }

  #listAccounts(token: Token | undefined): Response {
    const refuse = (problem: string) => json({ Error: { message: `oauth_problem=${problem}` } }, 401);
    if (token === undefined || !this.#isOfToday(token)) return refuse("token_rejected");
    if (this.#minutesSince(token.usedAt) >= 120) return refuse("token_expired");
    token.usedAt = this.#clock.now();
    const account = {
      accountId: "1",
      accountIdKey: "k",
      institutionType: "BROKERAGE",
      accountStatus: "ACTIVE",
    };
    return json({ AccountListResponse: { Accounts: { Account: [account] } } }, 200);
  }

  #isOfToday(token: Token): boolean {
    const [born, now] = [token.bornAt, this.#clock.now()].map((at) =>
      at.toZonedDateTimeISO(ZONE).toPlainDate(),
    );
    return born !== undefined && now !== undefined && born.equals(now);
  }

  #minutesSince(instant: Temporal.Instant): number {
    return instant.until(this.#clock.now()).total("minutes");
  }
}

function page(problem: string, status = 401): Response {
  return new Response(`<html><body><b>Message</b> oauth_problem=${problem}</body></html>`, { status });
}

function json(body: unknown, status: number): Response {
  return new Response(JSON.stringify(body), { status });
}
