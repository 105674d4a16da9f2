import { expect, test } from "vitest";
import { openVenue } from "./testing/venue-client.ts";

test.each([0, 5_000, -5_000])(
  "a clock that is %i ms ahead of the broker's is found out by its prices",
  async (aheadMs) => {
    const { rig, connect } = openVenue();
    const { socket, kill } = connect("drifting", { aheadMs });
    const before = socket.driftMs?.();
    socket.start();

    await rig.timers.advance(60_000);

    expect(socket.market.quotes().length).toBeGreaterThan(0);
    expect([before, socket.driftMs?.()]).toEqual([undefined, aheadMs]);
    kill();
    rig.close();
  },
);

test("the first price of a symbol on a connection is not asked for the time, since it may be old", async () => {
  const { rig, connect } = openVenue();
  rig.venue.freeze(true);
  const { socket, kill } = connect("quiet");
  socket.start();

  await rig.timers.advance(60_000);

  expect(socket.market.quotes().length).toBeGreaterThan(0);
  expect(socket.driftMs?.()).toBeUndefined();
  kill();
  rig.close();
});
