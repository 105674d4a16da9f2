/** The page's own path, and the JSON interface one level above it. */
export const base = document.body.dataset.base;
export const root = base.replace(/\/[^/]*$/, "");

/** What went wrong, in words for a person. */
export class Problem extends Error {}

export function ask(address) {
  return call(address, { headers: { accept: "application/json" } });
}

export function order(address, body = {}) {
  return call(address, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function call(address, options) {
  const response = await fetch(address, options).catch(() => {
    throw new Problem("The sandbox does not answer. Is it still running?");
  });
  const body = await response.json().catch(() => undefined);
  if (response.ok) return body;
  throw new Problem(describe(body?.error) ?? `The sandbox answered ${response.status}.`);
}

function describe(error) {
  if (error === undefined) return undefined;
  const { reason, problem, switch: name } = error.detail;
  const details = [name, reason ?? problem].filter((one) => one !== undefined && one !== "").join(": ");
  return details === "" ? `${error.message} ${error.next}` : `${error.message} (${details})`;
}
