/** The pages between a program and a code: log in, choose accounts, allow. */
import { brokerPage, hiddenFields, noticeBody } from "../broker-page.ts";
import { escapeMarkup } from "../markup.ts";
import type { Scope } from "./grant-records.ts";
import type { BrokerUser } from "./hall.ts";
import type { VenueAccount } from "./venue.ts";

/** Where the broker's users log in for a program; the second is the older one that its own samples use. */
export const AUTHORIZE_PATHS = ["/my/settings/openapi/grantingaccess/", "/apps/auth"] as const;
export const TOKEN_PATH = "/apps/token";
export const STYLE_PATH = "/my/simulator.css";
export const LOGIN_PATH = "/my/login";
export const DECISION_PATH = "/my/decision";

/** What a program asks for; the forms carry it along. */
export interface AccessRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: Scope;
}

function carried({ clientId, redirectUri, scope }: AccessRequest): Readonly<Record<string, string>> {
  return { client_id: clientId, redirect_uri: redirectUri, scope };
}

/** The login form, filled in so that one tap is enough. `problem`: why the last try failed. */
export function loginPage(request: AccessRequest, user: BrokerUser, problem?: string): string {
  const warning = problem === undefined ? "" : `<p class="warn" role="alert">${escapeMarkup(problem)}</p>`;
  const [name, password] = [escapeMarkup(user.username), escapeMarkup(user.password)];
  return brokerPage(
    "Log in",
    `<h1>Log in to the simulated cTrader</h1>${warning}
<p class="note">This is a simulator. Never type a real password here. The simulated user is
<b>${name}</b>, the password <b>${password}</b>; both are filled in.</p>
<form method="post" action="${LOGIN_PATH}">${hiddenFields(carried(request))}
<label for="username">User<input id="username" name="username" autocomplete="off" autocapitalize="none" spellcheck="false" value="${name}"></label>
<label for="password">Password<input id="password" name="password" type="password" autocomplete="off" value="${password}"></label>
<input type="submit" value="Log in"></form>`,
    STYLE_PATH,
  );
}

/** The accounts to choose from, all chosen. `ticket` proves that the login went well. */
export function choicePage(
  request: AccessRequest,
  facts: { readonly username: string; readonly ticket: string; readonly accounts: readonly VenueAccount[] },
): string {
  const { username, ticket, accounts } = facts;
  const what = request.scope === "trading" ? "see these accounts and trade in them" : "see these accounts";
  const rows = accounts.map(({ ctidTraderAccountId, traderLogin, isLive, isNetted, brokerTitle }) => {
    const words = `${traderLogin} · ${brokerTitle} · ${isLive ? "live" : "demo"} · ${isNetted ? "netted" : "hedged"}`;
    return `<label class="choice"><input type="checkbox" name="account" value="${ctidTraderAccountId}" checked>${escapeMarkup(words)}</label>`;
  });
  return brokerPage(
    "Allow access",
    `<h1>Let this program use simulated accounts?</h1>
<p>The program that sent you here asks to ${what}. They are made up, and so is their money.</p>
<form method="post" action="${DECISION_PATH}">${hiddenFields({ ...carried(request), username, ticket })}
<fieldset><legend>Accounts of ${escapeMarkup(username)}</legend>${rows.join("")}</fieldset>
<input type="submit" name="decision" value="Allow"><input type="submit" name="decision" value="Deny"></form>`,
    STYLE_PATH,
  );
}

/** A page with a headline and one sentence. */
export function noticePage(headline: string, sentence: string): string {
  return brokerPage(headline, noticeBody(headline, sentence), STYLE_PATH);
}
