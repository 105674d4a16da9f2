/**
 * The real process, killed between the PIN and the acknowledgement: a restart finishes the login by itself.
 * Only a token that the broker gave and the vault never had is lost, and that is said.
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { MortalMorning } from "./support/mortal-morning.ts";
import { PRODUCTION, SANDBOX } from "./support/stack.ts";

const KILLS = 26;
const SEED = "between the PIN and the acknowledgement";
/** A budget of 20 logins a connection, so that one day is enough for all kills. */
const BUDGET = "tokens:\n  loginsPerDay: 20\n";
/** After so long a claim that was left behind may be taken over, and the worker has looked. */
const RECOVERED_AFTER = "PT95S";

let folder: { readonly path: string; remove(): void };
let morning: MortalMorning;

beforeEach(async () => {
  folder = makeTemporaryFolder();
  morning = await MortalMorning.open(join(folder.path, "home"), BUDGET);
});
afterEach(async () => {
  await morning.end();
  folder.remove();
});

interface Kill {
  readonly connection: string;
  /** How slowly the broker answers. */
  readonly latencyMs: number;
  /** From sending the PIN to the kill. */
  readonly delayMs: number;
}

/** Half of the kills meet a broker that answers at once, half one that takes its time. */
function drawKills(): readonly Kill[] {
  const random = createSeededRandom(SEED);
  const below = (limit: number) => Math.floor(((random.bytes(1)[0] ?? 0) / 256) * limit);
  return Array.from({ length: KILLS }, (_, index) => {
    const latencyMs = index % 4 < 2 ? 0 : 15 + below(30);
    return {
      connection: index % 2 === 0 ? PRODUCTION : SANDBOX,
      latencyMs,
      delayMs: below(latencyMs === 0 ? 45 : 40 + 3 * latencyMs),
    };
  });
}

type Fate = "not-sent" | "finished" | "token-lost";

/** Sends a PIN, kills the process, starts it again, and says what had become of the login. */
async function killWhileRenewing(kill: Kill): Promise<{ fate: Fate; wasAccepted: boolean }> {
  const { connection } = kill;
  const { generation } = (await morning.connection(connection)).token;
  const login = await morning.begin(connection);
  const pin = await morning.logIn(login);
  await morning.slowDown(kill.latencyMs);
  const versionBefore = await morning.newestVersion(connection);
  const issuedBefore = morning.issued();

  const answering = morning.enter(connection, login.id, pin);
  await wait(kill.delayMs);
  await morning.die();
  const answer = await answering;
  const hasVersion = (await morning.newestVersion(connection)) > versionBefore;
  const wasIssued = morning.issued() > issuedBefore;
  await morning.restart();
  await morning.advance(RECOVERED_AFTER);

  const after = await morning.connection(connection);
  const wasAccepted = answer?.status === 202;
  if (after.token.generation === generation + 1 && after.acknowledged)
    return { fate: "finished", wasAccepted };
  expect(after.token.generation).toBe(generation);
  if (after.authorization?.id === login.id) {
    expect((await morning.enter(connection, login.id, pin))?.status).toBe(202);
    return { fate: "not-sent", wasAccepted };
  }
  expect({ wasIssued, hasVersion }).toEqual({ wasIssued: true, hasVersion: false });
  return { fate: "token-lost", wasAccepted };
}

async function failuresTold(): Promise<number> {
  const told = (await morning.messages()).filter((one) => one.text.startsWith("❌ Renewal failed"));
  expect(told.every((one) => one.text.includes("log in at the broker again"))).toBe(true);
  return told.length;
}

async function renew(connection: string): Promise<void> {
  const login = await morning.begin(connection);
  const pin = await morning.logIn(login);
  expect((await morning.enter(connection, login.id, pin))?.status).toBe(202);
}

test("killed at any moment between the PIN and the acknowledgement, a restart finishes without a second login", async ({
  annotate,
}) => {
  const fates: Record<Fate, number> = { "not-sent": 0, finished: 0, "token-lost": 0 };

  for (const kill of drawKills()) {
    const { fate, wasAccepted } = await killWhileRenewing(kill);
    fates[fate] += 1;
    if (wasAccepted) expect(fate).toBe("finished");
    if (fate === "token-lost") await renew(kill.connection);
    expect(await failuresTold()).toBe(fates["token-lost"]);
  }
  await morning.advance("PT3M");

  const takenOver = morning.takenOver();
  await annotate(JSON.stringify({ ...fates, takenOver }));
  const all = (await morning.status()).connections;
  const connections = all.filter(({ id }) => id in morning.begun);
  expect(connections).toHaveLength(2);
  for (const { id, acknowledged, loginBudget, token } of connections) {
    expect({ id, acknowledged, used: loginBudget.used }).toEqual({
      id,
      acknowledged: true,
      used: morning.begun[id],
    });
    expect(token.generation).toBeGreaterThan(0);
  }
  const generations = connections.reduce((sum, one) => sum + one.token.generation, 0);
  expect(generations).toBe(KILLS);
  // Else no kill hit the stretch that this is about.
  expect(takenOver).toBeGreaterThan(0);
  const active = (await morning.messages()).filter((one) => one.text.includes("is active"));
  expect(active.length).toBeGreaterThanOrEqual(generations);
}, 120_000);

test("a token that dies with its process on the way from the broker ends the login with an honest message", async () => {
  const slowly = { connection: PRODUCTION, latencyMs: 5_000, delayMs: 400 };

  const { fate } = await killWhileRenewing(slowly);

  expect(fate).toBe("token-lost");
  expect(await failuresTold()).toBe(1);
  expect((await morning.connection(PRODUCTION)).token.state).toBe("missing");
  await renew(PRODUCTION);
  await morning.advance("PT31S");
  expect(await morning.connection(PRODUCTION)).toMatchObject({
    acknowledged: true,
    token: { generation: 1 },
  });
}, 30_000);
