/** A client of others' making on the simulated broker: it speaks the protocol, and not only our dialect of it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { openAuthority } from "../infra/sandbox/ctrader/authority.ts";
import { createBroker } from "../infra/sandbox/ctrader/broker.ts";
import { openSocketDoor } from "../infra/sandbox/ctrader/tls-edge.ts";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { silentLog } from "./support/token-house.ts";

/** A Monday on which every simulated market is open. */
const NOON = Temporal.Instant.from("2026-11-23T14:00:00Z");

interface Seen {
  readonly list: { readonly ctidTraderAccount: readonly unknown[] };
  readonly symbols: readonly string[];
  readonly spot: { readonly bid: number; readonly ask: number };
  readonly nextSpot: object;
  readonly events: Record<"accepted" | "filled" | "protectedBy", { readonly clientMsgId?: string }>;
  readonly closing: { readonly deal: { readonly closePositionDetail: { readonly balance: number } } };
  readonly refusal: string;
}

test("ctrader-layer connects by TLS, authorises, subscribes, trades, and is told of a refusal", async () => {
  const folder = makeTemporaryFolder();
  const timers = createSystemTimers();
  const clock = {
    now: () => NOON.add({ milliseconds: Math.floor(timers.now()) }),
    sleep: () => Promise.reject(new Error("nobody sleeps on this clock")),
  };
  const broker = createBroker({ clock, timers, random: createSeededRandom("layer"), log: silentLog });
  const nowhere = { load: () => undefined, save: () => undefined };
  const { ca, server } = await openAuthority({ certificate: nowhere, keys: nowhere }, Date.now());
  const door = await openSocketDoor(
    { gateway: broker.gateway, log: silentLog },
    { at: "demo", host: "127.0.0.1", port: 0, certificate: server },
  );
  try {
    const caFile = join(folder.path, "ca.pem");
    writeFileSync(caFile, ca);
    const account = broker.venue.accounts().find((one) => !one.isLive && !one.isNetted);
    const { clientId, clientSecret } = broker.applications.demo;
    const permission = {
      user: "trader",
      clientId,
      scope: "trading",
      accounts: [account!.ctidTraderAccountId],
    } as const;
    const redirect = { redirectUri: "http://localhost/", lifeSeconds: 60 };
    const code = broker.grants.issueCode(
      { ...permission, accounts: [...permission.accounts] },
      redirect,
      NOON,
    );
    const terms = { clientId, ...redirect, lifeSeconds: 2_628_000, endsOlder: false };
    const pair = broker.grants.redeem(code, terms, NOON);
    const facts = {
      host: "127.0.0.1",
      port: door.port,
      clientId,
      clientSecret,
      accessToken: pair!.accessToken,
      ctidTraderAccountId: account!.ctidTraderAccountId,
    };

    const child = fork(
      new URL("./support/ctrader/layer-trader.cjs", import.meta.url),
      [JSON.stringify(facts)],
      {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
        stdio: ["ignore", "ignore", "ignore", "ipc"],
      },
    );
    const died = once(child, "close").then(([code]) => [
      { error: `it ended by itself with ${String(code)}` },
    ]);
    const [{ seen, error }] = (await Promise.race([once(child, "message"), died])) as [
      { seen?: Seen; error?: string },
    ];

    expect(error).toBeUndefined();
    expect(seen?.list.ctidTraderAccount).toHaveLength(1);
    expect(seen?.symbols).toEqual(expect.arrayContaining(["EURUSD", "XAUUSD"]));
    expect(Number(seen?.spot.ask)).toBeGreaterThan(Number(seen?.spot.bid));
    const { accepted, filled, protectedBy } = seen!.events;
    expect(new Set([accepted, filled, protectedBy].map((one) => one.clientMsgId)).size).toBe(1);
    const truth = broker.venue.truth(account!.ctidTraderAccountId);
    expect(truth.received).toEqual({ layer1: 1 });
    expect(truth.deals).toHaveLength(2);
    expect(Number(seen?.closing.deal.closePositionDetail.balance)).toBe(truth.balance);
    expect(seen?.refusal).toBe("CH_ACCESS_TOKEN_INVALID");
  } finally {
    await door.close();
    broker.close();
    folder.remove();
  }
});
