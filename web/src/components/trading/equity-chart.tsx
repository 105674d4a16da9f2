import type { ApiEquity } from "../../../../shared/console/trading-api.ts";
import { curveOf } from "../../curve.ts";
import { money } from "../../figures.ts";
import type { TimeFormat } from "../../time-format.ts";

const SIZE = { width: 300, height: 72 };

interface ChartProps {
  readonly equity: ApiEquity | undefined;
  readonly nowMs: number;
  readonly time: TimeFormat;
}

/** An account's equity of the last day as a line, with its highest and lowest in figures. */
export function EquityChart({ equity, nowMs, time }: ChartProps) {
  const curve = equity && curveOf(equity.points, SIZE);
  if (equity === undefined || curve === undefined) {
    return (
      <div class="curve curve-none">
        <p>
          {equity === undefined ? "Looking for the curve…" : "No curve yet: one point comes each minute."}
        </p>
      </div>
    );
  }
  const { currency } = equity;
  const at = (instant: string) => time.moment(instant, nowMs).replace(/:\d\d$/, "");
  const spoken = `Equity from ${money(curve.first.equity, currency)} at ${at(curve.first.at)} to ${money(curve.last.equity, currency)} at ${at(curve.last.at)}; lowest ${money(curve.lowest.equity)}, highest ${money(curve.highest.equity)}.`;
  return (
    <figure class="curve">
      <svg
        viewBox={`0 -2 ${SIZE.width} ${SIZE.height + 4}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={spoken}
      >
        <polyline points={curve.line} />
      </svg>
      <figcaption aria-hidden="true">
        <span>{at(curve.first.at)}</span>
        <span>
          low {money(curve.lowest.equity)} · high {money(curve.highest.equity)}
        </span>
        <span>{at(curve.last.at)}</span>
      </figcaption>
    </figure>
  );
}
