import { succeed } from "../../platform/result.ts";
import type { AccountBalance, BrokerAccounts } from "../broker-accounts.ts";
import type { EtradeClient } from "./client.ts";

/** E*TRADE's accounts behind the broker-neutral contract. */
export function createEtradeAccounts(client: EtradeClient): BrokerAccounts {
  return {
    probe: (token) => client.issuer.probe(token),

    async balances(token) {
      const list = await client.accounts(token);
      if (!list.ok) return list;
      const balances: AccountBalance[] = [];
      for (const account of list.value.accounts) {
        const balance = await client.balance(token, account.accountIdKey, account.institutionType);
        if (!balance.ok) return balance;
        const { totalAccountValue, cashAvailableForInvestment } = balance.value;
        balances.push({
          account: account.lastFour,
          currency: "USD",
          description: account.name === "" ? account.description : account.name,
          ...(totalAccountValue && { totalAccountValue: totalAccountValue.toString() }),
          ...(cashAvailableForInvestment && {
            cashAvailableForInvestment: cashAvailableForInvestment.toString(),
          }),
        });
      }
      return succeed(balances);
    },
  };
}
