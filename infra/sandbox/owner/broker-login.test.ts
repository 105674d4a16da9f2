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
let pages: Record<string, { readonly status?: number; readonly html: string }>;
let posts: { readonly path: string; readonly fields: Readonly<Record<string, string>> }[];
let server: Server;
let address: string;

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
    if (request.method === "POST")
      posts.push({ path, fields: Object.fromEntries(new URLSearchParams(body)) });
    const page = pages[path] ?? { status: 404, html: noticePage("Nothing", "Nothing here.") };
    response.writeHead(page.status ?? 200, { "content-type": "text/html" }).end(page.html);
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
