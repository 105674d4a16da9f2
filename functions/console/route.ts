import type { z } from "zod";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import type { ConsoleLimits } from "../../shared/sessions/console-limits.ts";
import type { Limiter } from "../../shared/sessions/rate-limit.ts";
import type { Session } from "../../shared/sessions/sessions.ts";
import { answerFailure, answerJson } from "./answers.ts";
import type { ConsoleContext, ConsoleDeps } from "./context.ts";
import { readBody } from "./read-body.ts";
import type { PageActor } from "./services.ts";
import { readSessionCookie } from "./session-cookie.ts";

/** What a call gives back when it succeeds. */
export interface Reply<T> {
  readonly body: T;
  /** In place of the route's own. */
  readonly status?: number;
  readonly setCookie?: string;
}

/** A call of anyone. */
export interface OpenCall<B> {
  readonly body: B;
  /** The caller's address, as limits count it. */
  readonly address: string;
}

/** A call of the signed-in owner. */
export interface OwnerCall<B> extends OpenCall<B> {
  readonly session: Session;
  readonly actor: PageActor;
  /** A part of the path by its name. */
  param(name: string): string;
  /** What follows the path under a name, if it is there. */
  query(name: string): string | undefined;
}

interface RouteForm<B, T> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly status: 200 | 201 | 202 | 204;
  /** Absent where no body is read. */
  readonly body?: z.ZodType<B>;
  /** Absent where nothing is answered but the status. */
  readonly answer?: z.ZodType<T>;
  /** A limit of its own, besides the general one. */
  limiter?(limits: ConsoleLimits): Limiter;
}

interface OpenRoute<B, T> extends RouteForm<B, T> {
  handle(call: OpenCall<B>, deps: ConsoleDeps): Promise<Result<Reply<T>>>;
}

interface OwnerRoute<B, T> extends RouteForm<B, T> {
  handle(call: OwnerCall<B>, deps: ConsoleDeps): Promise<Result<Reply<T>>>;
}

/** A route ready to be mounted. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  run(context: ConsoleContext, deps: ConsoleDeps): Promise<Response>;
}

/** A route for anyone: its limit, its body, its work. */
export function openRoute<B, T>(route: OpenRoute<B, T>): Route {
  return {
    method: route.method,
    path: route.path,
    async run(context, deps) {
      const ready = await prepare(route, context, deps);
      if (!ready.ok) return answerFailure(context, ready);
      const done = await route.handle({ body: ready.value, address: context.get("address") }, deps);
      return done.ok ? answer(route, done.value) : answerFailure(context, done);
    },
  };
}

/** A route for the owner: a session comes before anything else is looked at. */
export function ownerRoute<B, T>(route: OwnerRoute<B, T>): Route {
  return {
    method: route.method,
    path: route.path,
    async run(context, deps) {
      const session = await ownerSession(context, deps);
      if (!session.ok) return answerFailure(context, session);
      const ready = await prepare(route, context, deps);
      if (!ready.ok) return answerFailure(context, ready);
      const call: OwnerCall<B> = {
        body: ready.value,
        address: context.get("address"),
        session: session.value,
        actor: { kind: "page", session: session.value.id },
        param: (name) => context.req.param(name) ?? "",
        query: (name) => context.req.query(name),
      };
      const done = await route.handle(call, deps);
      return done.ok ? answer(route, done.value) : answerFailure(context, done);
    },
  };
}

/** Spends one of a limiter's hits, or fails with `RATE_LIMITED` and the seconds to wait. */
export async function spend(limiter: Limiter, key: string): Promise<Result<void, "RATE_LIMITED">> {
  const verdict = await limiter.take(key);
  if (verdict.isAllowed) return succeed(undefined);
  return fail("RATE_LIMITED", { retryAfterSeconds: verdict.retryAfterSeconds });
}

/** The owner's session behind a call, if there is one. */
export async function ownerSession(
  context: ConsoleContext,
  deps: ConsoleDeps,
): Promise<Result<Session, "SESSION_REQUIRED">> {
  const session = await deps.sessions.verify(readSessionCookie(context));
  if (!session.ok) return session;
  return session.value.chatId === deps.options.ownerChatId ? session : fail("SESSION_REQUIRED");
}

/** The limit first, so that broken attempts count too; then the body. */
async function prepare<B, T>(
  route: RouteForm<B, T>,
  context: ConsoleContext,
  deps: ConsoleDeps,
): Promise<Result<B>> {
  const limiter = route.limiter?.(deps.limits);
  const spent = limiter ? await spend(limiter, context.get("address")) : succeed(undefined);
  if (!spent.ok) return spent;
  return route.body ? readBody(context.req.raw, route.body) : succeed(undefined as B);
}

function answer<B, T>(route: RouteForm<B, T>, reply: Reply<T>): Response {
  const status = reply.status ?? route.status;
  const response = route.answer
    ? answerJson(route.answer, reply.body, status)
    : new Response(null, { status });
  if (reply.setCookie !== undefined) response.headers.set("Set-Cookie", reply.setCookie);
  return response;
}
