/** The program that the guide shows, letter for letter, against the simulated broker over TLS. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { openAuthority } from "../infra/sandbox/ctrader/authority.ts";
import { type Broker, createBroker } from "../infra/sandbox/ctrader/broker.ts";
import { openSocketDoor } from "../infra/sandbox/ctrader/tls-edge.ts";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { silentLog } from "./support/token-house.ts";

/** A Monday on which every simulated market is open. */
const NOON = Temporal.Instant.from("2026-11-23T14:00:00Z");
const ROOT = new URL("../", import.meta.url);

/** The guide's program; as if it lay in the project's folder. */
function programOfTheGuide(): string {
  const guide = readFileSync(new URL("docs/guides/ctrader.md", ROOT), "utf8");
  const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(guide) ?? [];
  return program.replaceAll('"./shared/', `"${new URL("shared/", ROOT).href}`);
}

/** What a login at the broker's pages would have brought. */
function grantAccess({ venue, applications, grants }: Broker) {
  const account = venue.accounts().find((one) => !one.isLive && !one.isNetted);
  const { clientId } = applications.demo;
  const redirect = { redirectUri: "http://localhost/", lifeSeconds: 2_628_000 };
  const permission = { user: "trader", clientId, scope: "trading" } as const;
  const code = grants.issueCode({ ...permission, accounts: [account!.ctidTraderAccountId] }, redirect, NOON);
  const pair = grants.redeem(code, { clientId, ...redirect, endsOlder: false }, NOON);
  return { account: account!.ctidTraderAccountId, accessToken: pair!.accessToken };
}

async function run(file: string, environment: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [file], {
    cwd: fileURLToPath(ROOT),
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const code = await new Promise<number>((resolve) => child.once("close", (one) => resolve(one ?? -1)));
  return { code, said };
}

test("the guide's program connects, follows a price, buys with a stop loss, and ends", async () => {
  const folder = makeTemporaryFolder();
  const timers = createSystemTimers();
  const clock = {
    now: () => NOON.add({ milliseconds: Math.floor(timers.now()) }),
    sleep: () => Promise.reject(new Error("nobody sleeps on this clock")),
  };
  const broker = createBroker({ clock, timers, random: createSeededRandom("guide"), log: silentLog });
  const nowhere = { load: () => undefined, save: () => undefined };
  const { ca, server } = await openAuthority({ certificate: nowhere, keys: nowhere }, Date.now());
  const door = await openSocketDoor(
    { gateway: broker.gateway, log: silentLog },
    { at: "demo", host: "127.0.0.1", port: 0, certificate: server },
  );
  try {
    const { account, accessToken } = grantAccess(broker);
    const [program, caFile] = [join(folder.path, "guide.ts"), join(folder.path, "ca.pem")];
    writeFileSync(program, programOfTheGuide());
    writeFileSync(caFile, ca);

    const { code, said } = await run(program, {
      CLIENT_ID: broker.applications.demo.clientId,
      CLIENT_SECRET: broker.applications.demo.clientSecret,
      ACCESS_TOKEN: accessToken,
      PORT: String(door.port),
      CA_FILE: caFile,
    });

    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toContain("\naccepted filled placed\n");
    expect(said).toMatch(/^\d\.\d+ \d\.\d+$/m);
    const { received, positions } = broker.venue.truth(account);
    expect(Object.values(received)).toEqual([1]);
    expect(positions).toMatchObject([{ tradeData: { tradeSide: "BUY", volume: 100_000 } }]);
  } finally {
    await door.close();
    broker.close();
    folder.remove();
  }
});
