/**
 * An owner who does by HTTP what a person does with a phone: reads the message, follows its link, logs in at
 * the broker and enters the PIN. Used by the demo, the benchmarks and the whole-system tests.
 */
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import {
  type ApiAuthorization,
  type ApiStatus,
  acceptedSchema,
  authorizationSchema,
  failureSchema,
  sessionSchema,
  statusSchema,
} from "../../../shared/console/api.ts";
import { logInAtBroker } from "./broker-login.ts";
import { navigate } from "./navigate.ts";

const messageSchema = z.object({
  id: z.int(),
  at: z.string(),
  text: z.string(),
  buttons: z.array(z.array(z.object({ text: z.string(), url: z.string().optional() }))),
});
export type PhoneMessage = z.output<typeof messageSchema>;

const PHONE_POLL_MS = 25;
/** The interface takes 100 requests a minute from one address. */
const STATUS_POLL_MS = 250;

export interface ScriptedOwner {
  messages(): Promise<readonly PhoneMessage[]>;
  /** Waits in real time for a message of which `isIt` is true. */
  waitForMessage(isIt: (message: PhoneMessage) => boolean, timeoutMs: number): Promise<PhoneMessage>;
  /** Opens the link of a message; the words that the page shows. */
  openLink(message: PhoneMessage): Promise<readonly [string, string]>;
  begin(connection: string): Promise<ApiAuthorization>;
  /** The PIN, as the broker's page shows it. */
  logIn(authorization: ApiAuthorization): Promise<string>;
  /** Sends the PIN; the generation that it brought. */
  enterPin(connection: string, authorization: string, pin: string): Promise<number>;
  /** Follows a broker's redirect as the browser does; where on the page it leads: what its address tells, by name. */
  comeBack(address: string): Promise<Readonly<Record<string, string>>>;
  status(): Promise<ApiStatus>;
  /** Waits in real time until the worker has acknowledged at least this generation. */
  waitForGreen(connection: string, generation: number, timeoutMs: number): Promise<ApiStatus>;
}

/** `sandboxUrl`: the address of the sandbox, e.g. `http://127.0.0.1:8080/sandbox`. */
export function createScriptedOwner(sandboxUrl: string): ScriptedOwner {
  const origin = new URL(sandboxUrl).origin;
  let cookie = "";

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: { origin, cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = answer.headers.getSetCookie().find((one) => one.startsWith("__session="));
    if (set !== undefined) cookie = set.split(";")[0] ?? "";
    const content = parseJson(await answer.text());
    if (!answer.ok) throw refusal(method, path, answer.status, content);
    return content;
  }

  const messages = async () => {
    const answer = await fetch(`${sandboxUrl}/phone/messages`);
    return z.array(messageSchema).parse(await answer.json());
  };
  const status = async () => statusSchema.parse(await call("GET", "/api/status"));

  return {
    messages,
    status,
    waitForMessage: (isIt, timeoutMs) =>
      until({ timeoutMs, everyMs: PHONE_POLL_MS, what: "a message on the phone" }, async () =>
        (await messages()).find(isIt),
      ),
    async openLink(message) {
      const url = message.buttons.flat().find((button) => button.url !== undefined)?.url;
      if (url === undefined) throw new Error("The message has no link.");
      const code = new URL(url).hash.replace(/^#c=/, "");
      return sessionSchema.parse(await call("POST", "/api/session", { code })).words;
    },
    begin: async (connection) =>
      authorizationSchema.parse(await call("POST", `/api/connections/${connection}/authorizations`, {})),
    logIn: (authorization) => logInAtBroker(authorization.authorizeUrl),
    async enterPin(connection, authorization, pin) {
      const path = `/api/connections/${connection}/authorizations/${authorization}/pin`;
      return acceptedSchema.parse(await call("POST", path, { pin })).generation;
    },
    async comeBack(address) {
      const { hash } = await navigate(address, cookie);
      return Object.fromEntries(new URLSearchParams(hash.slice(1)));
    },
    waitForGreen: (connection, generation, timeoutMs) =>
      until({ timeoutMs, everyMs: STATUS_POLL_MS, what: `${connection} to turn green` }, async () => {
        const report = await status();
        const found = report.connections.find((one) => one.id === connection);
        const isGreen = found?.acknowledged === true && found.token.generation >= generation;
        return isGreen ? report : undefined;
      }),
  };
}

/** What is no JSON, such as the bare words of a proxy, is undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the interface answered instead of what was asked for. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function refusal(method: string, path: string, status: number, content: unknown): Refused {
  const failure = failureSchema.safeParse(content);
  const code = failure.success ? failure.data.error.code : "unknown";
  const words = failure.success ? `${failure.data.error.message} ${failure.data.error.next}` : "";
  return new Refused(status, code, `${method} ${path} answered ${status} ${code}. ${words}`);
}

interface Patience {
  readonly timeoutMs: number;
  readonly everyMs: number;
  readonly what: string;
}

async function until<T>(patience: Patience, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + patience.timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) {
      throw new Error(`Waited ${patience.timeoutMs} ms in vain for ${patience.what}.`);
    }
    await wait(patience.everyMs);
  }
}
