/** What E*TRADE's numbers mean in its module of orders, for a person to read. Elsewhere the same numbers mean other things. */

const MEANINGS: Readonly<Record<number, string>> = {
  100: "the account key is not one of this login, or the service was not available",
  101: "the broker says that the preview had timed out; the order was not placed",
  102: "the account key is not valid",
  163: "the broker could not process it at this moment",
  167: "the order is partly executed and cannot be changed this way",
  900: "the preview is not known to the broker; the order was not placed",
  1026: "the order was entered during market hours",
  1027: "the market is closed; the order waits for the next session",
  1032: "an all-or-none order needs at least 300 shares",
  1033: "the broker says that the preview had timed out; the order was not placed",
  1035: "a market order must be good for the day",
  1036: "the account is restricted",
  1037: "there are not enough free shares to close; another closing order may hold them",
  1040: "the account does not hold the position that the order closes",
  1042: "it may be a duplicate: a similar order is open",
  1043: "trading in this security is halted",
  1045: "a market order is risky in this security",
  1053: "an order outside the regular session must be a limit order",
  1054: "an order outside the regular session cannot be all-or-none",
  1064: "extra fees apply",
  1065: "extra fees apply",
  1508: "the broker has no price of the security at this moment",
  1524: "the order is still being updated",
  2084: "the stop price is out of range",
  2085: "the stop price is out of range",
  5001: "the order is being executed or rejected right now and cannot be cancelled",
  5003: "the order is already being cancelled",
  5011: "the order is being cancelled",
};

/** The cancel is being done already: what was wanted happens. */
export const CANCEL_PENDING = 5003;
/** In the place of a confirmation: nothing that a person needs to be told. */
export const ENTERED = 1026;

/** A number of the broker's in words. Numbers that are not known are named as such. */
export function meaningOf(code: number): string {
  return MEANINGS[code] ?? `the broker gave the code ${code}, which is not known here`;
}
