import type { HttpFunction } from "@google-cloud/functions-framework";
import type { Log } from "../../shared/platform/log.ts";
import type { RunBotTick } from "../../shared/trading/ticks/bot-tick.ts";
import { botTick } from "../../shared/trading/ticks/records.ts";
import { faultFields } from "../http/fault.ts";
import { readPush } from "./read-push.ts";

/**
 * Pub/Sub → one tick of one bot. What no tick can be is taken and logged: it would be the same the next time.
 * What fails for the moment is answered with 5xx, and Pub/Sub brings it again.
 */
export function createBotTickHandler(deps: { readonly log: Log; readonly run: RunBotTick }): HttpFunction {
  return async function runTick(request, response) {
    response.set("cache-control", "no-store");
    if (request.method !== "POST") {
      response
        .status(405)
        .set("allow", "POST")
        .json({ error: { code: "METHOD_NOT_ALLOWED" } });
      return;
    }
    const pushed = readPush(botTick, request.body);
    if (!pushed.ok) {
      deps.log.error("message-misfit", { topic: botTick.name, fault: pushed.fault });
      response.status(204).end();
      return;
    }
    const { message, id } = pushed;
    const facts = { bot: message.bot, instant: String(message.instant), delivery: id };
    try {
      const run = await deps.run(message);
      if (run.kind === "unknown-bot") deps.log.warn("tick-of-no-bot", facts);
      if (run.kind === "ran")
        deps.log.info("tick", { ...facts, reason: run.record.reason, tookMs: run.record.tookMs });
      response.status(run.kind === "too-early" ? 503 : 204).end();
    } catch (error) {
      deps.log.error("tick-failed", { ...facts, ...faultFields(error) });
      response.status(500).json({ error: { code: "INTERNAL" } });
    }
  };
}
