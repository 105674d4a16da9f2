/** A venue on virtual time, with what its seats heard. */
import { Temporal } from "temporal-polyfill";
import type { MessageName } from "../../../../../shared/brokers/ctrader/protocol/names.ts";
import type { Messages } from "../../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { createRecordedLog } from "../../../../../shared/platform/local/recorded-log.ts";
import { createSeededRandom } from "../../../../../shared/platform/local/seeded-random.ts";
import { createVirtualClock } from "../../../../../shared/platform/local/virtual-clock.ts";
import { createVirtualTimers } from "../../../../../shared/platform/local/virtual-timers.ts";
import { createVenue, type VenueOptions } from "../../open-venue.ts";
import type { VenueFaults, VenueMessage } from "../../venue.ts";
import { NO_VENUE_FAULTS } from "../faults.ts";

export const HEDGED = 30_100_001;
export const NETTED = 30_100_002;
export const VIEW_ONLY = 30_100_003;
export const EURUSD = 1;
export const USDJPY = 4;
export const XAUUSD = 41;
export const PALMOIL = 1_187;

/** A Wednesday on which everything is traded. */
export const WEDNESDAY = "2026-03-11T08:00:00Z";
export const SATURDAY = "2026-03-14T12:00:00Z";

export interface Heard {
  readonly message: VenueMessage;
  readonly clientMsgId: string | undefined;
}

export interface RigOptions extends Omit<VenueOptions, "faults"> {
  readonly start?: string;
  readonly faults?: Partial<VenueFaults>;
  /** The market's clock moves with the timers. Default: true. */
  readonly isFlowing?: boolean;
}

/** Opens a venue whose time passes when it is told to. */
export function openRig(options: RigOptions = {}) {
  const { start = WEDNESDAY, faults, isFlowing = true, ...rest } = options;
  const clock = createVirtualClock({ start: Temporal.Instant.from(start) });
  const timers = createVirtualTimers();
  const deps = { clock, timers, random: createSeededRandom("venue"), log: createRecordedLog().log };
  const venue = createVenue(deps, { ...rest, faults: { ...NO_VENUE_FAULTS, ...faults } });

  /** Both times go on, in steps that are shorter than a look at the market. */
  async function pass(ms: number, step = 10): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      const part = Math.min(step, left);
      if (isFlowing) await clock.advanceBy(Temporal.Duration.from({ milliseconds: part }));
      await timers.advance(part);
    }
  }

  function sit(ctidTraderAccountId: number) {
    const heard: Heard[] = [];
    const seat = venue.sit(ctidTraderAccountId, {
      send: (message, clientMsgId) => heard.push({ message, clientMsgId }),
    });
    let asked = 0;
    const ask = <N extends MessageName>(
      name: N,
      body: Omit<Messages[N], "ctidTraderAccountId">,
      clientMsgId = `m${++asked}`,
    ) => {
      const message = { name, body: { ctidTraderAccountId, ...body } } as unknown as VenueMessage;
      seat.handle(message, clientMsgId);
      return clientMsgId;
    };
    return {
      heard,
      ask,
      leave: () => seat.leave(),
      /** Everything heard under a name, oldest first. */
      all: <N extends MessageName>(name: N): Messages[N][] =>
        heard
          .filter(({ message }) => message.name === name)
          .map(({ message }) => message.body as Messages[N]),
      /** Asks and gives the answer, which must be the last message. */
      get<N extends MessageName>(name: MessageName, body: object, answer: N): Messages[N] {
        ask(name, body as never);
        const last = heard.at(-1)?.message;
        if (last?.name !== answer) throw new Error(`Heard ${JSON.stringify(last)} instead of ${answer}.`);
        return last.body as Messages[N];
      },
      /** The bid that stands, a plain decimal. */
      bid(symbolId: number): number {
        ask("ProtoOASubscribeSpotsReq", { symbolId: [symbolId] } as never);
        ask("ProtoOAUnsubscribeSpotsReq", { symbolId: [symbolId] } as never);
        const bids = heard.flatMap(({ message }) =>
          message.name === "ProtoOASpotEvent" ? [message.body.bid ?? 0] : [],
        );
        return (bids.at(-1) ?? 0) / 100_000;
      },
      /** The execution events as short lines, with what follows from the request marked by its id. */
      events: () =>
        heard
          .filter(({ message }) => message.name === "ProtoOAExecutionEvent")
          .map(({ message, clientMsgId }) => ({
            ...(message.body as Messages["ProtoOAExecutionEvent"]),
            clientMsgId,
          })),
    };
  }

  return { venue, clock, timers, pass, sit };
}

/** A market order as a client would send it. */
export function marketOrder(
  over: Partial<Messages["ProtoOANewOrderReq"]> = {},
): Omit<Messages["ProtoOANewOrderReq"], "ctidTraderAccountId"> {
  return { symbolId: EURUSD, orderType: "MARKET", tradeSide: "BUY", volume: 100_000, ...over };
}

export type Rig = ReturnType<typeof openRig>;
export type RigSeat = ReturnType<Rig["sit"]>;

/** A hedged account with one long position, 3,000 euros by default, and prices that stand until they are moved. */
export async function openWithPosition(
  over: Partial<Messages["ProtoOANewOrderReq"]> = {},
  options: RigOptions = {},
) {
  const rig = openRig(options);
  const seat = rig.sit(HEDGED);
  rig.venue.freeze(true);
  seat.ask("ProtoOANewOrderReq", marketOrder({ volume: 300_000, ...over }));
  await rig.pass(200);
  seat.heard.length = 0;
  const [position] = rig.venue.truth(HEDGED).positions;
  if (position === undefined) throw new Error("The position was not opened.");
  return { rig, seat, position, positionId: position.positionId };
}

/** A price of EURUSD without the dust of a sum. */
export const round = (price: number): number => Number(price.toFixed(5));

/** The execution events that a seat heard, without what they hold. */
export const kindsOf = (seat: RigSeat) =>
  seat.events().map(({ executionType, clientMsgId, isServerEvent }) => ({
    executionType,
    clientMsgId,
    isServerEvent,
  }));

/** Everything that a seat heard, as refusals; what is none has no code. */
export const refusalsOf = (seat: RigSeat) =>
  seat.heard.map(({ message }) => {
    const { errorCode, description, orderId, positionId } =
      message.body as Messages["ProtoOAOrderErrorEvent"];
    return { name: message.name, errorCode, description, orderId, positionId };
  });
