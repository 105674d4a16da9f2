import type { Faults } from "./faults.ts";
import type { Endpoint, FailureKind } from "./vocabulary.ts";

/** What the shares of failed order calls make of this one; draws nothing while all of them are 0. */
export function orderFate(
  { endpoint }: { readonly endpoint: Endpoint },
  faults: Faults,
  chance: () => number,
): FailureKind | undefined {
  for (const [share, kind] of fatesOf(endpoint, faults)) if (share > 0 && chance() < share) return kind;
  return undefined;
}

function fatesOf(
  endpoint: Endpoint,
  faults: Faults,
): readonly (readonly [share: number, kind: FailureKind])[] {
  const writes = [
    [faults.placeSilenceBeforeShare, "timeout-before-accept"],
    [faults.placeSilenceAfterShare, "timeout-after-accept"],
    [faults.placeErrorShare, "unavailable"],
    [faults.placeErrorAfterShare, "unavailable-after-accept"],
  ] as const;
  const busy = [faults.busyShare, "busy"] as const;
  switch (endpoint) {
    case "orders/list":
    case "orders/details":
      return [[faults.orderReadErrorShare, "unavailable"]];
    case "orders/preview":
    case "orders/change-preview":
      return [busy];
    case "orders/place":
    case "orders/change-place":
      return [busy, ...writes];
    case "orders/cancel":
      return writes;
    default:
      return [];
  }
}
