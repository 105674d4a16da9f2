/** A Perplexity on this machine: one HTTP port, one key, one way to ask, strict where the real one is. */
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "../../../shared/platform/clock.ts";
import type { Log } from "../../../shared/platform/log.ts";
import type { Timers } from "../../../shared/platform/timers.ts";
import { type HttpDoor, openHttpDoor, type Place } from "../http-door.ts";
import type { SwitchBoard } from "../sandbox-app.ts";
import { completionOf, contentOf, type Question, readQuestion } from "./completion.ts";
import { createPerplexitySwitches } from "./faults.ts";
import { opinionOf } from "./opinion.ts";

export interface PerplexitySimulator {
  /** Opens the port (0: any free one) and gives its root, without a slash at the end. Rejects when it is taken. */
  listen(place: Place): Promise<string>;
  readonly board: SwitchBoard;
  /** Cuts what waits for an answer. */
  close(): Promise<void>;
}

export interface PerplexityOptions {
  /** The one key that it has given out. */
  readonly key: string;
  /** Opinions are drawn from it. */
  readonly seed: string;
}

interface Reply {
  readonly status: number;
  readonly type: "application/json" | "text/html";
  readonly body: string;
}

const LARGEST_BODY_BYTES = 1_000_000;
const REMEMBERED = 50;

export function createPerplexitySimulator(
  deps: { readonly clock: Clock; readonly timers: Timers; readonly log: Log },
  options: PerplexityOptions,
): PerplexitySimulator {
  const switches = createPerplexitySwitches();
  const journal = createJournal(deps.clock);
  let door: HttpDoor | undefined;

  /** Undefined: no answer ever comes. */
  function answerTo(question: Question): Reply | undefined {
    if (switches.spend("timeout")) return undefined;
    if (switches.spend("rateLimit"))
      return problem(429, "Request rate limit exceeded, please try again later.");
    if (switches.spend("serverError")) return problem(500, "Internal server error");
    const { answers, mood } = switches.current();
    if (answers === "garbage") return { status: 200, type: "text/html", body: "<html>upstream busy</html>" };
    const now = deps.clock.now();
    const content = contentOf(opinionOf(options.seed, question.instrument, { mood, now }), answers);
    const facts = {
      id: createHash("sha256")
        .update(`${options.seed}:${journal.state().questions}`)
        .digest("hex")
        .slice(0, 32),
      createdAt: Math.floor(now.epochMilliseconds / 1_000),
    };
    return json(200, completionOf(question, content, facts));
  }

  async function replyTo(request: IncomingMessage): Promise<Reply | undefined> {
    const refused = refusal(request, options.key, switches.current().keyRefused);
    if (refused !== undefined) return refused;
    const text = await readBody(request);
    if (text === undefined) return problem(413, "Request body is too large");
    const read = readQuestion(parseJson(text));
    if (!read.ok) return problem(400, read.problem);
    const reply = answerTo(read.question);
    journal.note(read.question.instrument, reply?.status ?? "no answer");
    return reply;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await replyTo(request);
    // The connection stays open without an answer until one side ends it.
    if (reply === undefined) return;
    const send = () => response.writeHead(reply.status, { "content-type": reply.type }).end(reply.body);
    const { latencyMs } = switches.current();
    if (latencyMs === 0) send();
    else response.once("close", deps.timers.after(latencyMs, send));
  }

  return {
    async listen(place) {
      const server = createServer((request, response) => {
        serve(request, response).catch((error: unknown) => {
          deps.log.warn("perplexity-simulator-broken", { error });
          response.destroy();
        });
      });
      door = await openHttpDoor(server, place);
      return door.baseUrl;
    },
    board: {
      faults: () => switches.current(),
      switches: () => switches.view(),
      setFaults: (patch) => switches.patch(patch),
      state: journal.state,
    },
    close: async () => door?.close(),
  };
}

/** The latest questions and what became of them. */
function createJournal(clock: Clock) {
  const asked: { at: string; instrument: string; status: number | "no answer" }[] = [];
  let questions = 0;
  return {
    note(instrument: string, status: number | "no answer"): void {
      questions += 1;
      asked.push({ at: clock.now().toString(), instrument, status });
      if (asked.length > REMEMBERED) asked.shift();
    },
    state: () => ({ questions, latest: [...asked].reverse() }),
  };
}

function refusal(request: IncomingMessage, key: string, isWithdrawn: boolean): Reply | undefined {
  const path = URL.parse(request.url ?? "", "http://perplexity")?.pathname;
  if (path !== "/chat/completions") return problem(404, "Not Found");
  if (request.method !== "POST") return problem(405, "Method Not Allowed");
  const given = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (isWithdrawn || !isSame(given, key)) {
    const body = "<html><head><title>401 Authorization Required</title></head></html>";
    return { status: 401, type: "text/html", body };
  }
  const type = (request.headers["content-type"] ?? "").split(";")[0];
  return type === "application/json" ? undefined : problem(415, "Unsupported Media Type");
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function problem(status: number, message: string): Reply {
  return json(status, { error: { message, type: status === 400 ? "bad_request" : "error", code: status } });
}

function json(status: number, body: unknown): Reply {
  return { status, type: "application/json", body: JSON.stringify(body) };
}

/** Undefined: too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= LARGEST_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > LARGEST_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
