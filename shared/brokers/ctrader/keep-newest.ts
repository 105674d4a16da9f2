/** Forgets the oldest entry of a set or map that has more than `most`. */
export function keepNewest<K>(
  collection: { readonly size: number; keys(): Iterable<K>; delete(key: K): boolean },
  most: number,
): void {
  if (collection.size <= most) return;
  for (const oldest of collection.keys()) {
    collection.delete(oldest);
    return;
  }
}
