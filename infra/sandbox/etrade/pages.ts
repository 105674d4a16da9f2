import { brokerPage, hiddenFields, noticeBody } from "../broker-page.ts";
import { escapeMarkup } from "../markup.ts";

/** Where the pages find their style sheet. */
export const STYLE_PATH = "/e/t/etws/simulator.css";
/** Where the login form goes. */
export const LOGIN_PATH = "/e/t/etws/login";
/** Where the agreement form goes. */
export const DECISION_PATH = "/e/t/etws/decision";

/** The hidden fields that carry a request through the forms. */
export interface PageRequest {
  readonly key: string;
  readonly token: string;
}

function page(title: string, body: string): string {
  return brokerPage(title, body, STYLE_PATH);
}

/** The login form, filled in so that one tap is enough. `problem`: why the last try failed. */
export function loginPage(
  request: PageRequest,
  user: { readonly username: string; readonly password: string },
  problem?: string,
): string {
  const warning = problem === undefined ? "" : `<p class="warn" role="alert">${escapeMarkup(problem)}</p>`;
  return page(
    "Log on",
    `<h1>Log on to the simulated broker</h1>${warning}
<p class="note">This is a simulator. Never type a real password here. The simulated user is
<b>${escapeMarkup(user.username)}</b>, the password <b>${escapeMarkup(user.password)}</b>; both are filled in.</p>
<form method="post" action="${LOGIN_PATH}">${hiddenFields({ ...request })}
<label for="USER">User ID<input id="USER" name="USER" autocomplete="off" autocapitalize="none" spellcheck="false" value="${escapeMarkup(user.username)}"></label>
<label for="password">Password<input id="password" name="PASSWORD" type="password" autocomplete="off" value="${escapeMarkup(user.password)}"></label>
<input id="mfaLogonButton" type="submit" value="Log on"></form>`,
  );
}

/** The agreement, with Accept and Decline. `ticket` proves that the login went well. */
export function agreementPage(request: PageRequest, username: string, ticket: string): string {
  return page(
    "Agreement",
    `<h1>Let this program use the simulated account?</h1>
<p>The program that sent you here asks to see the accounts of <b>${escapeMarkup(username)}</b> and to trade in them
until midnight in New York. They are made up, and so is their money.</p>
<form method="post" action="${DECISION_PATH}">${hiddenFields({ ...request, username, ticket })}
<input type="submit" name="decision" value="Accept"><input type="submit" name="decision" value="Decline"></form>`,
  );
}

/** The end of the way: the verifier in the page's only input. */
export function completePage(pin: string): string {
  return page(
    "Authorization Complete",
    `<h1>Authorization Complete</h1>
<p id="how">Copy this code into the program that asked for it. It is good for a few minutes, and once.</p>
<input class="pin" type="text" aria-label="Verification code" aria-describedby="how" readonly autofocus value="${pin}">
<p>You can close this page afterwards.</p>`,
  );
}

/** A page with a headline and one sentence. */
export function noticePage(headline: string, sentence: string): string {
  return page(headline, noticeBody(headline, sentence));
}
