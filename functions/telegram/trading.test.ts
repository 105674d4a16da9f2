import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { CHAT_ID } from "../../infra/sandbox/telegram/simulator.fixture.ts";
import { configSchema } from "../../shared/config/config.ts";
import { createChatCommands } from "../../shared/console/chat-commands.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";
import { fail } from "../../shared/platform/result.ts";
import { botModes } from "../../shared/trading/bot-modes.ts";
import { createTradingControl } from "../../shared/trading/control/command-trading.ts";
import type { Notice } from "../../shared/trading/control/notices.ts";
import { kills } from "../../shared/trading/control/records.ts";
import { newAccountLedger } from "../../shared/trading/ledger/periods.ts";
import { accountLedgers } from "../../shared/trading/ledger/records.ts";
import { orders, tradingStates } from "../../shared/trading/records.ts";
import { ACCOUNT, aLot } from "../../tests/support/risk-facts.ts";
import { createNotedBus, silentLog } from "../../tests/support/token-house.ts";
import { TRADING } from "../console/testing/fake-services.ts";
import { message, startBot } from "./testing/bot-under-test.ts";
import { telegramUpdates } from "./update-ledger.ts";

/** The bot with real control of a store, and nobody who works on it. */
async function startTrading(config = configSchema.parse({})) {
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  const announced: { id: string; notice: Notice }[] = [];
  const bot = await startBot({ commands: { trade: async () => chat } });
  const { store, clock } = bot;
  const bus = createNotedBus();
  const timers = createSystemTimers();
  const control = createTradingControl({
    ...{ store, clock, bus, timers, config, newId, log: silentLog },
    audit: async () => undefined,
  });
  const chat = createChatCommands({
    ...{ store, clock, newId },
    announce: async (id, notice) => void announced.push({ id, notice }),
    control: async () => ({
      ...control,
      // Nobody confirms here: no test waits for it.
      watchKill: (id) => control.readKill(id),
    }),
    trading: async () => {
      const all = await store.get(tradingStates, "all");
      const phrase = "RESUME ALL";
      const at = "2026-11-23T13:30:00.000Z";
      const hold = { scope: "all", who: "telegram", why: "by /kill", at, resumableAt: at, phrase };
      return all === undefined || all.state === "active"
        ? TRADING
        : { ...TRADING, holds: [{ ...hold, state: all.state }] };
    },
    why: async () => fail("SCOPE_UNKNOWN", { known: "gold" }),
  });
  return Object.assign(bot, { announced, bus, control });
}
type Trading = Awaited<ReturnType<typeof startTrading>>;

async function say(bot: Trading, text: string): Promise<void> {
  bot.simulator.phone.send(text);
  await bot.simulator.settled();
}

type Shown = ReturnType<Trading["simulator"]["phone"]["messages"]>[number];

function actionOf({ buttons }: Shown): string {
  const button = buttons[0]?.[0];
  if (button === undefined || !("callbackData" in button))
    throw new Error("the message has no button of ours");
  return button.callbackData;
}

/** Taps the only button of the newest message. */
async function tap(bot: Trading): Promise<void> {
  const last = bot.simulator.phone.messages().at(-1);
  bot.simulator.phone.tap(last!.id, actionOf(last!));
  await bot.simulator.settled();
}

const stateOf = async (bot: Trading) => (await bot.store.get(tradingStates, "all"))?.state;

test("/kill halts at once and says so", async () => {
  await using bot = await startTrading();

  await say(bot, "/kill");

  expect(await stateOf(bot)).toBe("halted");
  expect(bot.texts()[0]).toContain("Everything is halted");
  expect(bot.bus.published).toEqual([{ scope: "all" }]);
});

test("/kill with a bot halts that bot, with a name nobody knows nothing, and says which there are", async () => {
  await using bot = await startTrading();

  await say(bot, "/kill gold");
  await say(bot, "/kill glod");

  expect((await bot.store.query(tradingStates)).map(({ id }) => id)).toEqual(["bot:gold"]);
  expect(bot.texts()[1]).toContain("palm-oil");
});

test.each(["kill", "/KILL", " Kill all ", "/Kill@openbell_bot"])(
  "%j is a kill too: nobody looks at capitals then",
  async (text) => {
    await using bot = await startTrading();

    await bot.post(message({ text }));

    expect(await stateOf(bot)).toBe("halted");
    expect(bot.texts()[0]).toContain("Everything is halted");
  },
);

test("a word that only begins like a kill is none", async () => {
  await using bot = await startTrading();

  await say(bot, "killer gold");

  expect(await bot.store.query(tradingStates)).toEqual([]);
});

test("/kill from another chat does nothing", async () => {
  await using bot = await startTrading();

  await bot.post(message({ chat: { id: 666, type: "private", first_name: "Eve" }, text: "/kill" }));

  expect(await stateOf(bot)).toBeUndefined();
});

test.each([
  ["asks to send less", { rateLimit: 99 }],
  ["cannot be reached", { unreachable: true }],
])("/kill halts although Telegram %s, and is not brought again for its answer", async (_title, faults) => {
  await using bot = await startTrading();
  await bot.simulator.setFaults(faults);

  const taken = await bot.post(
    message({ text: "/kill", entities: [{ type: "bot_command", offset: 0, length: 5 }] }),
  );

  expect(taken.status).toBe(200);
  expect(await stateOf(bot)).toBe("halted");
});

const KILL = message({ text: "/kill", entities: [{ type: "bot_command", offset: 0, length: 5 }] });

test("/kill halts although another process has died over the same update, and holds up no other", async () => {
  await using bot = await startTrading();
  const now = bot.clock.now();
  await bot.store.transact(async (transaction) =>
    transaction.set(telegramUpdates, "900", {
      ...{ state: "answering", claimedAt: now, expiresAt: now.add({ hours: 48 }) },
    }),
  );

  const busy = await bot.post(KILL);

  expect(busy.status).toBe(200);
  expect(await stateOf(bot)).toBe("halted");
});

test("a /kill behind a command that Telegram takes no answer to is not held up", async () => {
  await using bot = await startTrading();
  await bot.simulator.setFaults({ rateLimit: 1000, retryAfterSeconds: 30 });

  await say(bot, "/positions");
  await say(bot, "/kill");

  expect(await stateOf(bot)).toBe("halted");
  expect(bot.late.map(([, answer]) => answer)).toEqual([{ kind: "answer", text: "No position is open." }]);
});

test("a question with a button that was not sent is not brought later", async () => {
  await using bot = await startTrading();
  await bot.simulator.setFaults({ rateLimit: 1 });

  await say(bot, "/close");

  expect(bot.late.map(([, answer]) => answer)).toEqual([
    { kind: "answer", text: expect.stringContaining("Ask again.") },
  ]);
});

test("a /kill that comes twice is one kill, one answer", async () => {
  await using bot = await startTrading();

  await Promise.all([bot.post(KILL), bot.post(KILL)]);
  await bot.post(KILL);

  expect(await bot.store.query(kills)).toHaveLength(1);
  expect(bot.texts()).toHaveLength(1);
});

test("a /kill that comes again after the resume halts nothing, and says so", async () => {
  await using bot = await startTrading();
  await bot.post(KILL);
  const [kill] = await bot.store.query(kills);
  await bot.store.transact(async (transaction) => {
    const why = "it was a drill";
    transaction.set(kills, kill!.id, { ...kill!.value, isOpen: false, parts: [] });
    transaction.set(tradingStates, "all", {
      ...{ state: "active", who: { kind: "telegram" }, why, at: bot.clock.now() },
    });
    // Nobody remembers any more that it was answered.
    transaction.delete(telegramUpdates, "900");
  });

  await bot.post(KILL);

  expect(await stateOf(bot)).toBe("active");
  expect(bot.texts().at(-1)).toMatch(/has been resumed since.* halted nothing/);
});

test("a kill that a broker cannot confirm is told with the reason, and the resume with what stays halted", async () => {
  await using bot = await startTrading();

  await say(bot, "/kill");
  await bot.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));
  const [kill] = await bot.store.query(kills);
  await bot.store.transact(async (transaction) => {
    const [first, ...rest] = kill!.value.parts;
    const parts = [{ ...first!, state: "confirmed" as const }, ...rest];
    transaction.set(kills, kill!.id, { ...kill!.value, parts });
  });
  await say(bot, "RESUME ALL because it was a drill");
  await tap(bot);

  expect(bot.announced.map(({ id }) => id)).toEqual([`kill-open:${kill!.id}`]);
  expect(bot.announced[0]?.notice.lines.join()).toContain("could not be asked");
  expect(bot.texts().at(-1)).toMatch(/not everywhere.* stays halted, because .* RESUME /s);
});

test("a kill is resumed by the phrase, a reason and a tap, once the hold time is over and it is confirmed", async () => {
  await using bot = await startTrading();
  await say(bot, "/kill");
  await say(bot, "/resume");
  expect(bot.texts().at(-1)).toContain("RESUME ALL because");
  expect(bot.texts().at(-1)).toContain("It can go on in 5 minutes; answer then");
  await say(bot, "resume all because it was a drill");
  expect(bot.texts().at(-1)).toContain(
    "The hold time after the halt is not over.\nIt can go on in 5 minutes.",
  );
  expect(bot.simulator.phone.messages().at(-1)?.buttons).toEqual([]);

  await bot.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));
  await say(bot, "RESUME ALL");
  expect(bot.texts().at(-1)).toContain("why it is safe");
  await bot.store.transact(async (transaction) => {
    const [kill] = await bot.store.query(kills);
    if (kill) transaction.set(kills, kill.id, { ...kill.value, isOpen: false, parts: [] });
  });
  await say(bot, "RESUME ALL because it was a drill");
  await tap(bot);

  expect(await stateOf(bot)).toBe("active");
  expect((await bot.store.get(tradingStates, "all"))?.why).toBe("it was a drill");
  expect(bot.simulator.phone.openTaps()).toBe(0);
});

test("closing asks for a tap, and the button is good once and for a minute", async () => {
  await using bot = await startTrading();
  await bot.store.transact(async (transaction) =>
    transaction.set(accountLedgers, ACCOUNT, {
      ...newAccountLedger(ACCOUNT, bot.clock.now()),
      lots: [aLot(), aLot({ positionId: "p2", bot: undefined, clientOrderId: undefined })],
    }),
  );
  const closes = async () => (await bot.store.query(orders)).map(({ value }) => value.ticket.closes);

  await say(bot, "/close");
  expect(await closes()).toEqual([]);
  await bot.clock.advanceBy(Temporal.Duration.from({ seconds: 60 }));
  await tap(bot);
  expect(bot.texts().at(-1)).toContain("older than a minute");
  await say(bot, "/close");
  const asked = bot.simulator.phone.messages().at(-1)!;
  await tap(bot);
  bot.simulator.phone.tap(asked.id, actionOf(asked));
  await bot.simulator.settled();

  expect(await closes()).toEqual(["p1"]);
  expect(bot.texts().at(-2)).toContain("1 closing, 1 left alone");
  expect(bot.texts().at(-1)).toContain("was used already");
  expect(await stateOf(bot)).toBe("reducing");
});

test("a tap that is delivered twice closes once", async () => {
  await using bot = await startTrading();
  await bot.store.transact(async (transaction) =>
    transaction.set(accountLedgers, ACCOUNT, {
      ...newAccountLedger(ACCOUNT, bot.clock.now()),
      lots: [aLot({ bot: undefined, clientOrderId: undefined })],
    }),
  );
  await say(bot, "/close including others");
  await bot.simulator.setFaults({ deliverTwice: true });

  await tap(bot);
  for (let round = 0; round < 4; round += 1) await bot.pass(60);

  expect(await bot.store.query(orders)).toHaveLength(1);
});

/** The bot gold, live, with or without a paper account beside its own. */
function withLiveGold(hasPaper = true) {
  const config = configSchema.parse({});
  const gold = config.bots.find(({ id }) => id === "gold")!;
  const account = config.accounts.find(({ connection }) => connection === gold.connection)!;
  return {
    ...config,
    accounts: [{ ...account, mode: "live" as const }, ...(hasPaper ? [account] : [])],
    bots: [{ ...gold, mode: "live" as const }],
  };
}

/** An update that Telegram may bring as often as it likes. */
const tapOn = (shown: Shown) => ({
  update_id: 901,
  callback_query: {
    ...{ id: "tap-1", from: { id: CHAT_ID, is_bot: false, first_name: "Owner" } },
    ...{ chat_instance: "1", data: actionOf(shown) },
    message: { message_id: shown.id, date: 1, chat: { id: CHAT_ID, type: "private", first_name: "Owner" } },
  },
});

const modeOf = async (bot: Trading) => (await bot.store.get(botModes, "gold"))?.mode;

test("a switch to paper asks for a tap, and a tap that comes twice, or late after the way back, switches once", async () => {
  await using bot = await startTrading(withLiveGold());
  await say(bot, "/paper gold");
  const before = await modeOf(bot);
  const tapped = tapOn(bot.simulator.phone.messages().at(-1)!);

  await bot.post(tapped);
  await bot.simulator.settled();
  expect(bot.texts().at(-1)).toMatch(/On paper from now on: gold\..*LIVE GOLD/s);
  await bot.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));
  await say(bot, "LIVE GOLD because it is mended");
  await tap(bot);
  const back = await modeOf(bot);
  // Nobody remembers any more that it was answered.
  await bot.store.transact(async (transaction) => transaction.delete(telegramUpdates, "901"));
  await bot.post(tapped);

  expect([before, back, await modeOf(bot)]).toEqual([undefined, "live", "live"]);
  expect(bot.texts().at(-1)).toMatch(/gold brought back to live since.*switched nothing/);
});

test("the way back to live asks for the phrase, a reason, a tap and the hold time", async () => {
  await using bot = await startTrading(withLiveGold());
  await say(bot, "/paper");
  await tap(bot);
  await say(bot, "live gold");
  expect(bot.texts().at(-1)).toContain("why it is safe");
  await say(bot, "Live gold because it is mended");
  await tap(bot);

  expect(bot.texts().at(-1)).toContain("The hold time after the halt is not over.");
  expect(await modeOf(bot)).toBe("paper");
});

test("without a paper account the refusal says what to write, and that /kill stops it", async () => {
  await using bot = await startTrading(withLiveGold(false));
  await say(bot, "/paper gold");

  await tap(bot);

  expect(bot.texts().at(-1)).toMatch(/nothing was switched.*connections: ctrader-demo.*\/kill.*mode: paper/s);
  expect(await modeOf(bot)).toBeUndefined();
});

test.each([
  ["/positions", "No position is open."],
  ["/orders", "No order works."],
  ["/trades", "Nothing was closed today."],
  ["/pnl", "No account is configured."],
  ["/bots", "No bot is configured."],
  ["/why", "No bot is configured."],
  ["/why glod", "There is no account and no bot of this name."],
  ["/resume", "Everything is not stopped."],
  ["/reduce", "Everything only closes now."],
  ["/live", "No bot of everything was switched to paper."],
  ["/live glod", "There is no account and no bot of this name."],
  ["/paper glod", "There is no account and no bot of this name."],
])("%s is answered", async (text, told) => {
  await using bot = await startTrading();

  await say(bot, text);

  expect(bot.texts()[0]).toContain(told);
});
