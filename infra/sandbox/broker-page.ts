/** The look of the simulated brokers' pages: plain forms that work without a script. */
import { escapeMarkup } from "./markup.ts";

/** Style of all pages: system fonts, one column, 44-pixel targets, light and dark, from 320 pixels on. */
export const BROKER_STYLE = `:root{color-scheme:light dark;--ink:#1c1c1e;--paper:#fff;--soft:#f1f1f4;--line:#8a8a93;--go:#185c37;--warn:#8a1c1c;--ring:#5b3fa0}
@media (prefers-color-scheme:dark){:root{--ink:#f2f2f5;--paper:#16161a;--soft:#24242a;--line:#8a8a93;--go:#257a4c;--warn:#ff9a9a;--ring:#b9a3ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
header{padding:.75rem 1rem;background:repeating-linear-gradient(135deg,#5b3fa0 0 1rem,#4b3388 1rem 2rem);color:#fff;font-weight:600}
main{max-width:26rem;margin:0 auto;padding:1rem}
h1{font-size:1.375rem;line-height:1.25;margin:.5rem 0 1rem}
label{display:block;margin:0 0 1rem}
input{display:block;width:100%;min-height:2.75rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.5rem;background:var(--paper);color:var(--ink);font:inherit}
input[type=checkbox]{display:inline-block;width:1.25rem;min-height:1.25rem;margin:0 .75rem 0 0;flex:none}
label.choice{display:flex;align-items:center;min-height:2.75rem;margin:0}
fieldset{margin:0 0 1rem;padding:.25rem .75rem;border:1px solid var(--line);border-radius:.5rem}
input[type=submit]{margin-top:.75rem;background:var(--go);border-color:transparent;color:#fff;font-weight:600;cursor:pointer}
input[value=Decline],input[value=Deny]{background:var(--soft);color:var(--ink);border-color:var(--line)}
input.pin{font:600 2rem/1.5 ui-monospace,monospace;letter-spacing:.25em;text-align:center;user-select:all}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
.note{padding:.75rem;border-radius:.5rem;background:var(--soft)}
.warn{color:var(--warn);font-weight:600}`;

/** A page; `style` is where it finds {@link BROKER_STYLE}. `title` is plain text, `body` is markup. */
export function brokerPage(title: string, body: string, style: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${escapeMarkup(title)} · Simulated broker</title><link rel="stylesheet" href="${style}"></head>
<body><header>Simulated broker · nothing here is real</header><main>${body}</main></body></html>`;
}

/** Fields that a form carries along unseen. */
export function hiddenFields(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeMarkup(value)}">`)
    .join("");
}

/** A headline and one sentence, as the body of a page. */
export function noticeBody(headline: string, sentence: string): string {
  return `<h1>${escapeMarkup(headline)}</h1><p>${escapeMarkup(sentence)}</p>`;
}
