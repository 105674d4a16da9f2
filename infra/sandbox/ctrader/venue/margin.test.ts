import { expect, test } from "vitest";
import { DEFAULT_ACCOUNTS } from "./accounts.ts";
import {
  EURUSD,
  HEDGED,
  marketOrder,
  NETTED,
  openRig,
  openWithPosition,
  refusalsOf,
} from "./testing/venue-rig.ts";

test.each([
  ["the larger side", "MAX", "ORDER_ACCEPTED"],
  ["both sides", "SUM", "NOT_ENOUGH_MONEY"],
] as const)(
  "an account whose margin is that of %s needs it for a hedge",
  async (_name, marginCalculation, outcome) => {
    const accounts = DEFAULT_ACCOUNTS.map((terms) => ({ ...terms, marginCalculation }));
    const rig = openRig({ accounts });
    const seat = rig.sit(HEDGED);
    seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 80_000_000 }));
    await rig.pass(300);
    seat.heard.length = 0;

    seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 80_000_000, tradeSide: "SELL" }));

    expect(seat.events()[0]?.executionType ?? refusalsOf(seat)[0]?.errorCode).toBe(outcome);
  },
);

test.each([
  ["netted", NETTED, {}],
  ["hedged, by the position's id,", HEDGED, { positionId: 377_100_001 }],
])("money that is bound on a %s account does not bar what frees it", async (_name, accountId, over) => {
  const accounts = DEFAULT_ACCOUNTS.map((terms) => ({ ...terms, marginCalculation: "SUM" as const }));
  const rig = openRig({ accounts });
  const seat = rig.sit(accountId);
  rig.venue.freeze(true);
  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 80_000_000 }));
  await rig.pass(300);
  seat.heard.length = 0;

  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 80_000_000 }));
  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 80_000_000, tradeSide: "SELL", ...over }));

  expect(refusalsOf(seat)[0]?.errorCode).toBe("NOT_ENOUGH_MONEY");
  expect(seat.events()).toMatchObject([{ executionType: "ORDER_ACCEPTED" }]);
});

test("an account short of money may still take what needs no more of it", async () => {
  const { rig, seat, position } = await openWithPosition({ volume: 80_000_000 });
  rig.venue.moveTo(EURUSD, Number((position.price! - 0.004).toFixed(5)));

  seat.ask("ProtoOANewOrderReq", marketOrder());
  seat.ask("ProtoOANewOrderReq", marketOrder({ tradeSide: "SELL" }));

  expect(refusalsOf(seat)[0]?.errorCode).toBe("NOT_ENOUGH_MONEY");
  expect(seat.events()).toMatchObject([{ executionType: "ORDER_ACCEPTED" }]);
});
