/** A session over a real channel whose far end is scripted. */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../platform/clock.ts";
import { createVirtualTimers, type VirtualTimers } from "../../../platform/local/virtual-timers.ts";
import type { Log } from "../../../platform/log.ts";
import { Secret } from "../../../platform/secret.ts";
import type { Dial, LinkEnd } from "../link.ts";
import { packGrant } from "../oauth/token.ts";
import { openChannel } from "../open-channel.ts";
import { openSession, type SessionOptions } from "../open-session.ts";
import type { CtraderSession, HeldToken, SessionState, SessionTokens } from "../session.ts";
import { createScriptedDial, type ScriptedLink } from "./scripted-link.ts";
import { WiredServer } from "./wired-server.ts";

export const NOON_MS = Date.UTC(2026, 10, 20, 12);

/** A token as the vault holds it. */
export function heldToken(generation: number, accessToken = `access-${generation}`): HeldToken {
  const [access, refresh] = [Secret.of(accessToken), Secret.of("refresh")];
  return { generation, token: packGrant({ accessToken: access, refreshToken: refresh, life: undefined }) };
}

/** The store and the keeper behind the session. */
export class WiredTokens implements SessionTokens {
  held: HeldToken | undefined = heldToken(1);
  /** What the keeper makes of a refused token. */
  next: HeldToken | undefined;
  isKeeperHanging = false as boolean;
  readonly refusals: number[] = [];
  reads = 0;

  async current(): Promise<HeldToken | undefined> {
    this.reads += 1;
    return this.held;
  }

  async refused(generation: number): Promise<HeldToken | undefined> {
    this.refusals.push(generation);
    if (this.isKeeperHanging) return new Promise(() => {});
    if (this.held?.generation !== generation) return this.held;
    if (this.next !== undefined) this.held = this.next;
    return this.next;
  }
}

export interface WiredSession {
  readonly session: CtraderSession;
  readonly server: WiredServer;
  readonly tokens: WiredTokens;
  readonly timers: VirtualTimers;
  readonly dials: () => readonly ScriptedLink[];
  readonly link: () => ScriptedLink;
  readonly states: SessionState[];
  readonly phases: () => readonly string[];
  /** By `timers.now()`, when each connection was dialled. */
  readonly dialledAt: readonly number[];
  /** The most connections that were open at one time. */
  readonly mostOpen: () => number;
  readonly clock: Clock;
}

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {}, for: () => SILENT };

/** A session that is not started yet. `random`: what each drawn byte is, from 0 to 255. */
export function wireSession(
  options: Partial<SessionOptions> & {
    readonly opensItself?: boolean;
    /** How long a link takes to tell of its end. */
    readonly endMs?: number;
    random?(): number;
  } = {},
): WiredSession {
  const timers = createVirtualTimers();
  const server = new WiredServer(timers);
  const tokens = new WiredTokens();
  const script = createScriptedDial({ onMessage: server.hear, opensItself: options.opensItself ?? true });
  const clock: Clock = {
    now: () => Temporal.Instant.fromEpochMilliseconds(NOON_MS + Math.floor(timers.now())),
    sleep: () => Promise.reject(new Error("Nothing here sleeps on the product's clock")),
  };
  const dialledAt: number[] = [];
  const open = { now: 0, most: 0 };
  const dial: Dial = (address, events) => {
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    const ended = (end: LinkEnd) => {
      open.now -= 1;
      events.ended(end);
    };
    const { endMs = 0 } = options;
    return script.dial(address, {
      ...events,
      ended: (end) => (endMs === 0 ? ended(end) : timers.after(endMs, () => ended(end))),
    });
  };
  const session = openSession(
    {
      openChannel(events) {
        dialledAt.push(timers.now());
        const idPrefix = `c${dialledAt.length}-`;
        return openChannel({ dial, timers }, { address: { host: "h", port: 1 }, idPrefix }, events);
      },
      tokens,
      timers,
      clock,
      random: { bytes: (count) => new Uint8Array(count).fill(options.random?.() ?? 128) },
      log: SILENT,
    },
    {
      application: { clientId: "id", clientSecret: Secret.of("secret") },
      environment: "demo",
      ...options,
    },
  );
  const states: SessionState[] = [];
  session.watch((state) => states.push(state));
  return {
    session,
    server,
    tokens,
    timers,
    clock,
    states,
    dialledAt,
    mostOpen: () => open.most,
    phases: () => states.map(({ phase }) => phase),
    dials: () => script.links,
    link: () => script.latest(),
  };
}

/** A session that has become ready. */
export async function readySession(options: Parameters<typeof wireSession>[0] = {}): Promise<WiredSession> {
  const wired = wireSession(options);
  wired.session.start();
  await wired.timers.advance(5_000);
  if (wired.session.state().phase !== "ready") {
    throw new Error(`The session is ${JSON.stringify(wired.session.state())}`);
  }
  return wired;
}
