import type { ApiBadge } from "../../../../shared/console/trading-api.ts";
import { BADGES } from "../../trading-words.ts";

/** What kind of money it is about: grey for paper, green for play money, red for real money, and always the word. */
export function MoneyBadge({ badge }: { readonly badge: ApiBadge }) {
  const { word, means } = BADGES[badge];
  return (
    <span class={`badge badge-${badge}`} title={means}>
      {word}
    </span>
  );
}
