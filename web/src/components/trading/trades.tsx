import type { ApiAccount, ApiTrade, ApiTrading } from "../../../../shared/console/trading-api.ts";
import { direction, price, quantity, signed } from "../../figures.ts";
import type { TimeFormat } from "../../time-format.ts";
import { closedText } from "../../trading-words.ts";
import { MoneyBadge } from "./badge.tsx";

const AT_ONCE = 10;

interface TradesProps {
  readonly trades: ApiTrading["trades"];
  readonly accounts: readonly ApiAccount[];
  readonly nowMs: number;
  readonly time: TimeFormat;
}

/** What was closed today, the latest first: the prices, what it has brought, and by what it was closed. */
export function Trades({ trades: { closed, isCut }, ...shared }: TradesProps) {
  return (
    <section class="card mornings" aria-labelledby="trades">
      <h2 id="trades">Closed today</h2>
      {closed.length === 0 ? (
        <p class="nothing">Nothing was closed today, by New York’s date.</p>
      ) : (
        <TradeList closed={closed.slice(0, AT_ONCE)} {...shared} />
      )}
      {closed.length > AT_ONCE && (
        <details class="why">
          <summary>{closed.length - AT_ONCE} earlier today</summary>
          <TradeList closed={closed.slice(AT_ONCE)} {...shared} />
          {isCut && <p class="text-pending">There are more than are listed here.</p>}
        </details>
      )}
    </section>
  );
}

type ListProps = Omit<TradesProps, "trades"> & { readonly closed: readonly ApiTrade[] };

function TradeList({ closed, accounts, nowMs, time }: ListProps) {
  return (
    <ul class="rows plain">
      {closed.map((trade) => (
        <li class="row" key={trade.id}>
          <p class="row-main">
            <strong>
              {trade.side === "buy" ? "Long" : "Short"} {quantity(trade.quantity)} {trade.instrument}
            </strong>
            <span class={`figure ${direction(trade.net)}`}>{signed(trade.net, trade.currency)}</span>
          </p>
          <p class="row-more figure">
            <span>
              {price(trade.entryPrice)} → {price(trade.exitPrice)}
            </span>
            <span>{time.moment(trade.closedAt, nowMs)}</span>
          </p>
          <p class="row-more">
            <span>{closedText(trade)}</span>
            <BadgeOf account={accounts.find(({ id }) => id === trade.account)} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function BadgeOf({ account }: { readonly account: ApiAccount | undefined }) {
  return account === undefined ? null : <MoneyBadge badge={account.badge} />;
}
