/** Calls over real HTTP, as any program can make them; nothing is added but what is asked for. */
import { failureSchema } from "../../shared/console/api.ts";

export interface CallOptions {
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type Caller = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

/** `headers` go with each call. */
export function createCaller(origin: string, headers: Readonly<Record<string, string>> = {}): Caller {
  return async function call(method, path, options = {}) {
    const { body } = options;
    const answer = await fetch(`${origin}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
}

/** The content of a good answer; throws what came instead. */
export function contentOf<T>(schema: { parse(value: unknown): T }, answer: Answer): T {
  if (answer.status >= 400) throw new Error(`${answer.status}: ${answer.text}`);
  return schema.parse(JSON.parse(answer.text));
}

/** The code of a failure in the one form that all failures have; throws where it has another. */
export function codeOf(answer: Answer): string {
  return failureSchema.parse(JSON.parse(answer.text)).error.code;
}

/** The `__session` cookie that an answer sets, as a request sends it back. */
export function cookieOf(answer: Answer): string {
  const set = answer.headers.getSetCookie().find((one) => one.startsWith("__session="));
  if (set === undefined) throw new Error(`No session came: ${answer.status} ${answer.text}`);
  return set.split(";")[0] ?? "";
}

/** The one-time code in a message's link. */
export function linkCodeOf(message: {
  buttons: readonly (readonly { url?: string | undefined }[])[];
}): string {
  const url = message.buttons.flat().find((button) => button.url !== undefined)?.url;
  if (url === undefined) throw new Error("The message has no link.");
  return new URL(url).hash.replace(/^#c=/, "");
}
