import { expect, test } from "vitest";
import { message, startBot } from "./testing/bot-under-test.ts";
import { telegramUpdates } from "./update-ledger.ts";

test("an update that comes twice at the same moment is answered once", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ deliverTwice: true });

  bot.simulator.phone.send("/status");
  bot.simulator.phone.send("/start");
  for (let round = 0; round < 6; round += 1) await bot.pass(60);

  expect(bot.texts()).toEqual(["All is well.", "Your page"]);
});

test("an update that comes again an hour later changes nothing", async () => {
  await using bot = await startBot();
  await bot.post(message());
  await bot.pass(3600);

  const again = await bot.post(message());

  expect(again.status).toBe(200);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("a command that is a day late is answered as it is now", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ lateUpdates: 80_000 });

  bot.simulator.phone.send("/status");
  await bot.pass(80_000);

  expect(bot.texts()).toEqual(["All is well."]);
});

test("a known update is kept for 48 hours", async () => {
  await using bot = await startBot();

  await bot.post(message());

  const kept = await bot.store.get(telegramUpdates, "900");
  expect(kept?.state).toBe("answered");
  expect(kept?.expiresAt.since(bot.clock.now()).total("hours")).toBe(48);
});

test.each([
  ["cannot be reached", { unreachable: true }],
  ["asks to send less", { rateLimit: 1 }],
])(
  "when Telegram %s an answer is left for later, and holds up no update behind it",
  async (_title, faults) => {
    await using bot = await startBot();
    await bot.simulator.setFaults(faults);

    const taken = await bot.post(message());
    const again = await bot.post(message());

    expect([taken.status, again.status]).toEqual([200, 200]);
    expect(bot.late).toEqual([[900, { kind: "answer", text: "All is well." }]]);
  },
);

test("a link that is left for later is made anew then", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ rateLimit: 1 });

  bot.simulator.phone.send("/start");
  await bot.simulator.settled();

  expect(bot.late).toEqual([[expect.any(Number), { kind: "link" }]]);
});

test("an answer that may have arrived is not sent twice", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ timeoutAfterAccept: 1 });

  const first = await bot.post(message());
  const again = await bot.post(message());

  expect([first.status, again.status]).toEqual([200, 200]);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("a blocked bot does not make Telegram bring the update for a day", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ blocked: true });

  expect((await bot.post(message())).status).toBe(200);
});

test("a command that fails is a 500 without details, and is tried anew", async () => {
  let calls = 0;
  const status = async () => {
    calls += 1;
    if (calls === 1) throw new Error("the secret of the store");
    return { text: "All is well." };
  };
  await using bot = await startBot({ commands: { status } });

  const failed = await bot.post(message());
  const again = await bot.post(message());

  expect(failed.status).toBe(500);
  expect(await failed.text()).toBe("");
  expect(bot.log.lines.join()).not.toContain("the secret of the store");
  expect(again.status).toBe(200);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("an update under way in another process is asked for again, and taken over when that process has died", async () => {
  await using bot = await startBot();
  const now = bot.clock.now();
  await bot.store.transact(async (transaction) =>
    transaction.set(telegramUpdates, "900", {
      state: "answering",
      claimedAt: now,
      expiresAt: now.add({ hours: 48 }),
    }),
  );

  const busy = await bot.post(message());
  await bot.pass(60);
  const later = await bot.post(message());

  expect([busy.status, later.status]).toEqual([503, 200]);
  expect(bot.texts()).toEqual(["All is well."]);
});
