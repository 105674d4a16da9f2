/** A session against the simulated broker in one process: virtual time, one seed, nothing real in between. */
import { Temporal } from "temporal-polyfill";
import { type Broker, createBroker } from "../../../infra/sandbox/ctrader/broker.ts";
import { packGrant } from "../../../shared/brokers/ctrader/oauth/token.ts";
import { openChannel } from "../../../shared/brokers/ctrader/open-channel.ts";
import { openSession } from "../../../shared/brokers/ctrader/open-session.ts";
import type { CtraderSession, HeldToken } from "../../../shared/brokers/ctrader/session.ts";
import { createRecordedLog } from "../../../shared/platform/local/recorded-log.ts";
import { createSeededRandom } from "../../../shared/platform/local/seeded-random.ts";
import { createVirtualTimers, type VirtualTimers } from "../../../shared/platform/local/virtual-timers.ts";
import type { Random } from "../../../shared/platform/random.ts";
import { Secret } from "../../../shared/platform/secret.ts";
import { createPipe, type Pipe } from "./pipe.ts";

/** A Monday on which every simulated market is open. */
const START = Temporal.Instant.from("2026-11-23T14:00:00Z");
const REDIRECT = "http://localhost/callback";

export interface FaultWorld {
  readonly timers: VirtualTimers;
  readonly broker: Broker;
  readonly pipe: Pipe;
  readonly session: CtraderSession;
  readonly account: number;
  readonly random: Random;
  /** Puts a token in force that the session has not been told of. */
  rotate(): HeldToken;
  /** The token in force. */
  token(): HeldToken;
  /** The product's clock leaps ahead of the machine's time. */
  leap(ms: number): void;
  readonly lines: ReturnType<typeof createRecordedLog>["lines"];
  close(): Promise<void>;
}

export function openFaultWorld(seed: string, { isNetted = false } = {}): FaultWorld {
  const timers = createVirtualTimers();
  const { log, lines } = createRecordedLog();
  let leaptMs = 0;
  const clock = {
    now: () => START.add({ milliseconds: Math.floor(timers.now()) + leaptMs }),
    sleep: (duration: Temporal.Duration) =>
      new Promise<void>((resolve) => {
        timers.after(duration.total("milliseconds"), resolve);
      }),
  };
  const broker = createBroker(
    { clock, timers, random: createSeededRandom(`broker-${seed}`), log },
    { venue: { seed, tickMs: 1_000 } },
  );
  const account = broker.venue.accounts().find((one) => !one.isLive && one.isNetted === isNetted);
  if (account === undefined) throw new Error("the broker has no such account");
  const pipe = createPipe({
    timers,
    random: createSeededRandom(`pipe-${seed}`),
    accept: (peer) => broker.gateway.accept("demo", peer),
  });
  const address = { host: "demo.invalid", port: 5035 };
  const tokens = tokensOf(broker, clock);
  let channels = 0;
  const session = openSession(
    {
      openChannel(events) {
        channels += 1;
        return openChannel({ dial: pipe.dial, timers, log }, { address, idPrefix: `${channels}-` }, events);
      },
      timers,
      random: createSeededRandom(`session-${seed}`),
      log,
      clock,
      tokens,
    },
    {
      application: {
        clientId: broker.applications.demo.clientId,
        clientSecret: Secret.of(broker.applications.demo.clientSecret),
      },
      environment: "demo",
      account: String(account.traderLogin).slice(-4),
    },
  );
  return {
    timers,
    broker,
    pipe,
    session,
    account: account.ctidTraderAccountId,
    random: createSeededRandom(`run-${seed}`),
    rotate: tokens.rotate,
    token: tokens.held,
    leap(ms) {
      leaptMs += ms;
    },
    lines,
    async close() {
      const stopped = session.stop({ settleMs: 0 });
      await timers.advance(1_000);
      await stopped;
      broker.close();
    },
  };
}

/** The owner's tokens: one is made at first, and another when the broker refuses the one in force. */
function tokensOf(broker: Broker, clock: { now(): Temporal.Instant }) {
  let held: HeldToken | undefined;
  function grant(generation: number): HeldToken {
    const { clientId } = broker.applications.demo;
    const permission = {
      user: "trader",
      clientId,
      scope: "trading",
      accounts: broker.venue.accounts().map((one) => one.ctidTraderAccountId),
    } as const;
    const code = broker.grants.issueCode(
      { ...permission, accounts: [...permission.accounts] },
      { redirectUri: REDIRECT, lifeSeconds: 60 },
      clock.now(),
    );
    const pair = broker.grants.redeem(
      code,
      { clientId, redirectUri: REDIRECT, lifeSeconds: 2_628_000, endsOlder: false },
      clock.now(),
    );
    if (pair === undefined) throw new Error("the code was not taken");
    const token = packGrant({
      accessToken: Secret.of(pair.accessToken),
      refreshToken: Secret.of(pair.refreshToken),
      life: undefined,
    });
    return { token, generation };
  }
  function current(): HeldToken {
    held ??= grant(1);
    return held;
  }
  function rotate(): HeldToken {
    held = grant(current().generation + 1);
    return held;
  }
  return {
    held: current,
    rotate,
    current: async () => current(),
    async refused(generation: number) {
      return held?.generation === generation ? rotate() : held;
    },
  };
}
