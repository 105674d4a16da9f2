import { afterEach, beforeEach, expect, test } from "vitest";
import {
  aBot,
  aConfig,
  BUY,
  CONNECTION,
  liveAccount,
  openTickHouse,
  PAPER,
  TEN,
  type TickHouse,
} from "../../../tests/support/tick-house.ts";
import type { Mode } from "../../config/account.ts";
import type { Store } from "../../platform/store.ts";
import { acknowledgements, tokens } from "../../tokens/records.ts";
import { botModes } from "../bot-modes.ts";

const LIVE = { account: CONNECTION, mode: "live", environment: "demo", driftMs: 40 } as const;

let house: TickHouse;
beforeEach(async () => {
  house = await openTickHouse({ bots: [aBot({ mode: "live" })] });
  await house.account(LIVE);
  await house.store.transact(async (transaction) => {
    transaction.set(tokens, CONNECTION, {
      ...{ connection: CONNECTION, generation: 2, version: 2, authorization: "a" },
      ...{ issuedAt: TEN, lastUsedAt: TEN, expiresAt: TEN.add({ hours: 24 }) },
    });
    transaction.set(acknowledgements, `${CONNECTION}:worker`, {
      ...{ connection: CONNECTION, generation: 2, version: 2, by: "worker", at: TEN },
      ...{ accounts: 1, latencyMs: 1, account: "1234" },
    });
  });
  house.script.answer = BUY;
});
afterEach(() => house.close());

const switchTo = (mode: Mode) =>
  house.store.transact(async (transaction) =>
    transaction.set(botModes, "gold", { mode, who: { kind: "page" }, why: "test", at: house.clock.now() }),
  );

function start(store: Store = house.store) {
  const paper = aConfig(house.config.bots).accounts;
  const config = { ...aConfig(house.config.bots), accounts: [...paper, liveAccount(CONNECTION)] };
  return house.start({ store, over: { config } });
}

const accounts = async () => (await house.orders()).map(({ connection }) => connection);

test.each<[string, Mode | undefined, string]>([
  ["was never switched trades where it is configured", undefined, CONNECTION],
  ["was switched trades on paper", "paper", PAPER],
  ["was brought back trades live", "live", CONNECTION],
])("a live bot that %s", async (_what, mode, account) => {
  if (mode !== undefined) await switchTo(mode);

  await start()({ bot: "gold", instant: TEN });

  expect(await accounts()).toEqual([account]);
});

test("a tick that had looked at the broker's account when its bot was switched orders on paper", async () => {
  let isSwitched = false;
  const slow: Store = {
    ...house.store,
    get: (collection, id) => house.store.get(collection, id),
    query: (collection, query) => house.store.query(collection, query),
    async transact(work) {
      if (!isSwitched) await switchTo("paper");
      isSwitched = true;
      return house.store.transact(work);
    },
  };

  const run = await start(slow)({ bot: "gold", instant: TEN });

  expect(isSwitched).toBe(true);
  expect(run).toMatchObject({ kind: "ran", record: { reason: "ORDER_PROPOSED" } });
  expect(await accounts()).toEqual([PAPER]);
});

test("a tick that comes again after the switch orders nothing more", async () => {
  await start()({ bot: "gold", instant: TEN });
  await switchTo("paper");

  const again = await start()({ bot: "gold", instant: TEN });

  expect(again.kind).toBe("ran-before");
  expect(await accounts()).toEqual([CONNECTION]);
});

test("without a paper account a switched bot orders nowhere", async () => {
  const config = { ...aConfig(house.config.bots), accounts: [liveAccount(CONNECTION)] };
  await switchTo("paper");

  const run = await house.start({ over: { config } })({ bot: "gold", instant: TEN });

  expect(run).toMatchObject({ record: { reason: "RISK_DENIED" } });
  expect(await accounts()).toEqual([]);
});
