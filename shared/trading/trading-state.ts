import type { Mode } from "../config/account.ts";
import { toIso } from "../platform/instant.ts";
import type { Transaction } from "../platform/store.ts";
import { botModes } from "./bot-modes.ts";
import { PROTECTION } from "./protection/records.ts";
import { type OrderRecord, type TradingStateRecord, tradingStates } from "./records.ts";

export type TradingState = TradingStateRecord["state"];

/** What holds for an account and a bot. */
export interface TradingStanding {
  /** The strictest of the states that hold. */
  readonly state: TradingState;
  /** The marks of the halts among them, see {@link haltMark}. */
  readonly halts: readonly string[];
  /** The account is the broker's own, and the bot was switched to paper: it opens nothing here. */
  readonly isOnPaper?: true;
}

/** The scope that holds for every account. */
export const EVERYTHING = "all";

const STRICTEST_FIRST: readonly TradingState[] = ["halted", "reducing", "active"];

/** Whether a state lets less go than another one. */
export function isStricter(one: TradingState, other: TradingState): boolean {
  return STRICTEST_FIRST.indexOf(one) < STRICTEST_FIRST.indexOf(other);
}

/** The scope of one bot. */
export function botScope(bot: string): string {
  return `bot:${bot}`;
}

/**
 * Names one halt: a later halt of the same scope has another mark, and a kill has one mark in whatever scope it
 * still holds.
 */
export function haltMark(scope: string, { kill, at }: Pick<TradingStateRecord, "kill" | "at">): string {
  return kill === undefined ? `${scope}@${toIso(at)}` : `kill@${kill}`;
}

/** An account without a mode is taken for the broker's own. */
interface AskedAccount {
  readonly id: string;
  readonly mode?: Mode;
}

/** The strictest of the states that hold for an account and, where one is given, a bot; active where none was ever set. */
export async function readTradingState(
  reader: Pick<Transaction, "get">,
  account: AskedAccount,
  bot?: string,
): Promise<TradingState> {
  return (await readTradingStanding(reader, account, bot)).state;
}

/** {@link readTradingState} with the marks of the halts, and whether the bot was switched away from the account. */
export async function readTradingStanding(
  reader: Pick<Transaction, "get">,
  account: AskedAccount,
  bot?: string,
): Promise<TradingStanding> {
  const scopes = [EVERYTHING, account.id, ...(bot === undefined ? [] : [botScope(bot)])];
  const found: (TradingState | undefined)[] = [];
  const halts: string[] = [];
  for (const scope of scopes) {
    const record = await reader.get(tradingStates, scope);
    found.push(record?.state);
    if (record?.state === "halted") halts.push(haltMark(scope, record));
  }
  const state = STRICTEST_FIRST.find((one) => found.includes(one)) ?? "active";
  const isOnPaper =
    bot !== undefined && account.mode !== "paper" && (await reader.get(botModes, bot))?.mode === "paper";
  return { state, halts, ...(isOnPaper && { isOnPaper }) };
}

/** An order, as far as a trading state asks. */
export interface AskingOrder {
  readonly source?: OrderRecord["source"];
  readonly ticket: Pick<OrderRecord["ticket"], "closes"> & Partial<Pick<OrderRecord["ticket"], "type">>;
  readonly byOwner?: OrderRecord["byOwner"];
}

/** A stop that Openbell itself keeps at rest for what a bot holds: it waits for its price, and only closes. */
export function isKeptStop({ source, ticket }: Pick<AskingOrder, "source" | "ticket">): boolean {
  return source === PROTECTION && ticket.closes !== undefined && ticket.type === "stop";
}

/**
 * Why an order may not be sent in a trading state; undefined where it may. In a halt nothing goes but the stop of
 * what a bot holds, and what the owner closes knowing of that very halt: a halt that came later stops that too. Of a
 * bot that was switched to paper only what closes goes to the broker.
 */
export function refusalIn(
  { state, halts, isOnPaper }: TradingStanding,
  order: AskingOrder,
): "TRADING_HALTED" | "TRADING_REDUCING" | "BOT_ON_PAPER" | undefined {
  const { ticket, byOwner } = order;
  const isClose = ticket.closes !== undefined;
  if (state === "active") return isOnPaper === true && !isClose ? "BOT_ON_PAPER" : undefined;
  if (state === "reducing") return isClose ? undefined : "TRADING_REDUCING";
  if (isKeptStop(order)) return undefined;
  const isKnown = halts.length > 0 && halts.every((mark) => byOwner?.despite.includes(mark));
  return isClose && isKnown ? undefined : "TRADING_HALTED";
}
