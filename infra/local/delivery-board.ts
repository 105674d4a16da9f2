import type { BusFaults } from "../../shared/platform/local/bus-faults.ts";
import type { SwitchBoard } from "../sandbox/sandbox-app.ts";
import { holdSwitches, share, toggle, whole } from "../sandbox/switches.ts";

const DELIVERY_SWITCHES = {
  deliverTwice: toggle("Every bus message and every scheduler call comes twice."),
  dropFraction: share("So much of the bus messages is lost, 0 to 1."),
  delayMs: whole(
    0,
    [0, 600_000],
    "Each bus message is held back by up to so many milliseconds of the clock, which reorders them.",
  ),
};

export interface DeliveryBoard extends SwitchBoard {
  isDoubling(): boolean;
}

/** The switches of what carries messages: what the cloud's bus and scheduler may do by contract. */
export function createDeliveryBoard(setBusFaults: (faults: BusFaults) => void): DeliveryBoard {
  const switches = holdSwitches(DELIVERY_SWITCHES, { changed: setBusFaults });
  return {
    isDoubling: () => switches.current().deliverTwice,
    faults: switches.current,
    switches: switches.view,
    setFaults: switches.patch,
  };
}
