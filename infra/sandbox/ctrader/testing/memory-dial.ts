/** A `Dial` that leads to a simulated broker in memory, as the real one leads over a network. */
import type { Dial } from "../../../../shared/brokers/ctrader/link.ts";
import type { Gateway } from "../gateway.ts";
import type { BrokerHost } from "../words.ts";

const PEER = {
  protocol: "TLSv1.3",
  certificate: { subject: "CN=localhost", issuer: "CN=Sandbox authority", validTo: "2036-01-01T00:00:00Z" },
};

/**
 * Bytes take a turn of the promise queue each way, in order. `hostOf`: which world an address leads to; by
 * default a host that begins with `live` is live and any other is demo.
 */
export function createMemoryDial(
  gateway: Gateway,
  hostOf: (host: string) => BrokerHost = (host) => (host.startsWith("live") ? "live" : "demo"),
): Dial {
  return ({ host }, events) => {
    let isOver = false;
    const later = (run: () => void) => queueMicrotask(() => !isOver && run());
    const end = (by: "closed-by-us" | "closed-by-peer") =>
      later(() => {
        isOver = true;
        events.ended(by);
      });
    let visit: ReturnType<Gateway["accept"]> | undefined;
    later(() => {
      events.opened(PEER);
      visit = gateway.accept(hostOf(host), {
        send: (bytes) => later(() => events.received(bytes.slice())),
        close: () => end("closed-by-peer"),
      });
    });
    return {
      write(bytes) {
        const copy = bytes.slice();
        later(() => visit?.receive(copy));
        return !isOver;
      },
      close() {
        end("closed-by-us");
        queueMicrotask(() => visit?.closed());
      },
    };
  };
}
