import type { ApiAccount, ApiEquity } from "../../../../shared/console/trading-api.ts";
import { money, signed } from "../../figures.ts";
import type { TimeFormat } from "../../time-format.ts";
import { ToneIcon } from "../icons.tsx";
import { MoneyBadge } from "./badge.tsx";
import { EquityChart } from "./equity-chart.tsx";
import { LossBar } from "./loss-bar.tsx";

interface AccountCardProps {
  readonly account: ApiAccount;
  readonly equity: ApiEquity | undefined;
  readonly nowMs: number;
  readonly time: TimeFormat;
}

/** One account: its money and since when that is known, its day, and whether our books and the broker's agree. */
export function AccountCard({ account, equity, nowMs, time }: AccountCardProps) {
  const { id, label, badge, money: known, positions, workingOrders } = account;
  return (
    <article class="card account" aria-labelledby={`account-${id}`}>
      <header class="connection-head">
        <h3 id={`account-${id}`}>{badge === "paper" ? `Paper beside ${label}` : label}</h3>
        <MoneyBadge badge={badge} />
      </header>
      <div class="equity">
        <p class="equity-figure figure">{money(known?.equity, known?.currency)}</p>
        <p class="equity-note">{asOf(account, nowMs, time)}</p>
      </div>
      <EquityChart equity={equity} nowMs={nowMs} time={time} />
      <LossBar day={account.day} currency={known?.currency} />
      <dl class="facts">
        <Fact name="Balance" value={money(known?.balance)} />
        <Fact name="Open positions stand at" value={signed(known?.unrealised)} />
        <Fact name="Positions" value={ofLimit(positions)} />
        <Fact name="Working orders" value={ofLimit(workingOrders)} />
      </dl>
      <Books account={account} nowMs={nowMs} time={time} />
    </article>
  );
}

function asOf({ money: known }: ApiAccount, nowMs: number, time: TimeFormat): string {
  if (known === undefined) return "No worker has led this account yet.";
  const at = time.moment(known.at, nowMs);
  return known.isCurrent ? `Equity, as of ${at}` : `Last known at ${at}: its worker is silent`;
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function ofLimit({ count, limit }: ApiAccount["positions"]): string {
  return limit === undefined ? String(count) : `${count} of ${limit}`;
}

const BOOKS = {
  agree: { tone: "good", title: "Our books and the broker’s agree." },
  unknown: { tone: "neutral", title: "Not compared with the broker now: nothing opens." },
} as const;

function Books({ account, nowMs, time }: Pick<AccountCardProps, "account" | "nowMs" | "time">) {
  const { books, break: broken } = account;
  if (books !== "break" || broken === undefined) {
    const { tone, title } = BOOKS[books === "agree" ? "agree" : "unknown"];
    return (
      <p class="books">
        <ToneIcon tone={tone} />
        <span>{title}</span>
      </p>
    );
  }
  return (
    <details class="books text-trouble">
      <summary>
        <ToneIcon tone="trouble" />
        <strong class="disagreement">
          The books disagree since {time.moment(broken.since, nowMs)}: nothing opens.
        </strong>
      </summary>
      <p>{broken.text}</p>
    </details>
  );
}
