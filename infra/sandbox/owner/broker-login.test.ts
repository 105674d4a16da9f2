import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { closeServer } from "../../local/services.ts";
import { listenAnywhere } from "../../local/testing/raw-http.ts";
import {
  agreementPage,
  completePage,
  DECISION_PATH,
  LOGIN_PATH,
  loginPage,
  noticePage,
} from "../etrade/pages.ts";
import { logInAtBroker } from "./broker-login.ts";

const REQUEST = { key: `k"&'<>`, token: "t+/=&amp;" };
const USER = { username: `o'hara & "sons"`, password: "p<>&quot;" };

/** Page by path; each POST is kept as its fields. */
let pages: Record<string, { readonly status?: number; readonly location?: string; readonly html: string }>;
let posts: { readonly path: string; readonly fields: Readonly<Record<string, string>> }[];
let server: Server;
let address: string;

/** Values of one name together. */
function fieldsOf(form: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries([...form.keys()].map((name) => [name, form.getAll(name).join(",")]));
}

beforeEach(async () => {
  posts = [];
  pages = {
    "/authorize": { html: loginPage(REQUEST, USER) },
    [LOGIN_PATH]: { html: agreementPage(REQUEST, USER.username, "ticket") },
    [DECISION_PATH]: { html: completePage("AB12C") },
  };
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
    const path = (request.url ?? "").replace(/\?.*$/, "");
    if (request.method === "POST") posts.push({ path, fields: fieldsOf(new URLSearchParams(body)) });
    const page = pages[path] ?? { status: 404, html: noticePage("Nothing", "Nothing here.") };
    const target = page.location === undefined ? {} : { location: page.location };
    response.writeHead(page.status ?? 200, { "content-type": "text/html", ...target }).end(page.html);
  });
  address = `http://127.0.0.1:${await listenAnywhere(server)}/authorize?key=k&token=t`;
});
afterEach(() => closeServer(server));

test("the owner logs in, accepts and reads the PIN, and every field goes back as it was meant", async () => {
  expect(await logInAtBroker(address)).toBe("AB12C");

  expect(posts).toEqual([
    { path: LOGIN_PATH, fields: { ...REQUEST, USER: USER.username, PASSWORD: USER.password } },
    {
      path: DECISION_PATH,
      fields: { ...REQUEST, username: USER.username, ticket: "ticket", decision: "Accept" },
    },
  ]);
});

test("a broker that sends the browser back ends the way with that address, which is not followed", async () => {
  const location = "https://openbell.example/callback?code=c";
  pages[DECISION_PATH] = { status: 302, location, html: "" };

  expect(await logInAtBroker(address)).toBe(location);
});

test("boxes that are ticked go back, each one, and of several buttons only the first", async () => {
  const box = (value: string) => `<input type="checkbox" name="account" value="${value}" checked>`;
  const buttons = `<input type="submit" name="decision" value="Allow"><input type="submit" name="decision" value="Deny">`;
  const html = `<form action="${DECISION_PATH}">${box("1")}${box("2")}${buttons}</form>`;
  pages[LOGIN_PATH] = { html };

  await logInAtBroker(address);

  expect(posts.at(-1)?.fields).toEqual({ account: "1,2", decision: "Allow" });
});

test("a page that the broker refuses ends the way with its status", async () => {
  pages[LOGIN_PATH] = { status: 503, html: noticePage("Closed", "Come again.") };

  await expect(logInAtBroker(address)).rejects.toThrow("The broker's page answered 503.");
  expect(posts).toHaveLength(1);
});

test("a page without a form ends the way", async () => {
  pages["/authorize"] = { html: noticePage("Over", "This login is over.") };

  await expect(logInAtBroker(address)).rejects.toThrow("no form");
  expect(posts).toEqual([]);
});

test("a last page without a PIN ends the way", async () => {
  pages[DECISION_PATH] = { html: noticePage("Declined", "Nothing was given.") };

  await expect(logInAtBroker(address)).rejects.toThrow("no PIN");
});
