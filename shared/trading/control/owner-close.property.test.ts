import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { PROTECTION } from "../protection/records.ts";
import { type TradingStateRecord, tradingStates } from "../records.ts";
import { readTradingStanding, refusalIn } from "../trading-state.ts";

const SCOPES = ["all", "paper-x", "bot:gold"] as const;
const ACCOUNT = { id: "paper-x" };
const AT = Temporal.Instant.from("2026-11-23T15:00:00Z");

const step = fc.record({
  scope: fc.constantFrom(...SCOPES),
  state: fc.constantFrom("active" as const, "reducing" as const, "halted" as const),
  /** Halts of the system name no kill, and two may come within one reading of the clock. */
  isKill: fc.boolean(),
  seconds: fc.integer({ min: 1, max: 3 }),
});

type Step = { scope: string; state: TradingStateRecord["state"]; isKill: boolean; seconds: number };

/** The trading states after some steps. */
function after(steps: readonly Step[]): Map<string, TradingStateRecord> {
  const records = new Map<string, TradingStateRecord>();
  let at = AT;
  for (const [index, { scope, state, isKill, seconds }] of steps.entries()) {
    at = at.add({ seconds });
    records.set(scope, {
      ...{ state, who: { kind: "terminal" }, why: "test", at },
      ...(state === "halted" && isKill && { kill: `kill-${index}` }),
    });
  }
  return records;
}

function reader(records: Map<string, TradingStateRecord>) {
  return {
    get: async (of: unknown, id: string) => (of === tradingStates ? records.get(id) : undefined) as never,
  };
}

test("whatever halts and resumes: the owner's close goes in those halts alone that it was asked in, the stop of a position in all, and a bot's order in none", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 8 }),
      fc.array(step, { maxLength: 4 }),
      async (before, later) => {
        const asked = await readTradingStanding(reader(after(before)), ACCOUNT, "gold");
        const records = after([...before, ...later]);
        const now = await readTradingStanding(reader(records), ACCOUNT, "gold");
        const ticket = { closes: "p1" };
        const isNewHalt = now.halts.some((mark) => !asked.halts.includes(mark));
        const touched = new Set(later.filter((one) => one.state === "halted").map((one) => one.scope));
        const isHaltedLater = [...touched].some((scope) => records.get(scope)?.state === "halted");

        expect(isNewHalt).toBe(isHaltedLater);
        const owners = refusalIn(now, { ticket, byOwner: { despite: [...asked.halts] } });
        expect(owners).toBe(isNewHalt ? "TRADING_HALTED" : undefined);
        const isHalted = [...records.values()].some((one) => one.state === "halted");
        expect(refusalIn(now, { ticket })).toBe(isHalted ? "TRADING_HALTED" : undefined);
        const type = "stop" as const;
        expect(refusalIn(now, { source: PROTECTION, ticket: { closes: "p1", type } })).toBeUndefined();
        if (isHalted) {
          const others = [
            { source: "gold", ticket: { closes: "p1", type } },
            { source: PROTECTION, ticket: { closes: "p1", type: "market" } },
            { source: PROTECTION, ticket: { type } },
          ] as const;
          expect(others.map((one) => refusalIn(now, one))).toEqual(others.map(() => "TRADING_HALTED"));
        }
        // What opens is never the owner's close, whatever it claims to be.
        if (now.state !== "active") {
          expect(refusalIn(now, { ticket: {}, byOwner: { despite: [...now.halts] } })).toBeDefined();
        }
      },
    ),
    { numRuns: 10_000 },
  );
});

test("a halt without a mark stops the owner's close too", () => {
  expect(
    refusalIn({ state: "halted", halts: [] }, { ticket: { closes: "p" }, byOwner: { despite: [] } }),
  ).toBe("TRADING_HALTED");
});
