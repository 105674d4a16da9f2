import { test } from "vitest";

/** Contract cases that an adapter cannot show, by title, each with the reason. */
export type Gaps = Readonly<Record<string, string>>;

/** Names one case of a contract; skipped, with the reason in its title, where the adapter has a gap. */
export type Case = (title: string, body: () => Promise<void>) => void;

/**
 * Runs `declare` with a `test` that leaves out the gaps. A gap that names no case throws, so that a renamed
 * case cannot stay skipped unseen.
 */
export function declareCases(gaps: Gaps, declare: (test: Case) => void): void {
  const open = new Map(Object.entries(gaps));
  declare((title, body) => {
    const reason = open.get(title);
    open.delete(title);
    if (reason === undefined) test(title, body);
    else test.skip(`${title} (left out: ${reason})`, body);
  });
  if (open.size > 0) throw new RangeError(`Gaps that name no case: ${[...open.keys()].join("; ")}`);
}
