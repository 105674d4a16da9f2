import { z } from "zod";
import type { BusFaults } from "../../shared/platform/local/bus-faults.ts";
import { type Failure, fail, succeed } from "../../shared/platform/result.ts";
import type { SwitchBoard } from "../sandbox/sandbox-app.ts";

const SWITCHES = {
  deliverTwice: {
    schema: z.boolean(),
    initial: false,
    takes: "true or false",
    description: "Every bus message and every scheduler call comes twice.",
  },
  dropFraction: {
    schema: z.number().min(0).max(1),
    initial: 0,
    takes: "number 0 to 1",
    description: "So much of the bus messages is lost, 0 to 1.",
  },
  delayMs: {
    schema: z.int().min(0).max(600_000),
    initial: 0,
    takes: "whole number 0 to 600000",
    description:
      "Each bus message is held back by up to so many milliseconds of the clock, which reorders them.",
  },
} as const;

const patchSchema = z.strictObject({
  deliverTwice: SWITCHES.deliverTwice.schema.nullable().optional(),
  dropFraction: SWITCHES.dropFraction.schema.nullable().optional(),
  delayMs: SWITCHES.delayMs.schema.nullable().optional(),
});

const INITIAL = { deliverTwice: false, dropFraction: 0, delayMs: 0 };

export interface DeliveryBoard extends SwitchBoard {
  isDoubling(): boolean;
}

/** The switches of what carries messages: what the cloud's bus and scheduler may do by contract. */
export function createDeliveryBoard(setBusFaults: (faults: BusFaults) => void): DeliveryBoard {
  let faults = INITIAL;
  return {
    isDoubling: () => faults.deliverTwice,
    faults: () => faults,
    switches: () =>
      Object.entries(SWITCHES).map(([name, { initial, takes, description }]) => ({
        name,
        value: faults[name as keyof typeof SWITCHES],
        initial,
        takes,
        description,
      })),
    setFaults(patch) {
      const parsed = patchSchema.safeParse(patch);
      if (!parsed.success) return refuse(parsed.error);
      const { deliverTwice, dropFraction, delayMs } = parsed.data;
      faults = {
        deliverTwice: changed(deliverTwice, faults.deliverTwice, INITIAL.deliverTwice),
        dropFraction: changed(dropFraction, faults.dropFraction, INITIAL.dropFraction),
        delayMs: changed(delayMs, faults.delayMs, INITIAL.delayMs),
      };
      setBusFaults(faults);
      return succeed(faults);
    },
  };
}

function refuse({ issues: [issue] }: z.ZodError): Failure<"SANDBOX_SWITCH_INVALID"> {
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const name = String(unknown ?? issue?.path[0] ?? "").slice(0, 60);
  return fail("SANDBOX_SWITCH_INVALID", { switch: name, problem: issue?.message ?? "" });
}

/** Absent leaves a switch, `null` puts it back to its start. */
function changed<T>(wanted: T | null | undefined, before: T, initial: T): T {
  if (wanted === undefined) return before;
  return wanted === null ? initial : wanted;
}
