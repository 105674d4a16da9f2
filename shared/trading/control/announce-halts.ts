import type { Log } from "../../platform/log.ts";
import type { Store } from "../../platform/store.ts";
import { tradingStates } from "../records.ts";
import { haltMark } from "../trading-state.ts";
import { type Announce, haltNotice } from "./notices.ts";

export interface AnnounceDeps {
  readonly store: Pick<Store, "query">;
  readonly log: Log;
  readonly announce: Announce;
}

/**
 * Tells the owner of everything that Openbell itself has stopped, each once whoever tells it first. `told` spares
 * the caller the second look.
 */
export async function announceHalts(
  { store, log, announce }: AnnounceDeps,
  isMeant: (scope: string) => boolean,
  told: Set<string>,
): Promise<void> {
  const halted = await store.query(tradingStates, { where: { state: "halted" } });
  const reducing = await store.query(tradingStates, { where: { state: "reducing" } });
  for (const { id: scope, value } of [...halted, ...reducing]) {
    // It is an alert's id, which a mark may not be.
    const mark = `halt:${haltMark(scope, value).replaceAll("@", ":")}`;
    if (value.who.kind !== "system" || !isMeant(scope) || told.has(mark)) continue;
    told.add(mark);
    // Nothing waits for a messenger.
    void announce(mark, haltNotice(scope, value)).catch((error: unknown) => {
      told.delete(mark);
      log.error("halt-not-announced", { scope, error });
    });
  }
}
