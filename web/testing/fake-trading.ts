import {
  backLiveSchema,
  closingSchema,
  killReceiptSchema,
  killRequestSchema,
  liveRequestSchema,
  onPaperSchema,
  paperRequestSchema,
  resumeRequestSchema,
  standingSchema,
} from "../../shared/console/control-api.ts";
import { equitySchema, tradingSchema, whySchema } from "../../shared/console/trading-api.ts";
import { aLiveTrading, anEquity, aStoppedTrading, aSwitchedTrading, aTrading, WHY } from "./a-trading.ts";
import type { Override, World } from "./fake-console.ts";

interface TradingCall {
  readonly world: World;
  readonly body: string;
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

type Answered = Exclude<Override, "drop">;

/** The part of the fake console that trades: what it takes and gives passes the real schemas. */
export function answerTrading(call: string, { world, body, query, nowMs }: TradingCall): Answered {
  const now = new Date(nowMs).toISOString();
  switch (call) {
    case "GET /api/trading":
      return { status: 200, body: tradingSchema.parse({ ...world.trading, now }) };
    case "GET /api/trading/equity":
      return { status: 200, body: equitySchema.parse(anEquity(query.get("account") ?? "")) };
    case "GET /api/trading/why":
      return { status: 200, body: whySchema.parse(WHY) };
    case "POST /api/trading/kill":
      killRequestSchema.parse(JSON.parse(body));
      world.trading = aStoppedTrading();
      return { status: 202, body: killReceiptSchema.parse(world.receipt) };
    case "POST /api/trading/reduce":
      world.trading = { ...world.trading, state: "reducing" };
      return { status: 200, body: standingSchema.parse(standing("reducing")) };
    case "POST /api/trading/resume":
      resumeRequestSchema.parse(JSON.parse(body));
      world.trading = aTrading();
      return { status: 200, body: standingSchema.parse(standing("active")) };
    case "POST /api/trading/paper": {
      paperRequestSchema.parse(JSON.parse(body));
      world.trading = aSwitchedTrading();
      const left = [{ bot: "gold", account: "ctrader-demo", positions: 1 }];
      const done = { scope: "all", switched: ["gold"], already: [], backSince: [], left };
      return { status: 200, body: onPaperSchema.parse(done) };
    }
    case "POST /api/trading/live":
      liveRequestSchema.parse(JSON.parse(body));
      world.trading = aLiveTrading();
      return { status: 200, body: backLiveSchema.parse({ scope: "bot:gold", bots: ["gold"] }) };
    case "POST /api/trading/close": {
      const accounts = [{ account: "paper-ctrader-demo", orders: 2, left: 1 }];
      return { status: 202, body: closingSchema.parse({ scope: "all", accounts }) };
    }
    default:
      return { status: 200, body: killReceiptSchema.parse(world.receipt) };
  }
}

function standing(state: "active" | "reducing") {
  return { scope: "all", state, isChanged: true };
}
