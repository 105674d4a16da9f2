import { z } from "zod";
import { type ConnectionId, connectionIdSchema } from "../../shared/config/connection.ts";
import {
  acceptedSchema,
  authorizationSchema,
  balanceSchema,
  callbackSchema,
  forceSchema,
  healthSchema,
  keepAliveListSchema,
  pingSchema,
  pinSchema,
  statusSchema,
} from "../../shared/console/api.ts";
import { toIso } from "../../shared/platform/instant.ts";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { isDocumentId } from "../../shared/platform/store.ts";
import { note } from "./note.ts";
import { openRoute, ownerRoute, type Reply, type Route } from "./route.ts";

const nothing = z.strictObject({});

/** The overview, and whether the system is well. */
const overviewRoutes: readonly Route[] = [
  ownerRoute({
    method: "GET",
    path: "/api/status",
    status: 200,
    answer: statusSchema,
    async handle({ session }, deps) {
      const facts = await deps.services.status();
      const [first, second] = session.words;
      const { build } = deps.options;
      const sessionExpiresAt = toIso(session.expiresAt);
      return succeed({ body: { ...facts, build, words: [first, second], sessionExpiresAt } });
    },
  }),

  openRoute({
    method: "GET",
    path: "/api/health",
    status: 200,
    answer: healthSchema,
    async handle(_call, deps) {
      const facts = await deps.services.health();
      const status = facts.status === "ok" ? 200 : 503;
      return succeed({ body: { ...facts, build: deps.options.build }, status });
    },
  }),
];

/** A broker login: begun here, finished by a PIN or by the broker's callback. */
const loginRoutes: readonly Route[] = [
  ownerRoute({
    method: "POST",
    path: "/api/connections/:connection/authorizations",
    status: 201,
    body: nothing,
    answer: authorizationSchema,
    async handle({ actor, param }, { services }) {
      const connection = connectionOf(param("connection"));
      return connection.ok
        ? reply(await services.begin({ connection: connection.value, actor }))
        : connection;
    },
  }),

  ownerRoute({
    method: "POST",
    path: "/api/connections/:connection/authorizations/:authorization/pin",
    status: 202,
    limiter: (limits) => limits.pins,
    body: pinSchema,
    answer: acceptedSchema,
    async handle({ actor, body, param }, { services }) {
      const connection = connectionOf(param("connection"));
      if (!connection.ok) return connection;
      const authorization = param("authorization");
      if (!isDocumentId(authorization)) return fail("AUTHORIZATION_UNKNOWN");
      const pin = body.pin.trim();
      if (pin === "") return fail("PIN_MALFORMED");
      const entry = { connection: connection.value, authorization, pin: Secret.of(pin), actor };
      return reply(await services.complete(entry));
    },
  }),

  ownerRoute({
    method: "POST",
    path: "/api/oauth/etrade/callback",
    status: 202,
    limiter: (limits) => limits.pins,
    body: callbackSchema,
    answer: acceptedSchema,
    async handle({ actor, body }, { services }) {
      const verifier = Secret.of(body.verifier);
      return reply(await services.completeByCallback({ requestToken: body.requestToken, verifier, actor }));
    },
  }),
];

/** Live calls to the broker, and keeping tokens alive. */
const brokerRoutes: readonly Route[] = [
  ownerRoute({
    method: "GET",
    path: "/api/connections/:connection/ping",
    status: 200,
    answer: pingSchema,
    async handle({ param }, { services }) {
      const connection = connectionOf(param("connection"));
      return connection.ok ? reply(await services.ping(connection.value)) : connection;
    },
  }),

  ownerRoute({
    method: "GET",
    path: "/api/connections/:connection/balance",
    status: 200,
    answer: balanceSchema,
    async handle({ param }, { services }) {
      const connection = connectionOf(param("connection"));
      return connection.ok ? reply(await services.balance(connection.value)) : connection;
    },
  }),

  ownerRoute({
    method: "GET",
    path: "/api/keep-alive",
    status: 200,
    answer: keepAliveListSchema,
    handle: async (_call, { services }) => succeed({ body: await services.keepAlive() }),
  }),

  ownerRoute({
    method: "POST",
    path: "/api/keep-alive",
    status: 200,
    body: forceSchema,
    answer: keepAliveListSchema,
    async handle({ actor, body }, deps) {
      const chosen = body.connection === undefined ? succeed(undefined) : connectionOf(body.connection);
      if (!chosen.ok) return chosen;
      const only = chosen.value === undefined ? {} : { connection: chosen.value };
      const forced = await deps.services.forceKeepAlive({ ...only, actor });
      await note(deps, {
        actor: `page:${actor.session}`,
        action: "keep-alive-forced",
        subject: chosen.value ?? "all",
        outcome: forced.ok ? "ok" : forced.code,
      });
      return reply(forced);
    },
  }),
];

/** Everything but signing in and out. All need the owner's session, except health. */
export const ownerRoutes: readonly Route[] = [...overviewRoutes, ...loginRoutes, ...brokerRoutes];

function connectionOf(text: string): Result<ConnectionId, "CONNECTION_UNKNOWN"> {
  const parsed = connectionIdSchema.safeParse(text);
  return parsed.success ? succeed(parsed.data) : fail("CONNECTION_UNKNOWN");
}

function reply<T>(result: Result<T>): Result<Reply<T>> {
  return result.ok ? succeed({ body: result.value }) : result;
}
