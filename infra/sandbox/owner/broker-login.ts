/** What an owner does at the broker's pages, over HTTP: log in, accept, read the PIN. */

/** Walks from the authorize address to the PIN. Throws when a page is not the one that should come. */
export async function logInAtBroker(authorizeUrl: string): Promise<string> {
  const login = await fetchPage(authorizeUrl);
  const agreement = await submit(authorizeUrl, login);
  const complete = await submit(authorizeUrl, agreement, { decision: "Accept" });
  const pin = /<input[^>]*type="text"[^>]*value="([A-Z0-9]+)"/.exec(complete)?.[1];
  if (pin === undefined) throw new Error("The broker showed no PIN.");
  return pin;
}

async function submit(base: string, page: string, chosen: Record<string, string> = {}): Promise<string> {
  const action = attribute(/<form[^>]*>/.exec(page)?.[0] ?? "", "action");
  if (action === undefined) throw new Error("The broker's page has no form.");
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, "name");
    if (name !== undefined && attribute(input, "type") !== "submit")
      fields.set(name, attribute(input, "value") ?? "");
  }
  for (const [name, value] of Object.entries(chosen)) fields.set(name, value);
  return fetchPage(new URL(action, base).toString(), { method: "POST", body: fields });
}

async function fetchPage(url: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(url, init);
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
