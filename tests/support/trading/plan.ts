/** What a case is made of: how rough its world is, how narrow its limits are, and what happens in it. */
import fc from "fast-check";

export const INSTRUMENTS = ["GOLD", "OIL"] as const;
export const BOTS = ["alpha", "beta", "gamma"] as const;
export const SCOPES = ["all", "account", ...BOTS] as const;

export type Want = "buy" | "sell" | "buy-limit" | "sell-limit" | "exit" | "hold";
const WANTS: readonly Want[] = ["buy", "buy", "sell", "buy-limit", "sell-limit", "exit", "exit", "hold"];

/** When something begins: at once, or when the next order is written down, claimed, or on its way to be cancelled. */
export type Moment = "now" | "order" | "claim" | "cancel";

export type Deed =
  /** A tick of a bot, what its strategy wants of each instrument, and of how many units. */
  | { readonly kind: "tick"; readonly bot: number; readonly wants: readonly [Want, Want] }
  /** Ticks of all bots at once. */
  | { readonly kind: "rush"; readonly wants: readonly [Want, Want] }
  | { readonly kind: "meet"; readonly pick: number; readonly isWhole: boolean; readonly from: Moment }
  | { readonly kind: "stop-hit"; readonly pick: number }
  | { readonly kind: "hand"; readonly what: "open" | "close" | "order"; readonly pick: number }
  | { readonly kind: "price"; readonly steps: number }
  | { readonly kind: "kill" | "reduce" | "resume" | "close"; readonly scope: number; readonly from: Moment }
  | {
      readonly kind: "die" | "stand-still";
      /** The worker that leads, the other worker, or a process that runs ticks. */
      readonly who: "leader" | "other" | "ticker";
      readonly from: Moment;
      /** Of its own: the calls to the store, the messages and the timers that it lives to see. */
      readonly afterEvents: number;
      /** How long it stands still; the last: until another process leads. */
      readonly until: "short" | "long" | "beyond the lease" | "overtaken";
    }
  | { readonly kind: "cut"; readonly worker: number; readonly forMs: number }
  /** Another token, which the worker proves so much later. */
  | { readonly kind: "token"; readonly provedAfterMs: number }
  | { readonly kind: "pass" };

export interface Step {
  readonly deed: Deed;
  /** Until the next one, in milliseconds. */
  readonly thenMs: number;
}

export interface Roughness {
  readonly storeFaults: number;
  readonly storeSlow: number;
  readonly busLost: number;
  readonly busDoubled: number;
  readonly linkLost: number;
  readonly linkSlow: number;
  readonly rejected: number;
  readonly slowestMs: number;
}

export interface Narrowness {
  readonly accountPositions: number;
  readonly botPositions: number;
  readonly workingOrders: number;
  readonly tradesPerDay: number;
  /** In orders of the usual size. */
  readonly dailyOrders: number;
  readonly grossOrders: number;
}

export interface Plan {
  /** Of every draw that the plan does not name. */
  readonly course: number;
  readonly mode: "paper" | "live";
  readonly bots: number;
  readonly units: number;
  readonly tellsFigures: boolean;
  readonly named: number;
  /** Whether breakers look on. */
  readonly isJudged: boolean;
  readonly rough: Roughness;
  readonly narrow: Narrowness;
  readonly steps: readonly Step[];
}

const wants = fc.tuple(fc.constantFrom(...WANTS), fc.constantFrom(...WANTS));
const pick = fc.nat(7);
const from = fc.constantFrom<Moment>("now", "now", "order", "claim", "cancel");

const tick = fc.record({ kind: fc.constant("tick" as const), bot: fc.nat(2), wants });
const rush = fc.record({ kind: fc.constant("rush" as const), wants });

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 12, arbitrary: tick },
  { weight: 6, arbitrary: rush },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("meet" as const),
      pick,
      isWhole: fc.boolean(),
      from: fc.constantFrom("now", "now", "cancel"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stop-hit" as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("hand" as const),
      what: fc.constantFrom("open", "close", "order"),
      pick,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("price" as const), steps: fc.integer({ min: -9, max: 9 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("kill", "kill", "resume", "resume", "reduce", "close"),
      scope: fc.nat(SCOPES.length - 1),
      from,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("die", "stand-still"),
      who: fc.constantFrom("leader", "leader", "leader", "other", "ticker"),
      from,
      afterEvents: fc.oneof(fc.nat(5), fc.nat(24)),
      until: fc.constantFrom("short", "long", "beyond the lease", "overtaken", "overtaken"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("cut" as const),
      worker: fc.nat(1),
      forMs: fc.integer({ min: 20, max: 4_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("token" as const),
      provedAfterMs: fc.integer({ min: 0, max: 4_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "pass" as const }) },
);

const thenMs = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 4, arbitrary: fc.integer({ min: 13, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 301, max: 3_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 3_001, max: 14_000 }) },
);

const rough: fc.Arbitrary<Roughness> = fc.record({
  storeFaults: fc.constantFrom(0, 0, 3, 12),
  storeSlow: fc.constantFrom(0, 0, 2, 6),
  busLost: fc.constantFrom(0, 20, 60),
  busDoubled: fc.constantFrom(0, 30, 80),
  linkLost: fc.constantFrom(0, 0, 4, 12),
  linkSlow: fc.constantFrom(0, 5, 25),
  rejected: fc.constantFrom(0, 5, 30),
  slowestMs: fc.constantFrom(20, 800, 4_000),
});

const narrow: fc.Arbitrary<Narrowness> = fc.record({
  accountPositions: fc.constantFrom(1, 2, 3, 6, 6),
  botPositions: fc.constantFrom(1, 2, 2),
  workingOrders: fc.constantFrom(1, 2, 6, 6),
  tradesPerDay: fc.constantFrom(1, 2, 3, 50, 50),
  dailyOrders: fc.constantFrom(1, 2, 4, 50, 50),
  grossOrders: fc.constantFrom(1, 2, 3, 50, 50),
});

export const plans: fc.Arbitrary<Plan> = fc.record({
  course: fc.noShrink(fc.nat()),
  mode: fc.constantFrom("paper", "live"),
  bots: fc.constantFrom(2, 3),
  units: fc.constantFrom(1, 2, 4),
  tellsFigures: fc.boolean(),
  named: fc.constantFrom(100, 50, 0),
  isJudged: fc.constantFrom(false, false, true),
  rough,
  narrow,
  steps: fc
    .tuple(
      // With nothing at the broker the rest would be about nothing.
      fc.record({ deed: fc.oneof(tick, rush), thenMs }),
      fc.array(fc.record({ deed, thenMs }), { minLength: 2, maxLength: 11, size: "max" }),
    )
    .map(([first, rest]) => [first, ...rest]),
});
