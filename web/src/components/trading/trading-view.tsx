import type { App } from "../../app.ts";
import type { TimeFormat } from "../../time-format.ts";
import type { Trading } from "../../trading.ts";
import { ProblemNote } from "../problem-note.tsx";
import { ViewHeading } from "../view-heading.tsx";
import { AccountCard } from "./account-card.tsx";
import { BotCard } from "./bot-card.tsx";
import { ControlCard } from "./control-card.tsx";
import { Orders } from "./orders.tsx";
import { Positions } from "./positions.tsx";
import { Trades } from "./trades.tsx";

interface TradingViewProps {
  readonly app: App;
  readonly trading: Trading;
  readonly time: TimeFormat;
  readonly takesFocus: boolean;
}

/** Bots, accounts, positions, closed trades and orders at a glance; what moves least comes first. */
export function TradingView({ app, trading, time, takesFocus }: TradingViewProps) {
  const report = trading.state.report.value;
  const nowMs = app.state.nowMs.value;
  if (report === undefined) {
    return (
      <section class="card control">
        <ViewHeading takesFocus={takesFocus}>Trading</ViewHeading>
        <p role="status">Looking…</p>
        <ProblemNote problem={trading.state.problem.value} />
      </section>
    );
  }
  const shared = { nowMs, time };
  return (
    <>
      <ControlCard trading={trading} report={report} takesFocus={takesFocus} {...shared} />
      <section class="connections" aria-labelledby="bots">
        <h2 id="bots" class="unseen">
          Bots
        </h2>
        {report.bots.length === 0 && <p class="card nothing">There are no bots in openbell.yaml.</p>}
        {report.bots.map((bot) => (
          <BotCard
            key={bot.id}
            trading={trading}
            bot={bot}
            account={report.accounts.find(({ id }) => id === bot.account)}
            {...shared}
          />
        ))}
      </section>
      <section class="connections" aria-labelledby="accounts">
        <h2 id="accounts" class="unseen">
          Accounts
        </h2>
        {report.accounts.map((account) => (
          <AccountCard
            key={account.id}
            account={account}
            equity={trading.state.equity.value.get(account.id)}
            {...shared}
          />
        ))}
      </section>
      <Positions positions={report.positions} accounts={report.accounts} {...shared} />
      <Trades trades={report.trades} accounts={report.accounts} {...shared} />
      <Orders orders={report.orders} {...shared} />
    </>
  );
}
