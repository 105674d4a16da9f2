/** Faults between the parts of a configuration that are each right by themselves. Pure. */
import { type AccountConfig, accountId } from "./account.ts";
import type { BotConfig } from "./bot.ts";
import type { Connection } from "./connection.ts";

export interface JoinFault {
  readonly path: readonly (string | number)[];
  /** What is wrong and what to write instead. */
  readonly message: string;
}

export interface Joined {
  readonly connections: readonly Connection[];
  readonly accounts: readonly AccountConfig[];
  readonly bots: readonly BotConfig[];
}

/** Environments in which orders move real money. */
const REAL_MONEY: readonly string[] = ["production", "live"];

/** Every fault, each with its place in the file. */
export function joinFaults(config: Joined): readonly JoinFault[] {
  return [
    ...config.connections.flatMap((connection, index) => connectionFaults(config, connection, index)),
    ...config.accounts.flatMap((account, index) => accountFaults(config, account, index)),
    ...config.bots.flatMap((bot, index) => botFaults(config, bot, index)),
  ];
}

/** What means everything, where a person names what is to be stopped. */
const EVERYTHING = "all";

/** Two accounts of one name would have one ledger, and a name that means everything could not be stopped alone. */
function connectionFaults({ connections }: Joined, { id }: Connection, index: number): JoinFault[] {
  const fault = (message: string) => [{ path: ["connections", index, "id"], message }];
  if (id === EVERYTHING) return fault("`all` means everything where trading is stopped; write another name");
  const beside = connections.find((one) => accountId(one.id, "paper") === id);
  if (beside === undefined) return [];
  return fault(`is what the paper account of ${beside.id} is called; write another name`);
}

function accountFaults({ connections }: Joined, account: AccountConfig, index: number): JoinFault[] {
  const faults: JoinFault[] = [];
  if (!connections.some((one) => one.id === account.connection)) {
    faults.push({ path: ["accounts", index, "connection"], message: unknownConnection(connections) });
  }
  if (account.mode === "live" && account.paper !== undefined) {
    faults.push({ path: ["accounts", index, "paper"], message: "is only for `mode: paper`; leave it out" });
  }
  return faults;
}

function botFaults({ connections, accounts }: Joined, bot: BotConfig, index: number): JoinFault[] {
  const faults: JoinFault[] = [];
  const fault = (key: string, message: string) => faults.push({ path: ["bots", index, key], message });
  const connection = connections.find((one) => one.id === bot.connection);
  const isTaken = connections.some(({ id }) => bot.id === id || bot.id === accountId(id, "paper"));
  if (bot.id === EVERYTHING || isTaken) {
    fault("id", "names more than this bot where trading is stopped or goes on; write another name");
  }
  if (connection === undefined) fault("connection", unknownConnection(connections));
  const id = accountId(bot.connection, bot.mode);
  const notLive = bot.mode === "live" ? whyNotLive(connection) : undefined;
  // A mode that must be another one needs no account: to add it would be work for nothing.
  if (notLive !== undefined) fault("mode", notLive);
  else if (!accounts.some((one) => accountId(one.connection, one.mode) === id)) {
    fault(
      "mode",
      `has no account: add \`connection: ${bot.connection}\` with \`mode: ${bot.mode}\` and its limits to \`accounts\``,
    );
  }
  if (bot.mode === "live" && !bot.limits.stopRequired) {
    fault("limits", "must have `stopRequired: true` in live");
  }
  if (bot.afterMinutes !== undefined && bot.afterMinutes >= bot.everyMinutes)
    fault("afterMinutes", "must be fewer than `everyMinutes`");
  if (new Set(bot.instruments).size !== bot.instruments.length)
    fault("instruments", "has one instrument twice");
  return faults;
}

function whyNotLive(connection: Connection | undefined): string | undefined {
  if (connection === undefined) return undefined;
  const { broker, environment } = connection;
  if (REAL_MONEY.includes(environment)) {
    return "is not earned: no bot may trade real money yet; write `mode: paper`";
  }
  if (broker === "etrade" && environment === "sandbox") {
    return "is nothing to trade on: E*TRADE's sandbox fills no order; write `mode: paper`";
  }
  return undefined;
}

function unknownConnection(connections: readonly Connection[]): string {
  return `is no connection of this file: write one of ${connections.map((one) => one.id).join(", ")}`;
}
