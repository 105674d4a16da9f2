import { escapeMarkup } from "./markup.ts";

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

/** Style of all pages: system fonts, one column, 44-pixel targets, light and dark, from 320 pixels on. */
export const STYLE = `:root{color-scheme:light dark;--ink:#1c1c1e;--paper:#fff;--soft:#f1f1f4;--line:#8a8a93;--go:#185c37;--warn:#8a1c1c;--ring:#5b3fa0}
@media (prefers-color-scheme:dark){:root{--ink:#f2f2f5;--paper:#16161a;--soft:#24242a;--line:#8a8a93;--go:#257a4c;--warn:#ff9a9a;--ring:#b9a3ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
header{padding:.75rem 1rem;background:repeating-linear-gradient(135deg,#5b3fa0 0 1rem,#4b3388 1rem 2rem);color:#fff;font-weight:600}
main{max-width:26rem;margin:0 auto;padding:1rem}
h1{font-size:1.375rem;line-height:1.25;margin:.5rem 0 1rem}
label{display:block;margin:0 0 1rem}
input{display:block;width:100%;min-height:2.75rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.5rem;background:var(--paper);color:var(--ink);font:inherit}
input[type=submit]{margin-top:.75rem;background:var(--go);border-color:transparent;color:#fff;font-weight:600;cursor:pointer}
input[value=Decline]{background:var(--soft);color:var(--ink);border-color:var(--line)}
input.pin{font:600 2rem/1.5 ui-monospace,monospace;letter-spacing:.25em;text-align:center;user-select:all}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
.note{padding:.75rem;border-radius:.5rem;background:var(--soft)}
.warn{color:var(--warn);font-weight:600}`;

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${title} · Simulated broker</title><link rel="stylesheet" href="${STYLE_PATH}"></head>
<body><header>Simulated broker · nothing here is real</header><main>${body}</main></body></html>`;
}

function hidden(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeMarkup(value)}">`)
    .join("");
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
<form method="post" action="${LOGIN_PATH}">${hidden({ ...request })}
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
<form method="post" action="${DECISION_PATH}">${hidden({ ...request, username, ticket })}
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
  return page(headline, `<h1>${escapeMarkup(headline)}</h1><p>${escapeMarkup(sentence)}</p>`);
}
