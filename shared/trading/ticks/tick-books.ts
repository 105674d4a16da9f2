/** Everything that an order of a tick is weighed against, read by id within the tick's own transaction. */
import type { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { type InstrumentRules, instrumentId, instruments } from "../../brokers/instrument-rules.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { Transaction } from "../../platform/store.ts";
import { acknowledgementId, isAcknowledged } from "../../tokens/acknowledger.ts";
import { policyOf } from "../../tokens/policy.ts";
import { acknowledgements, tokens } from "../../tokens/records.ts";
import { isLive, tokenState } from "../../tokens/token-state.ts";
import { type AccountRecord, accounts } from "../account-record.ts";
import { sum } from "../ledger/exact.ts";
import { marketSlippageOf } from "../ledger/performance.ts";
import { newAccountLedger, newBotLedger } from "../ledger/periods.ts";
import {
  type AccountLedger,
  accountLedgers,
  type BotLedger,
  botLedgerId,
  botLedgers,
} from "../ledger/records.ts";
import { type OrderRecord, orderId, orders, tradingStates } from "../records.ts";
import type { RiskFacts } from "../risk/check-order.ts";
import {
  type AccountRisk,
  accountRisks,
  type BotRisk,
  botRiskId,
  botRisks,
  emptyAccountRisk,
  emptyBotRisk,
} from "../risk/records.ts";
import type { TradedAccount } from "../traded-account.ts";
import { botScope, readTradingState, type TradingState } from "../trading-state.ts";

export interface TickBooks {
  readonly tradingState: TradingState;
  readonly record: AccountRecord | undefined;
  readonly ledger: AccountLedger;
  readonly botLedger: BotLedger;
  readonly risk: AccountRisk;
  readonly botRisk: BotRisk;
  /** Of every reservation, by client order id. */
  readonly reserved: ReadonlyMap<string, OrderRecord>;
  /** The ids of the tick's own orders that are there already. */
  readonly taken: ReadonlySet<string>;
  readonly rejectionsInRow: number;
  /** How much worse than quoted the bot's market orders of the last day were filled, in percent; live alone. */
  readonly slippagePercent: RiskFacts["slippagePercent"];
  readonly token: RiskFacts["token"];
  /** Of every instrument that the account has to do with. */
  readonly rules: ReadonlyMap<string, InstrumentRules>;
}

export interface BooksQuestion {
  readonly account: TradedAccount;
  readonly bot: BotConfig;
  /** Whose acknowledgement of a token counts. */
  readonly subscriber: string;
  /** What the tick wants to trade, and the ids that its orders would have. */
  readonly instruments: readonly string[];
  readonly clientOrderIds: readonly string[];
  readonly now: Temporal.Instant;
}

export async function readTickBooks(transaction: Transaction, question: BooksQuestion): Promise<TickBooks> {
  const { account, bot, now } = question;
  const tradingState = await readTradingState(transaction, account, bot.id);
  const record = await transaction.get(accounts, account.id);
  const ledger = (await transaction.get(accountLedgers, account.id)) ?? newAccountLedger(account.id, now);
  const botLedger =
    (await transaction.get(botLedgers, botLedgerId(account.id, bot.id))) ??
    newBotLedger(account.id, bot.id, now);
  const risk = (await transaction.get(accountRisks, account.id)) ?? emptyAccountRisk(account.id);
  const botRisk =
    (await transaction.get(botRisks, botRiskId(account.id, bot.id))) ?? emptyBotRisk(account.id, bot.id);
  const reserved = new Map<string, OrderRecord>();
  for (const { clientOrderId } of risk.reservations) {
    const order = await transaction.get(orders, orderId(account.id, clientOrderId));
    if (order !== undefined) reserved.set(clientOrderId, order);
  }
  const taken = new Set<string>();
  for (const id of question.clientOrderIds) {
    if ((await transaction.get(orders, orderId(account.id, id))) !== undefined) taken.add(id);
  }
  const { latest = [] } = botRisk;
  const rejectionsInRow = await readRejections(transaction, { account, bot, latest });
  const slippagePercent =
    account.mode === "live" ? await readSlippage(transaction, { account, latest, now }) : undefined;
  const token = await readToken(transaction, question);
  const named = [
    ...question.instruments,
    ...ledger.lots.map((lot) => lot.instrument),
    ...(record?.working ?? []).map((order) => order.instrument),
  ];
  const rules = new Map<string, InstrumentRules>();
  for (const instrument of new Set(named)) {
    const found = await transaction.get(instruments, instrumentId(account.connection.id, instrument));
    if (found !== undefined) rules.set(instrument, found);
  }
  return {
    ...{ tradingState, record, ledger, botLedger, risk, botRisk, reserved, taken, rejectionsInRow },
    ...{ token, rules, slippagePercent },
  };
}

/** What is older says nothing: nobody could measure anew while it forbids. */
const SLIPPAGE_OF = Temporal.Duration.from({ hours: 24 });

/** The mean of the bot's latest market orders; undefined where none of them was filled within a day. */
async function readSlippage(
  transaction: Pick<Transaction, "get">,
  { account, latest, now }: Pick<RowQuestion, "account" | "latest"> & { readonly now: Temporal.Instant },
): Promise<Decimal | undefined> {
  const since = now.subtract(SLIPPAGE_OF);
  const measured: Decimal[] = [];
  for (const clientOrderId of latest) {
    const order = await transaction.get(orders, orderId(account.id, clientOrderId));
    if (order === undefined || Temporal.Instant.compare(order.createdAt, since) < 0) continue;
    const slippage = marketSlippageOf(order);
    if (slippage !== undefined) measured.push(slippage);
  }
  return measured.length === 0 ? undefined : sum(measured).div(measured.length);
}

/** The broker's answer that ends a row of refusals. */
const TAKEN: readonly OrderRecord["state"][] = [
  "accepted",
  "partially-filled",
  "filled",
  "cancelled",
  "expired",
];

interface RowQuestion {
  readonly account: { readonly id: string };
  readonly bot: { readonly id: string };
  /** The bot's orders, the newest first. */
  readonly latest: readonly string[];
}

/**
 * How many of the bot's latest orders the broker has refused, one after the other, since somebody let it go on.
 * A refused close is none of them: the halt that they bring about would keep the bot in what it wants to leave.
 */
export async function readRejections(
  transaction: Pick<Transaction, "get">,
  { account, bot, latest }: RowQuestion,
): Promise<number> {
  const since = await transaction.get(tradingStates, botScope(bot.id));
  let rejections = 0;
  for (const clientOrderId of latest) {
    const order = await transaction.get(orders, orderId(account.id, clientOrderId));
    if (order === undefined) continue;
    const isBefore =
      since?.state === "active" && order.createdAt.epochMilliseconds < since.at.epochMilliseconds;
    if (isBefore || TAKEN.includes(order.state)) break;
    if (order.state === "rejected" && order.ticket.closes === undefined) rejections += 1;
  }
  return rejections;
}

/** As the worker looks at it before it sends: a live token that the worker has proved. */
async function readToken(
  transaction: Transaction,
  { account: { mode, connection }, subscriber, now }: BooksQuestion,
): Promise<RiskFacts["token"]> {
  if (mode === "paper") return "not-needed";
  const record = await transaction.get(tokens, connection.id);
  const acknowledgement = await transaction.get(
    acknowledgements,
    acknowledgementId(connection.id, subscriber),
  );
  if (record === undefined) return undefined;
  const state = tokenState({ record, authorization: undefined, policy: policyOf(connection) }, now);
  return {
    isAcknowledged: isLive(state) && isAcknowledged(record, acknowledgement),
    expiresAt: record.expiresAt,
  };
}
