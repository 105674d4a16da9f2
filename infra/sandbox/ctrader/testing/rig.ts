/** A simulated broker in memory, on virtual timers, and callers that speak to it frame by frame. */
import { Temporal } from "temporal-polyfill";
import type { MessageName } from "../../../../shared/brokers/ctrader/protocol/names.ts";
import type { Messages } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { createRecordedLog } from "../../../../shared/platform/local/recorded-log.ts";
import { createSeededRandom } from "../../../../shared/platform/local/seeded-random.ts";
import { createVirtualTimers, type VirtualTimers } from "../../../../shared/platform/local/virtual-timers.ts";
import { type BrokerOptions, createBroker } from "../broker.ts";
import type { Faults } from "../faults.ts";
import { FrameCutter } from "../frames.ts";
import type { Gateway } from "../gateway.ts";
import type { Scope } from "../grant-records.ts";
import { type Reading, readEnvelope, readPayload, writeFrame } from "../wire.ts";
import type { BrokerHost } from "../words.ts";

/** A Monday on which every simulated market is open. */
export const START = Temporal.Instant.from("2026-11-23T14:00:00Z");
export const DEMO_ACCOUNT = 30_100_001;
export const NETTED_ACCOUNT = 30_100_002;
export const LIVE_ACCOUNT = 40_200_001;
const REDIRECT = "http://localhost/callback";

/** A message as a client saw it. */
export interface Said {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly clientMsgId: string | undefined;
  readonly at: number;
}

export function openRig(
  options: BrokerOptions & { readonly seed?: string; readonly faults?: Partial<Faults> } = {},
) {
  const timers = createVirtualTimers();
  const { log, lines } = createRecordedLog();
  const clock = {
    now: () => START.add({ milliseconds: Math.floor(timers.now()) }),
    sleep: async () => Promise.reject(new Error("nobody sleeps on this clock")),
  };
  const random = createSeededRandom(options.seed ?? "rig");
  const broker = createBroker({ clock, timers, random, log }, options);
  if (options.faults !== undefined) broker.setFaults(options.faults);

  /** A grant as if the user had logged in and the code had been exchanged. */
  function grant(
    over: { readonly scope?: Scope; readonly accounts?: readonly number[]; readonly app?: BrokerHost } = {},
  ) {
    const { clientId } = broker.applications[over.app ?? "demo"];
    const accounts = over.accounts ?? broker.venue.accounts().map((one) => one.ctidTraderAccountId);
    const permission = {
      user: "trader",
      clientId,
      scope: over.scope ?? "trading",
      accounts: [...accounts],
    } as const;
    const code = broker.grants.issueCode(permission, { redirectUri: REDIRECT, lifeSeconds: 60 }, clock.now());
    const { accessTokenSeconds: lifeSeconds } = broker.board.faults();
    const facts = { clientId, redirectUri: REDIRECT, lifeSeconds, endsOlder: false };
    const pair = broker.grants.redeem(code, facts, clock.now());
    if (pair === undefined) throw new Error("the code was not taken");
    return pair;
  }

  return {
    ...broker,
    timers,
    clock,
    lines,
    log,
    grant,
    call: (host: BrokerHost = "demo") => openCaller(broker.gateway, timers, host),
    /** A caller whose application, and account if one is named, is authorised. */
    async enter(account?: number, token?: string) {
      const host = account === LIVE_ACCOUNT ? "live" : "demo";
      const caller = openCaller(broker.gateway, timers, host);
      caller.ask("ProtoOAApplicationAuthReq", broker.applications.demo, "app");
      if (account !== undefined) {
        const accessToken = token ?? grant().accessToken;
        caller.ask("ProtoOAAccountAuthReq", { ctidTraderAccountId: account, accessToken }, "account");
      }
      await timers.advance(0);
      return caller;
    },
  };
}

export type Rig = ReturnType<typeof openRig>;
export type Caller = ReturnType<typeof openCaller>;

const UNDRESSED = { unknownFields: false, innerPayloadType: false };

function openCaller(gateway: Gateway, timers: VirtualTimers, host: BrokerHost) {
  const cutter = new FrameCutter();
  const chunks: Uint8Array[] = [];
  const said: Said[] = [];
  const readings: Reading[] = [];
  let isClosed = false;
  const visit = gateway.accept(host, {
    send(bytes) {
      chunks.push(bytes);
      for (const frame of cutter.push(bytes).frames) take(frame);
    },
    close() {
      isClosed = true;
    },
  });

  function take(frame: Uint8Array): void {
    const envelope = readEnvelope(frame);
    if (envelope === undefined) return;
    const reading = readPayload(envelope);
    readings.push(reading);
    if (reading.kind !== "message") return;
    const { name, body } = reading.message;
    const { clientMsgId } = envelope;
    said.push({ name, body: body as Readonly<Record<string, unknown>>, clientMsgId, at: timers.now() });
  }

  return {
    chunks,
    said,
    readings,
    isClosed: () => isClosed,
    ask<N extends MessageName>(name: N, body: Messages[N], clientMsgId?: string): void {
      visit.receive(writeFrame({ name, body }, clientMsgId, UNDRESSED));
    },
    sendBytes: (bytes: Uint8Array) => visit.receive(bytes),
    hangUp: () => visit.closed(),
    of: (name: MessageName) => said.filter((one) => one.name === name),
    /** The last message that answers `clientMsgId`. */
    answer: (clientMsgId: string) => said.filter((one) => one.clientMsgId === clientMsgId).at(-1),
  };
}
