/** Which of a token's accounts a session is for. Pure. */
import type { ProbeEvidence } from "../token-issuer.ts";
import type { AccountList, EtradeAccount } from "./accounts.ts";

/** The account whose number ends so, else the first that can trade; undefined where there is none. */
export function chooseAccount(list: AccountList, lastFour: string | undefined): EtradeAccount | undefined {
  const trading = tradable(list);
  return lastFour === undefined ? trading[0] : trading.find((one) => one.lastFour === lastFour);
}

/** What a list of accounts proves of the token that it was read with. */
export function evidenceOf(list: AccountList): ProbeEvidence {
  const { accounts, latencyMs } = list;
  return { accounts: accounts.length, latencyMs, tradable: tradable(list).map((one) => one.lastFour) };
}

function tradable({ accounts }: AccountList): readonly EtradeAccount[] {
  return accounts.filter((account) => account.institutionType === "BROKERAGE");
}
