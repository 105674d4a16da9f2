/** What a switch to paper has come to, in words. Pure. */
import type { BackLive, SwitchedToPaper } from "./paper-switch.ts";
import { livePhrase, scopeText } from "./scopes.ts";

/** What was switched, what was so before, and what stays open at a broker. */
export function paperLines({
  scope,
  switched,
  already,
  backSince,
  left,
}: SwitchedToPaper): readonly string[] {
  if (backSince.length > 0) {
    return [
      `This was carried out before, and ${backSince.join(", ")} brought back to live since. It came once more now, and switched nothing. To switch now, ask anew.`,
    ];
  }
  if (switched.length + already.length === 0) {
    return [`No bot of ${scopeText(scope)} trades live: there is nothing to switch.`];
  }
  return [
    ...(switched.length === 0 ? [] : [`On paper from now on: ${switched.join(", ")}.`]),
    ...(already.length === 0 ? [] : [`On paper before already: ${already.join(", ")}.`]),
    ...left.map(
      ({ bot, account, positions }) =>
        `${bot} has ${positions} ${positions === 1 ? "position" : "positions"} open on ${account}: nobody decides the exit any more, and stops that rest stay. To close: /close ${bot}.`,
    ),
    `To bring it back: ${livePhrase(scope)}`,
  ];
}

/** Which bots trade live again. */
export function liveText({ bots }: Pick<BackLive, "bots">): string {
  return `Live again: ${bots.join(", ")}.`;
}
