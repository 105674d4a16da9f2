import type { View } from "./state.ts";

/** The addresses of the views, as they stand in the fragment. */
export const VIEW_ADDRESSES: Readonly<Record<View, string>> = { morning: "#morning", trading: "#trading" };

/** The view that a fragment names; undefined for one that names none. */
export function readView(hash: string): View | undefined {
  if (hash === VIEW_ADDRESSES.trading) return "trading";
  return hash === VIEW_ADDRESSES.morning ? "morning" : undefined;
}
