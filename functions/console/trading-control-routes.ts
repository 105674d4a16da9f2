/** What the page sends to stop trading, to close what is open, to switch to paper, and to let it go on. */
import {
  backLiveSchema,
  closeRequestSchema,
  closingSchema,
  killReceiptSchema,
  killRequestSchema,
  liveRequestSchema,
  onPaperSchema,
  paperRequestSchema,
  reduceRequestSchema,
  resumeRequestSchema,
  standingSchema,
} from "../../shared/console/control-api.ts";
import { type Result, succeed } from "../../shared/platform/result.ts";
import { ownerRoute, type Reply, type Route } from "./route.ts";

export const tradingControlRoutes: readonly Route[] = [
  ownerRoute({
    method: "POST",
    path: "/api/trading/kill",
    status: 202,
    body: killRequestSchema,
    answer: killReceiptSchema,
    handle: async ({ actor, body }, { services }) => reply(await services.kill({ ...body, actor })),
  }),

  ownerRoute({
    method: "GET",
    path: "/api/trading/kills/:id",
    status: 200,
    answer: killReceiptSchema,
    handle: async ({ param }, { services }) => reply(await services.killReceipt(param("id"))),
  }),

  ownerRoute({
    method: "POST",
    path: "/api/trading/reduce",
    status: 200,
    body: reduceRequestSchema,
    answer: standingSchema,
    handle: async ({ actor, body }, { services }) => reply(await services.reduce({ ...body, actor })),
  }),

  ownerRoute({
    method: "POST",
    path: "/api/trading/resume",
    status: 200,
    body: resumeRequestSchema,
    answer: standingSchema,
    handle: async ({ actor, body }, { services }) => reply(await services.resume({ ...body, actor })),
  }),

  ownerRoute({
    method: "POST",
    path: "/api/trading/paper",
    status: 200,
    body: paperRequestSchema,
    answer: onPaperSchema,
    handle: async ({ actor, body }, { services }) => reply(await services.paper({ ...body, actor })),
  }),

  ownerRoute({
    method: "POST",
    path: "/api/trading/live",
    status: 200,
    body: liveRequestSchema,
    answer: backLiveSchema,
    handle: async ({ actor, body }, { services }) => reply(await services.live({ ...body, actor })),
  }),

  ownerRoute({
    method: "POST",
    path: "/api/trading/close",
    status: 202,
    body: closeRequestSchema,
    answer: closingSchema,
    handle: async ({ actor, body }, { services }) => reply(await services.close({ ...body, actor })),
  }),
];

function reply<T>(result: Result<T>): Result<Reply<T>> {
  return result.ok ? succeed({ body: result.value }) : result;
}
