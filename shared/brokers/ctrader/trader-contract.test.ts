import { Decimal } from "decimal.js";
import { type TradingBrokerDriver, tradingBrokerContract } from "../trading-broker.contract.ts";
import { openVenue, type VenueClient } from "./testing/venue-client.ts";

const EURUSD = 1;
/** Longer than the pause before a client dials again. */
const DIAL_AGAIN_MS = 60_000;

async function make(): Promise<TradingBrokerDriver> {
  const { rig, connect } = openVenue();
  const { venue, timers, clock } = rig;
  let client: VenueClient | undefined;
  let opened = 0;
  let seen = { bid: new Decimal("1.12"), ask: new Decimal("1.12") };
  venue.freeze(true);
  venue.moveTo(EURUSD, seen.bid.toNumber());

  const isReady = () => client?.socket.state().phase === "ready";
  async function until(wanted: boolean): Promise<void> {
    for (let passed = 0; passed < DIAL_AGAIN_MS && isReady() !== wanted; passed += 500) {
      await timers.advance(500);
    }
    if (isReady() !== wanted) throw new Error(`The client is ${JSON.stringify(client?.socket.state())}`);
  }

  return {
    instrument: "EURUSD",
    quantity: new Decimal(2_000),
    stride: new Decimal("0.001"),
    now: clock.now,
    quote() {
      const shown = client?.socket.market.quotes().find(({ symbol }) => symbol === "EURUSD");
      // A client that has ended shows none; the market goes on without it.
      if (shown?.bid !== undefined && shown.ask !== undefined) seen = { bid: shown.bid, ask: shown.ask };
      return seen;
    },
    async setMood({ isPartial = false, isRejecting = false }) {
      rig.setFaults({ partialFillShare: isPartial ? 1 : 0, rejectedOrderShare: isRejecting ? 1 : 0 });
    },
    async open(attach) {
      client?.kill();
      opened += 1;
      client = connect(`client-${opened}`);
      const { socket } = client;
      attach(socket.broker);
      socket.start();
      await until(true);
      await timers.advance(1_000);
      return socket.broker;
    },
    async cut() {
      client?.cut();
      await until(false);
    },
    async mend() {
      client?.mend();
      await until(true);
    },
    async shut() {
      const stopped = client?.socket.stop({ settleMs: 1_000 });
      await timers.advance(2_000);
      await stopped;
    },
    async moveTo(to) {
      seen = { bid: to, ask: to.plus(seen.ask.minus(seen.bid)) };
      venue.moveTo(EURUSD, to.toNumber());
      await timers.advance(3_000);
    },
    pass: (ms) => timers.advance(ms),
    async close() {
      client?.kill();
      rig.close();
    },
  };
}

tradingBrokerContract({
  name: "cTrader",
  make,
});
