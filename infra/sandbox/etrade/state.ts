import type { Temporal } from "temporal-polyfill";
import { toIso } from "../../../shared/platform/instant.ts";
import type { Faults } from "./faults.ts";
import type { Journal, JournalLine } from "./journal.ts";
import type { TokenBook } from "./token-book.ts";
import { type Life, lifeOf } from "./token-life.ts";
import type { Environment } from "./vocabulary.ts";

/** A token under the first letters of its derived name. */
export interface TokenView {
  readonly id: string;
  readonly kind: "request" | "access";
  readonly environment: Environment;
  readonly life: Life | "waiting" | "accepted";
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly lastUsedAt?: string;
}

/** What the sandbox page shows of the simulator. */
export interface SimulatorState {
  /** Newest first. */
  readonly tokens: readonly TokenView[];
  readonly counters: Readonly<Record<string, number>>;
  /** Newest first, at most 50. */
  readonly calls: readonly JournalLine[];
}

/** Shows tokens, counters and calls, without anything that could be used. */
export function viewState(
  parts: { readonly book: TokenBook; readonly journal: Journal },
  now: Temporal.Instant,
  faults: Pick<Faults, "idleAfterMinutes">,
): SimulatorState {
  const { requestTokens, accessTokens } = parts.book.list();
  const requests = Object.entries(requestTokens).map(
    ([id, token]): TokenView => ({
      id: id.slice(0, 8),
      kind: "request",
      environment: token.environment,
      life: token.acceptedBy === undefined ? "waiting" : "accepted",
      issuedAt: toIso(token.issuedAt),
      expiresAt: toIso(token.expiresAt),
    }),
  );
  const accesses = Object.entries(accessTokens).map(
    ([id, token]): TokenView => ({
      id: id.slice(0, 8),
      kind: "access",
      environment: token.environment,
      life: lifeOf(token, now, faults),
      issuedAt: toIso(token.issuedAt),
      expiresAt: toIso(token.expiresAt),
      lastUsedAt: toIso(token.lastUsedAt),
    }),
  );
  const tokens = [...requests, ...accesses].sort((a, b) => (a.issuedAt < b.issuedAt ? 1 : -1));
  return { tokens, counters: parts.journal.counters(), calls: parts.journal.lines() };
}
