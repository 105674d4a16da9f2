import { fail, type Result, succeed } from "../../platform/result.ts";
import type { Timers } from "../../platform/timers.ts";
import type { CtraderAddress, Dial, LinkPeer } from "./link.ts";

/**
 * Dials a host, looks at its certificate, and hangs up; nothing is sent. `BROKER_UNREACHABLE` holds why in
 * `detail.network`, `closed-by-us` where `signal` ended it.
 */
export function shakeHands(
  deps: { readonly dial: Dial; readonly timers: Timers },
  address: CtraderAddress,
  signal?: AbortSignal,
): Promise<Result<{ readonly peer: LinkPeer; readonly tookMs: number }, "BROKER_UNREACHABLE">> {
  const startedAt = deps.timers.now();
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof shakeHands>>>();
  const link = deps.dial(address, {
    opened(peer) {
      resolve(succeed({ peer, tookMs: deps.timers.now() - startedAt }));
      link.close();
    },
    received() {},
    drained() {},
    ended(network) {
      signal?.removeEventListener("abort", leave);
      resolve(fail("BROKER_UNREACHABLE", { network }));
    },
  });
  const leave = () => link.close();
  signal?.addEventListener("abort", leave);
  if (signal?.aborted === true) leave();
  return promise;
}
