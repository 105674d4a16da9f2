/** What can be exported: which records, by which of their times, and which of their fields become columns. */
import { auditEntries } from "../../../shared/audit/audit-log.ts";
import type { Collection } from "../../../shared/platform/store.ts";
import { equityPoints, trades } from "../../../shared/trading/ledger/records.ts";
import { fills, orders, positions } from "../../../shared/trading/records.ts";
import { ticks } from "../../../shared/trading/ticks/records.ts";

/** A record of whatever kind. */
export interface Fields {
  readonly [field: string]: unknown;
}

export interface ExportTable {
  readonly records: Collection<Fields>;
  /** The field that `--from` and `--to` speak of. */
  readonly time: string;
  /**
   * `id`: in the order of their ids, which is by account or bot and then by time: for what there are millions of.
   * `time`: all accounts together by time.
   */
  readonly order: "id" | "time";
  /** The field that names the account; missing where a record belongs to none. */
  readonly account?: string;
  /** Paths into the stored record, in the order of the columns. */
  readonly columns: readonly string[];
}

export const EXPORTS = ["orders", "fills", "positions", "trades", "equity", "audit", "ticks"] as const;
export type ExportName = (typeof EXPORTS)[number];

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const EXPORT_TABLES: Readonly<Record<ExportName, ExportTable>> = {
  orders: {
    records: orders as Collection<object> as Collection<Fields>,
    time: "createdAt",
    order: "time",
    account: "connection",
    columns:
      words(`connection clientOrderId source bot tick why state createdAt sentAt changedAt brokerOrderId
      positionId filledQuantity ticket.instrument ticket.side ticket.type ticket.quantity ticket.limitPrice
      ticket.stopPrice ticket.stopLoss.price ticket.stopLoss.distance ticket.takeProfit.price
      ticket.takeProfit.distance ticket.timeInForce ticket.expiresAt ticket.closes refusal.code refusal.text quotedPrice filledWorth`),
  },
  fills: {
    records: fills as Collection<object> as Collection<Fields>,
    time: "at",
    order: "time",
    account: "connection",
    columns:
      words(`connection brokerFillId brokerOrderId positionId clientOrderId instrument side quantity price
      commission at closed.grossProfit closed.swap closed.commission closed.balanceAfter`),
  },
  positions: {
    records: positions as Collection<object> as Collection<Fields>,
    time: "openedAt",
    order: "time",
    account: "connection",
    columns:
      words(`connection positionId instrument side quantity price stopLoss takeProfit openedAt commission
      swap clientOrderId`),
  },
  trades: {
    records: trades as Collection<object> as Collection<Fields>,
    time: "closedAt",
    order: "time",
    account: "account",
    columns:
      words(`account bot positionId instrument side quantity entryPrice exitPrice openedAt closedAt profit
      fees swap net brokerFillId clientOrderId`),
  },
  equity: {
    records: equityPoints as Collection<object> as Collection<Fields>,
    time: "at",
    order: "id",
    account: "account",
    columns: words("account at balance unrealised equity"),
  },
  audit: {
    records: auditEntries as Collection<object> as Collection<Fields>,
    time: "at",
    order: "id",
    columns: words("sequence at actor action subject outcome previous hash"),
  },
  ticks: {
    records: ticks as Collection<object> as Collection<Fields>,
    time: "instant",
    order: "id",
    columns: words("bot instant reason text orders instruments at tookMs"),
  },
};
