/** Our trading client against our simulated E*TRADE, which were written apart from each other. */
import { Decimal } from "decimal.js";
import {
  type TradingBrokerDriver,
  tradingBrokerContract,
} from "../shared/brokers/trading-broker.contract.ts";
import { type EtradeHouse, type EtradeProcess, openEtradeHouse } from "./support/etrade-house.ts";

const SYMBOL = "KO";
const PRICE = new Decimal("70");

async function make(): Promise<TradingBrokerDriver> {
  const house: EtradeHouse = await openEtradeHouse({ isEmpty: true });
  let process: EtradeProcess | undefined;
  let bid = PRICE.minus("0.01");
  await house.move(SYMBOL, PRICE);
  const isReady = () => process?.socket.state().phase === "ready";

  return {
    instrument: SYMBOL,
    quantity: new Decimal(10),
    stride: new Decimal("0.10"),
    now: house.now,
    quote: () => ({ bid, ask: bid.plus("0.02") }),
    async setMood({ isPartial = false, isRejecting = false }) {
      house.simulator.setFaults({
        partialFillShare: isPartial ? 1 : 0,
        partialRestMs: 500,
        rejectShare: isRejecting ? 1 : 0,
      });
    },
    async open(attach) {
      process?.kill();
      process = house.open();
      attach(process.socket.broker);
      process.socket.start();
      await house.until(isReady, "ready");
      return process.socket.broker;
    },
    async cut() {
      if (process !== undefined) process.wire.isCut = true;
      await house.until(() => !isReady(), "cut off");
    },
    async mend() {
      if (process !== undefined) process.wire.isCut = false;
      await house.until(isReady, "ready again");
    },
    async shut() {
      const stopped = process?.socket.stop({ settleMs: 1_000 });
      await house.pass(2_000);
      await stopped;
    },
    async moveTo(to) {
      bid = to;
      await house.move(SYMBOL, to.plus("0.01"));
      await house.pass(5_000);
    },
    pass: house.pass,
    close: house.close,
  };
}

const NO_FIGURES = "the broker tells no figures of a close; the ledger makes them from our own fills";
const NO_LEVELS = "the broker attaches no levels; whoever trades places them as orders of their own";

tradingBrokerContract({
  name: "E*TRADE before its simulator",
  make,
  gaps: {
    "a gtd order is over when its time has come": "an order can only end with the trading day, shown below",
    "a cancelled order is not filled any more":
      "a cancel is only asked for, and the order may be filled until it is done, shown below",
    "a position is what its order bought":
      "a position is the account's in a symbol, not one order's, shown below",
    "an order that closes a part leaves the rest, and one that closes the rest ends the position": NO_FIGURES,
    "a closing fill says what it brought, by the sign of the price's way": NO_FIGURES,
    "the balance after a close is the one before with its profit and costs, and nothing else": NO_FIGURES,
    "the money that is told moves by profit and costs alone": NO_FIGURES,
    "a stop loss rests at the broker, and ends the position when it is reached": NO_LEVELS,
    "a take profit that is reached ends the position, and the stop loss with it": NO_LEVELS,
    "a position that an order closes leaves no level behind": NO_LEVELS,
    "an order that the broker refuses is rejected with the broker's code":
      "this broker's codes are numbers, shown below",
  },
});
