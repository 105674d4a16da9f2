import { Decimal } from "decimal.js";
import { type TradingBrokerDriver, tradingBrokerContract } from "../trading-broker.contract.ts";
import type { PaperBroker } from "./open-paper-broker.ts";
import { openPaperHouse } from "./testing/paper-house.ts";

const SPREAD = new Decimal("0.0001");

async function make(): Promise<TradingBrokerDriver> {
  const house = openPaperHouse();
  let bid = new Decimal("1.1");
  let client: PaperBroker | undefined;
  const show = () => house.market.set(bid, bid.plus(SPREAD));
  show();
  return {
    instrument: "EURUSD",
    quantity: new Decimal(1_000),
    stride: new Decimal("0.01"),
    now: house.clock.now,
    quote: () => ({ bid, ask: bid.plus(SPREAD) }),
    async setMood({ isPartial = false, isRejecting = false }) {
      house.setTerms({ partialPercent: isPartial ? 100 : 0, rejectedPercent: isRejecting ? 100 : 0 });
    },
    async open(attach) {
      const next = house.make();
      attach(next);
      // Who leads now has the higher fence: whatever the one before does, it is late.
      await next.start(house.nextFence());
      client = next;
      return next;
    },
    async cut() {
      client?.drop();
    },
    async mend() {
      await client?.start(house.nextFence());
    },
    async shut() {
      await client?.stop();
    },
    async moveTo(to) {
      bid = to;
      show();
      await house.pass(3_000);
    },
    pass: house.pass,
    close: house.close,
  };
}

tradingBrokerContract({ name: "paper", make });
