import { get } from "node:http";

/**
 * Goes to an address as a browser does whose page was sent there; gives back where that leads, or throws the status
 * of what leads nowhere. The machine's `fetch` would say of itself that it is a script.
 */
export function navigate(address: string, cookie: string): Promise<URL> {
  const headers = { cookie, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  return new Promise((resolve, reject) => {
    const request = get(address, { headers }, (answer) => {
      answer.resume();
      const { location } = answer.headers;
      if (location === undefined) reject(new Error(`The way back ended with ${answer.statusCode}.`));
      else resolve(new URL(location, address));
    });
    request.on("error", reject);
  });
}
