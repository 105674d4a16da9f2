import type { BusFaults } from "../../shared/platform/local/bus-faults.ts";
import type { SwitchBoard } from "../sandbox/sandbox-app.ts";
import { createSwitchDesk, share, toggle, whole } from "../sandbox/switches.ts";

const desk = createSwitchDesk({
  deliverTwice: toggle("Every bus message and every scheduler call comes twice."),
  dropFraction: share("So much of the bus messages is lost, 0 to 1."),
  delayMs: whole(
    0,
    [0, 600_000],
    "Each bus message is held back by up to so many milliseconds of the clock, which reorders them.",
  ),
});

export interface DeliveryBoard extends SwitchBoard {
  isDoubling(): boolean;
}

/** The switches of what carries messages: what the cloud's bus and scheduler may do by contract. */
export function createDeliveryBoard(setBusFaults: (faults: BusFaults) => void): DeliveryBoard {
  let faults = desk.initial();
  return {
    isDoubling: () => faults.deliverTwice,
    faults: () => faults,
    switches: () => desk.view(faults),
    setFaults(patch) {
      const result = desk.patch(faults, patch);
      if (!result.ok) return result;
      faults = result.value;
      setBusFaults(faults);
      return result;
    },
  };
}
