/** Logs in at a simulated broker's pages, agrees, and says where it sends the browser, without going there. */
export async function callbackOf(authorizeUrl: string): Promise<URL> {
  let answer = await fetch(authorizeUrl, { redirect: "manual" });
  for (let page = 0; page < 3; page += 1) {
    const location = answer.headers.get("location");
    if (location !== null) return new URL(location, authorizeUrl);
    const { action, fields } = formOf(await answer.text());
    answer = await fetch(new URL(action, authorizeUrl), { method: "POST", body: fields, redirect: "manual" });
  }
  throw new Error("The broker sent the browser nowhere.");
}

function formOf(page: string): { readonly action: string; readonly fields: URLSearchParams } {
  const plain = (text: string) =>
    text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
  const attribute = (tag: string, name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, "name");
    if (name === undefined) continue;
    // The first button is the one that agrees.
    const isLaterButton = attribute(input, "type") === "submit" && fields.has(name);
    if (!isLaterButton) fields.append(name, plain(attribute(input, "value") ?? ""));
  }
  return { action: plain(attribute(page, "action") ?? ""), fields };
}
