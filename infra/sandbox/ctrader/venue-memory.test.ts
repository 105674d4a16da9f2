import { expect, test } from "vitest";
import { DEMO_ACCOUNT, openRig } from "./testing/rig.ts";

const KEY = Buffer.alloc(32, 7);

function memory() {
  const texts = { grants: undefined as string | undefined, venue: undefined as string | undefined };
  const file = (name: keyof typeof texts) => ({
    load: () => texts[name],
    save: (text: string) => {
      texts[name] = text;
    },
  });
  const open = (key = KEY) => openRig({ storage: { ...file("grants"), key }, venueStorage: file("venue") });
  return { texts, open };
}

async function trade(rig: ReturnType<typeof openRig>) {
  const caller = await rig.enter(DEMO_ACCOUNT);
  const terms = { symbolId: 1, orderType: "MARKET", tradeSide: "BUY", volume: 100_000 } as const;
  caller.ask("ProtoOANewOrderReq", { ctidTraderAccountId: DEMO_ACCOUNT, ...terms }, "o");
  await rig.timers.advance(500);
}

test("what an account holds is there after the process has died", async () => {
  const { open } = memory();
  const first = open();
  await trade(first);
  const before = first.venue.truth(DEMO_ACCOUNT);

  const second = open();

  expect(before.positions).toHaveLength(1);
  expect(second.venue.truth(DEMO_ACCOUNT)).toEqual(before);
  first.close();
  second.close();
});

test("a broker that is closed has written down what happened just before", async () => {
  const { open } = memory();
  const first = open();
  const caller = await first.enter(DEMO_ACCOUNT);
  const terms = {
    symbolId: 1,
    orderType: "LIMIT",
    tradeSide: "BUY",
    volume: 100_000,
    limitPrice: 0.5,
  } as const;
  caller.ask("ProtoOANewOrderReq", { ctidTraderAccountId: DEMO_ACCOUNT, ...terms }, "o");
  const before = first.venue.truth(DEMO_ACCOUNT);
  first.close();

  const second = open();

  expect(before.orders).toHaveLength(1);
  expect(second.venue.truth(DEMO_ACCOUNT)).toEqual(before);
  second.close();
});

test.each([
  ["another key", { key: Buffer.alloc(32, 8) }],
  ["text that is none", { text: "{" }],
  ["another shape", { text: JSON.stringify({ version: 1, venue: 5 }) }],
] as const)("what was kept under %s is left behind with a warning", async (_, given) => {
  const { texts, open } = memory();
  const first = open();
  await trade(first);
  first.close();
  if ("text" in given) texts.venue = given.text;

  const second = open("key" in given ? given.key : KEY);

  expect(second.venue.truth(DEMO_ACCOUNT).positions).toEqual([]);
  expect(second.lines.map((one) => one.event)).toContain("simulator-state-left-behind");
  second.close();
});
