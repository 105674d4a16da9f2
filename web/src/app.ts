/** All that a person can do on the page. */
import { createEntrance, type Entrance } from "./entrance.ts";
import type { Schedule } from "./poller.ts";
import { createRenewal, type Renewal, type RenewalDeps } from "./renewal.ts";
import type { PageState } from "./state.ts";

export interface App extends Entrance, Renewal {
  readonly state: PageState;
  /** Asks for the status at once. */
  look(): Promise<void>;
  /** Has every live token kept alive now. */
  forceKeepAlive(): Promise<void>;
}

export function createApp(deps: RenewalDeps & { readonly schedule: Schedule }): App {
  const { api, state, watch } = deps;
  const renewal = createRenewal(deps);
  return {
    state,
    ...renewal,
    ...createEntrance({ ...deps, renewal }),
    look: () => watch.look(),
    async forceKeepAlive() {
      if (state.keepAlive.value.kind === "running") return;
      state.keepAlive.value = { kind: "running" };
      const answer = await api.forceKeepAlive();
      state.keepAlive.value = answer.ok
        ? { kind: "done", list: answer.value }
        : { kind: "failed", problem: answer.problem };
      await watch.look();
    },
  };
}
