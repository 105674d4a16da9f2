/** What an owner does at a broker's pages, over HTTP: log in, allow, and read the PIN or be sent back. */

/**
 * Walks from the authorize address to what the login ends with: the PIN of a page, or the address that the
 * browser is sent to. Throws when a page is not the one that should come.
 */
export async function logInAtBroker(authorizeUrl: string): Promise<string> {
  const login = await fetchPage(authorizeUrl);
  const agreement = await fetchPage(...submission(authorizeUrl, login));
  const answer = await fetch(...submission(authorizeUrl, agreement));
  const target = answer.headers.get("location");
  if (answer.status === 302 && target !== null) return target;
  const complete = await textOf(answer);
  const pin = /<input[^>]*type="text"[^>]*value="([A-Z0-9]+)"/.exec(complete)?.[1];
  if (pin === undefined) throw new Error("The broker showed no PIN.");
  return pin;
}

/** A page's form as it was filled in, sent by its first button. */
function submission(base: string, page: string): [url: string, init: RequestInit] {
  const action = attribute(/<form[^>]*>/.exec(page)?.[0] ?? "", "action");
  if (action === undefined) throw new Error("The broker's page has no form.");
  const fields = new URLSearchParams();
  let hasButton = false;
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, "name");
    const isButton = attribute(input, "type") === "submit";
    if (name !== undefined && !(isButton && hasButton)) fields.append(name, attribute(input, "value") ?? "");
    hasButton ||= isButton;
  }
  return [new URL(action, base).toString(), { method: "POST", body: fields, redirect: "manual" }];
}

async function fetchPage(url: string, init: RequestInit = {}): Promise<string> {
  return textOf(await fetch(url, init));
}

async function textOf(answer: Response): Promise<string> {
  const page = await answer.text();
  if (!answer.ok) throw new Error(`The broker's page answered ${answer.status}.`);
  return page;
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value
    ?.replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
