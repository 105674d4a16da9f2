/** So many letters of a word's beginning stand for the word. */
const SHORTEST_BEGINNING = 4;

/** The known word that is most like `word`, where one is like enough to be meant by it. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: { readonly word: string; readonly steps: number } | undefined;
  for (const candidate of known) {
    const isBeginning = wanted.length >= SHORTEST_BEGINNING && candidate.toLowerCase().startsWith(wanted);
    const steps = isBeginning ? 1 : distance(wanted, candidate.toLowerCase());
    if (best === undefined || steps < best.steps) best = { word: candidate, steps };
  }
  const most = Math.max(1, Math.floor(wanted.length / 3));
  return best !== undefined && best.steps <= most ? best.word : undefined;
}

/** Letters to put in, take out, replace, or swap with their neighbour, to make the one from the other. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const isSame = one[at - 1] === other[to - 1];
      const isSwapped = at > 1 && to > 1 && one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1];
      next[to] = Math.min(
        (row[to] ?? 0) + 1,
        (next[to - 1] ?? 0) + 1,
        (row[to - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[to - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? 0;
}
