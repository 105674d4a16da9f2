import type { ApiAccount, ApiPosition } from "../../../../shared/console/trading-api.ts";
import { direction, price, quantity, signed } from "../../figures.ts";
import type { TimeFormat } from "../../time-format.ts";
import { MoneyBadge } from "./badge.tsx";

interface PositionsProps {
  readonly positions: readonly ApiPosition[];
  readonly accounts: readonly ApiAccount[];
  readonly nowMs: number;
  readonly time: TimeFormat;
}

/** What is open now, at which price, what it stands at, and where its stop is. */
export function Positions({ positions, accounts, nowMs, time }: PositionsProps) {
  return (
    <section class="card mornings" aria-labelledby="positions">
      <h2 id="positions">Open positions</h2>
      {positions.length === 0 ? (
        <p class="nothing">Nothing is open.</p>
      ) : (
        <ul class="rows plain">
          {positions.map((one) => (
            <Position
              key={`${one.account} ${one.positionId} ${one.bot}`}
              position={one}
              account={accounts.find(({ id }) => id === one.account)}
              nowMs={nowMs}
              time={time}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface PositionProps extends Pick<PositionsProps, "nowMs" | "time"> {
  readonly position: ApiPosition;
  readonly account: ApiAccount | undefined;
}

function Position({ position, account, nowMs, time }: PositionProps) {
  const { instrument, side, bot, mark, unrealised, openedAt, isAtBroker } = position;
  return (
    <li class="row">
      <p class="row-main">
        <strong>
          {side === "buy" ? "Long" : "Short"} {quantity(position.quantity)} {instrument}
        </strong>
        <span class={`figure ${direction(unrealised)}`}>{signed(unrealised, account?.money?.currency)}</span>
      </p>
      <p class="row-more figure">
        {price(position.price)} →{" "}
        {mark === undefined ? "no price" : `${price(mark.price)} at ${time.moment(mark.at, nowMs)}`}
      </p>
      <p class="row-more figure">{stopText(position)}</p>
      <p class="row-more">
        <span>
          {bot ?? "Not opened by a bot"} · since {time.moment(openedAt, nowMs)}
        </span>
        {account && <MoneyBadge badge={account.badge} />}
      </p>
      {position.isBotFormer && <p class="text-trouble">{goneText(position)}</p>}
      {!isAtBroker && <p class="text-trouble">The broker does not name this position.</p>}
    </li>
  );
}

function goneText({ bot, isBotSwitched }: ApiPosition): string {
  const what = isBotSwitched === true ? "trades on paper now" : "is no longer configured";
  return `${bot} ${what}: nobody decides when to close this.`;
}

function stopText({ stop, takeProfit }: ApiPosition): string {
  const target = takeProfit === undefined ? "" : ` · target ${price(takeProfit)}`;
  if (stop === undefined) return `No stop known${target}`;
  return `Stop ${price(stop.price)}${stop.where === "broker" ? "" : " (wanted)"}${target}`;
}
