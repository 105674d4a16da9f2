import type { ApiTradingDay } from "../../../../shared/console/trading-api.ts";
import { direction, money, signed, UNKNOWN } from "../../figures.ts";

interface LossBarProps {
  readonly day: ApiTradingDay;
  readonly currency: string | undefined;
}

/** What today has brought, against what may be lost: figures, and a bar that fills as the loss nears its limit. */
export function LossBar({ day, currency }: LossBarProps) {
  const { net, lossLimit, lossLimitPercent, usedPercent } = day;
  const used = Math.min(100, usedPercent ?? 0);
  const tone = used >= 80 ? "trouble" : used >= 50 ? "pending" : "calm";
  const limit =
    lossLimitPercent === undefined
      ? "No limit of its own"
      : `Limit ${lossLimit === undefined ? `${lossLimitPercent} %` : `−${money(lossLimit)} (${lossLimitPercent} %)`}`;
  const share = usedPercent === undefined ? UNKNOWN : `${usedPercent.toFixed(0)} %`;
  return (
    <div class="loss">
      <p class="loss-figures">
        <span>Today</span>
        <strong class={`figure ${direction(net)}`}>{signed(net, currency)}</strong>
      </p>
      <div class={`loss-bar loss-${tone}`} role="img" aria-label={`Loss limit used: ${share}`}>
        <span style={{ width: `${used}%` }} />
      </div>
      <p class="loss-limit">
        <span>{limit}</span>
        {lossLimitPercent !== undefined && <span>used: {share}</span>}
      </p>
    </div>
  );
}
