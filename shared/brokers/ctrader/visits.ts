import { fail, succeed } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { AccountBalance, BrokerAccounts } from "../broker-accounts.ts";
import type { ProbeEvidence } from "../token-issuer.ts";
import { unpackGrant } from "./oauth/token.ts";
import { type Visit, type VisitDeps, type VisitOptions, visit } from "./short-visit.ts";

/**
 * cTrader's accounts behind the broker-neutral contract; each call is a short visit of its own. `options.account`
 * is the account that a probe authorises.
 */
export function createCtraderAccounts(deps: VisitDeps, options: VisitOptions): BrokerAccounts {
  const go = (token: Secret, over: Partial<VisitOptions> = {}) =>
    visit(deps, { ...options, ...over }, unpackGrant(token).accessToken);

  return {
    async probe(token) {
      const visited = await go(token);
      if (visited.ok) return succeed(evidenceOf(visited.value));
      // The token itself is good: whoever looks for the account finds that it is not among none.
      if (visited.code === "ACCOUNT_MISSING") return succeed(noEvidence(visited.detail.accounts));
      return fail(visited.code, visited.detail);
    },

    async balances(token) {
      const visited = await go(token, { isEveryAccountAsked: true });
      if (visited.ok) return succeed(visited.value.visited.map(balanceOf));
      if (visited.code === "ACCOUNT_MISSING") return succeed([]);
      return fail(visited.code, visited.detail);
    },
  };
}

function noEvidence(accounts: string | number | undefined): ProbeEvidence {
  return { accounts: typeof accounts === "number" ? accounts : 0, latencyMs: 0, tradable: [] };
}

/** An account that was not visited counts as open: its own rights are read when it is traded on. */
function evidenceOf({ listed, visited, mayTrade, latencyMs }: Visit): ProbeEvidence {
  const closed = new Set(visited.filter((one) => !one.isOpenToTrade).map((one) => one.lastFour));
  const tradable = mayTrade ? listed.filter((lastFour) => !closed.has(lastFour)) : [];
  return { accounts: listed.length, latencyMs, tradable };
}

function balanceOf({ lastFour, brokerTitle, balance, currency }: Visit["visited"][number]): AccountBalance {
  return { account: lastFour, description: brokerTitle, currency, balance: balance.toString() };
}
