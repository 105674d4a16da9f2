import { expect, test } from "vitest";
import { type SimulatorUnderTest, startSimulator } from "./simulator.fixture.ts";

interface Polled {
  readonly update_id: number;
  readonly message: { readonly text: string };
}

async function poll(telegram: SimulatorUnderTest, params: object = {}): Promise<readonly Polled[]> {
  return (await telegram.call("getUpdates", params)).body.result as readonly Polled[];
}

const texts = (updates: readonly Polled[]) => updates.map(({ message }) => message.text);

test("updates stay until an offset confirms them", async () => {
  await using telegram = await startSimulator();
  for (const text of ["a", "b", "c"]) telegram.simulator.phone.send(text);

  const all = await poll(telegram);
  const again = await poll(telegram, { limit: 2 });
  const rest = await poll(telegram, { offset: all[1]!.update_id + 1 });
  const none = await poll(telegram, { offset: rest[0]!.update_id + 1 });

  expect([all, again, rest, none].map(texts)).toEqual([["a", "b", "c"], ["a", "b"], ["c"], []]);
});

test("a negative offset keeps the last updates and forgets those before", async () => {
  await using telegram = await startSimulator();
  for (const text of ["a", "b", "c"]) telegram.simulator.phone.send(text);

  const last = await poll(telegram, { offset: -1 });
  const after = await poll(telegram);

  expect([last, after].map(texts)).toEqual([["c"], ["c"]]);
});

test("polling is refused while a web hook is set", async () => {
  await using telegram = await startSimulator();
  await telegram.call("setWebhook", { url: "https://example.com/hook" });

  const answer = await telegram.call("getUpdates");

  expect(answer).toMatchObject({
    status: 409,
    body: { error_code: 409, description: expect.stringMatching(/^Conflict: can't use getUpdates/) },
  });
});

test("a long poll is answered as soon as the owner writes", async () => {
  await using telegram = await startSimulator();
  const polled = poll(telegram, { timeout: 50 });
  await telegram.waiting();

  telegram.simulator.phone.send("hello");

  expect(texts(await polled)).toEqual(["hello"]);
});

test("a long poll ends empty after its time, which is 50 seconds at most", async () => {
  await using telegram = await startSimulator();
  const polled = poll(telegram, { timeout: 3600 });
  await telegram.waiting();

  await telegram.pass(50);

  expect(await polled).toEqual([]);
});

test("a long poll brings an update that is held back when it is due", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ lateUpdates: 20 });
  telegram.simulator.phone.send("late");
  const polled = poll(telegram, { timeout: 50 });
  await telegram.waiting();

  await telegram.pass(20);

  expect(texts(await polled)).toEqual(["late"]);
});

test.each(["getUpdates", "setWebhook"])("a long poll is ended by another %s", async (method) => {
  await using telegram = await startSimulator();
  const polled = telegram.call("getUpdates", { timeout: 50 });
  await telegram.waiting();

  await telegram.call(method, { url: "https://example.com/hook" });

  expect(await polled).toMatchObject({
    status: 409,
    body: { description: expect.stringMatching(/terminated by other getUpdates/) },
  });
});
