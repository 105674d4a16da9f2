/** Clients of a simulated cTrader account in memory that can be killed, cut off and mended. */

import { createMemoryDial } from "../../../../infra/sandbox/ctrader/testing/memory-dial.ts";
import { openRig } from "../../../../infra/sandbox/ctrader/testing/rig.ts";
import { type CtraderConnection, connectionSchema } from "../../../config/connection.ts";
import { createSeededRandom } from "../../../platform/local/seeded-random.ts";
import type { Log } from "../../../platform/log.ts";
import { Secret } from "../../../platform/secret.ts";
import type { HeldSocket } from "../../held-socket.ts";
import { openHeldSocket } from "../held-socket.ts";
import type { Dial, Link } from "../link.ts";
import { packGrant } from "../oauth/token.ts";

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {}, for: () => SILENT };

const CONNECTION = connectionSchema.parse({
  id: "ctrader-demo",
  broker: "ctrader",
  environment: "demo",
  label: "cTrader demo",
  needed: "on-demand",
}) as CtraderConnection;

export interface VenueClient {
  readonly socket: HeldSocket;
  /** Ends it as SIGKILL does. */
  kill(): void;
  /** Breaks the link, and lets no other one come about until `mend`. */
  cut(): void;
  mend(): void;
}

/** A simulated broker with one demo account, and whoever connects to it. */
export function openVenue(options: Parameters<typeof openRig>[0] = {}) {
  const rig = openRig(options);
  const { accessToken, refreshToken } = rig.grant();
  const token = packGrant({
    accessToken: Secret.of(accessToken),
    refreshToken: Secret.of(refreshToken),
    life: undefined,
  });

  /** `aheadMs`: how far the client's clock is ahead of the broker's. */
  function connect(name: string, { aheadMs = 0 } = {}): VenueClient {
    const world = createWorld(createMemoryDial(rig.gateway));
    const { timers } = rig;
    const clock = { ...rig.clock, now: () => rig.clock.now().add({ milliseconds: aheadMs }) };
    const { clientId, clientSecret } = rig.applications.demo;
    const socket = openHeldSocket(
      {
        clock,
        random: createSeededRandom(name),
        log: SILENT,
        dial: world.dial,
        timers: { now: timers.now, after: (ms, run) => timers.after(ms, () => world.isAlive() && run()) },
        tokens: { current: async () => ({ generation: 1, token }), refused: async () => undefined },
      },
      {
        address: { host: "demo.test", port: 1 },
        connection: CONNECTION,
        application: { clientId, clientSecret: Secret.of(clientSecret) },
        dealsSince: clock.now().subtract({ hours: 24 }).epochMilliseconds,
      },
    );
    return { socket, kill: world.kill, cut: world.cut, mend: world.mend };
  }

  return { rig, connect };
}

/** What one client sees of its network. */
function createWorld(real: Dial) {
  const links = new Set<Link>();
  let state: "whole" | "cut" | "dead" = "whole";
  const close = () => {
    for (const link of [...links]) link.close();
  };
  const dial: Dial = (address, events) => {
    if (state !== "whole") {
      queueMicrotask(() => state !== "dead" && events.ended("unreachable"));
      return { write: () => false, close: () => undefined };
    }
    const link = real(address, {
      opened: (peer) => state === "whole" && events.opened(peer),
      received: (chunk) => state === "whole" && events.received(chunk),
      drained: () => state === "whole" && events.drained(),
      ended(end) {
        links.delete(link);
        if (state !== "dead") events.ended(state === "cut" ? "reset" : end);
      },
    });
    links.add(link);
    return link;
  };
  return {
    dial,
    isAlive: () => state !== "dead",
    kill() {
      state = "dead";
      close();
    },
    cut() {
      state = "cut";
      close();
    },
    mend() {
      state = "whole";
    },
  };
}
