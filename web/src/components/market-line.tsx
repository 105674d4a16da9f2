import type { ApiStatus } from "../../../shared/console/api.ts";
import type { TimeFormat } from "../time-format.ts";
import { Countdown } from "./countdown.tsx";

/** When the market opens or closes next, in New York's time and the owner's. */
export function MarketLine({ status, nowMs, time }: { status: ApiStatus; nowMs: number; time: TimeFormat }) {
  const { open, close, halfDay } = status.market.session;
  const isOpen = Date.parse(open) <= nowMs && nowMs < Date.parse(close);
  const isOver = nowMs >= Date.parse(close);
  const until = isOpen ? close : open;
  const verb = isOpen ? "Market closes in" : isOver ? "Market closed" : "Market opens in";
  return (
    <section class="card market" aria-label="Market">
      <p class="market-verb">{verb}</p>
      <Countdown until={isOver ? undefined : until} nowMs={nowMs} label={verb} />
      <p class="market-when">
        {time.both(until, nowMs)}
        {halfDay && " · half day"}
      </p>
    </section>
  );
}
