/** Which of a token's accounts a session is for. Pure. */
import type { CtraderEnvironment } from "./environments.ts";
import type { ProtoOACtidTraderAccount } from "./protocol/open-api.generated.ts";
import type { SessionAccount } from "./session.ts";

export interface AccountWish {
  readonly environment: CtraderEnvironment;
  /** The last four characters of the number that the owner knows. Default: the first of the environment. */
  readonly account?: string | undefined;
}

/** `missing`: this token has no such account here; `isOnOtherHost`: it has in the other environment. */
export type ChosenAccount =
  | { readonly kind: "chosen"; readonly account: SessionAccount }
  | { readonly kind: "missing"; readonly isOnOtherHost: boolean };

/**
 * The account that is wished for. `before`: the one that the session has had, which it never changes for
 * another by itself.
 */
export function chooseAccount(
  listed: readonly ProtoOACtidTraderAccount[],
  wish: AccountWish,
  before?: SessionAccount,
): ChosenAccount {
  const accounts = listed.map(sessionAccountOf);
  const fits = (one: SessionAccount) =>
    before === undefined
      ? wish.account === undefined || one.lastFour === wish.account
      : one.ctidTraderAccountId === before.ctidTraderAccountId;
  const account = accounts.find((one) => isHere(one, wish) && fits(one));
  if (account !== undefined) return { kind: "chosen", account };
  return { kind: "missing", isOnOtherHost: accounts.some((one) => !isHere(one, wish) && fits(one)) };
}

/** The environment's accounts, in the broker's order. */
export function accountsHere(
  listed: readonly ProtoOACtidTraderAccount[],
  wish: AccountWish,
): readonly SessionAccount[] {
  return listed.map(sessionAccountOf).filter((one) => isHere(one, wish));
}

function isHere({ isLive }: SessionAccount, { environment }: AccountWish): boolean {
  return isLive === (environment === "live");
}

/** A server that leaves the owner's number out leaves the broker's id. */
function sessionAccountOf(account: ProtoOACtidTraderAccount): SessionAccount {
  const { ctidTraderAccountId, traderLogin, isLive = false } = account;
  const lastFour = String(traderLogin ?? ctidTraderAccountId)
    .padStart(4, "0")
    .slice(-4);
  return { ctidTraderAccountId, lastFour, isLive };
}
