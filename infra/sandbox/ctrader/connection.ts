/** One connection to the broker: who is authorised on it, and what becomes of each frame. */
import { ORDER_REQUESTS } from "../../../shared/brokers/ctrader/protocol/names.ts";
import { answerDoor, isDoorRequest } from "./door.ts";
import { FrameCutter } from "./frames.ts";
import type { Hall } from "./hall.ts";
import { Outlet } from "./outlet.ts";
import type { Peer, Visit } from "./peer.ts";
import { RateGate } from "./rate-gate.ts";
import { isRequest } from "./requests.ts";
import { Sessions } from "./sessions.ts";
import { Speaker } from "./speaker.ts";
import type { VenueMessage } from "./venue.ts";
import { type Envelope, readEnvelope, readPayload } from "./wire.ts";
import { type Application, type BrokerHost, missingFields, REFUSALS, type Refusal } from "./words.ts";

const HEARTBEAT: VenueMessage = { name: "ProtoHeartbeatEvent", body: {} };
const ORDERS: ReadonlySet<string> = new Set(ORDER_REQUESTS);

export class Connection implements Visit {
  readonly host: BrokerHost;
  readonly number: number;
  readonly speaker: Speaker;
  readonly sessions: Sessions;
  /** Set once the application was authorised. */
  application: Application | undefined;
  /** Whether an account request was refused as a broker does right after a reconnect. */
  hasRefusedRoute = false;
  readonly #hall: Hall;
  readonly #outlet: Outlet;
  readonly #gate: RateGate;
  readonly #cutter = new FrameCutter();
  #heardAt: number;
  #isDeaf = false as boolean;
  readonly #openedAt: number;

  constructor(hall: Hall, at: { readonly host: BrokerHost; readonly number: number }, peer: Peer) {
    this.#hall = hall;
    this.host = at.host;
    this.number = at.number;
    this.#outlet = new Outlet(hall, peer, () => this.#ended());
    const place = { host: at.host, connection: at.number };
    this.speaker = new Speaker(hall, place, this.#outlet);
    this.sessions = new Sessions(hall.venue, this.speaker);
    this.#gate = new RateGate(hall.timers, hall.board);
    this.#openedAt = hall.timers.now();
    this.#heardAt = this.#openedAt;
    this.#watch();
  }

  receive(chunk: Uint8Array): void {
    if (this.#outlet.isShut) return;
    this.#heardAt = this.#hall.timers.now();
    this.#fallSilent();
    if (this.#isDeaf) return;
    const { frames, isTooLong } = this.#cutter.push(chunk);
    for (const frame of frames) {
      if (!this.#outlet.isShut) this.#takeFrame(frame);
    }
    if (isTooLong) {
      this.speaker.say({ name: "ProtoErrorRes", body: REFUSALS.tooLong }, undefined);
      this.drop();
    }
  }

  closed(): void {
    this.drop();
  }

  /** Closes the connection from the broker's side. */
  drop(): void {
    this.#outlet.shut();
  }

  /** Breaks the connection over what follows: none of its answers leave. */
  breakWhile(run: () => void): void {
    this.#outlet.mute();
    run();
    this.drop();
  }

  #ended(): void {
    this.sessions.endAll();
    this.#hall.left(this);
  }

  #fallSilent(): void {
    const { halfOpen } = this.#hall.board.faults();
    if (halfOpen === "no") return;
    this.#outlet.mute();
    if (halfOpen === "deaf") this.#isDeaf = true;
  }

  #takeFrame(frame: Uint8Array): void {
    const { chance, board, journal } = this.#hall;
    if (chance.of(board.faults().dropShare)) {
      this.drop();
      return;
    }
    const envelope = readEnvelope(frame);
    if (envelope === undefined) {
      this.speaker.refuseCommonly(REFUSALS.corrupt, undefined);
      return;
    }
    const reading = readPayload(envelope);
    const name = reading.kind === "message" ? reading.message.name : undefined;
    const { clientMsgId } = envelope;
    journal.add({
      host: this.host,
      connection: this.number,
      direction: "in",
      message: name ?? `${envelope.payloadType} ${reading.kind}`,
      ...(clientMsgId !== undefined && { clientMsgId }),
    });
    if (name === "ProtoHeartbeatEvent") return;
    const limit = this.#gate.pass(envelope.payloadType, name);
    if (limit !== undefined)
      this.#refuse(limit, envelope, reading.kind === "message" ? reading.message : undefined);
    else this.#takeReading(reading, envelope);
  }

  #takeReading(reading: ReturnType<typeof readPayload>, { clientMsgId }: Envelope): void {
    switch (reading.kind) {
      case "corrupt":
        this.speaker.refuseCommonly(REFUSALS.corrupt, clientMsgId);
        return;
      case "unknown-type":
        this.speaker.refuseCommonly(REFUSALS.unsupported, clientMsgId);
        return;
      case "missing":
        this.speaker.refuse(missingFields(reading.fields), clientMsgId);
        return;
      case "message":
        this.#takeMessage(reading.message, clientMsgId);
        return;
      default:
        reading satisfies never;
    }
  }

  #takeMessage(message: VenueMessage, clientMsgId: string | undefined): void {
    if (!isRequest(message.name)) {
      this.speaker.refuseCommonly(REFUSALS.unsupported, clientMsgId);
      return;
    }
    const maintenance = this.#hall.maintenance();
    if (maintenance !== undefined) {
      // Without an account in the request there is none to answer for, and the common error says it.
      if ("ctidTraderAccountId" in message.body) this.#refuse(maintenance, { clientMsgId }, message);
      else this.speaker.refuseCommonly(maintenance, clientMsgId);
    } else if (isDoorRequest(message)) {
      answerDoor(this.#hall, this, { message, clientMsgId });
    } else if (this.application === undefined) {
      this.#refuse(REFUSALS.appMissing, { clientMsgId }, message);
    } else {
      this.#passOn(message, clientMsgId);
    }
  }

  /** To the venue, if the account has a session here. */
  #passOn(message: VenueMessage, clientMsgId: string | undefined): void {
    const isOrder = ORDERS.has(message.name);
    const { chance, board } = this.#hall;
    const faults = board.faults();
    const account = accountOf(message);
    const session = account === undefined ? undefined : this.sessions.of(account);
    const refusal = session === undefined ? this.#hall.notAuthorized() : undefined;
    const scopeRefusal = isOrder && session?.scope === "accounts" ? this.#hall.viewOnly() : undefined;
    const refused = refusal ?? scopeRefusal;
    if (refused !== undefined || session === undefined) {
      this.#note(message, clientMsgId, "refused");
      this.#refuseAccount(refused ?? REFUSALS.accountMissing, { message, clientMsgId, isOrder });
      return;
    }
    if (isOrder && chance.of(faults.dropBeforeOrderShare)) {
      this.#note(message, clientMsgId, "connection-broken");
      this.drop();
      return;
    }
    this.#note(message, clientMsgId, "passed-on");
    if (isOrder && chance.of(faults.dropAfterOrderShare)) {
      this.breakWhile(() => session.seat.handle(message, clientMsgId));
      return;
    }
    session.seat.handle(message, clientMsgId);
  }

  #refuseAccount(
    refusal: Refusal,
    request: {
      readonly message: VenueMessage;
      readonly clientMsgId: string | undefined;
      readonly isOrder: boolean;
    },
  ): void {
    const account = accountOf(request.message);
    const isByEvent = request.isOrder && account !== undefined && this.#hall.refusesByEvent(refusal);
    if (!isByEvent) {
      this.#refuse(refusal, request, request.message);
      return;
    }
    const { errorCode, description } = refusal;
    const body = {
      errorCode,
      orderId: 0,
      positionId: 0,
      ctidTraderAccountId: account,
      ...(description !== undefined && { description }),
    };
    this.speaker.relay({ name: "ProtoOAOrderErrorEvent", body }, request.clientMsgId);
  }

  #refuse(
    refusal: Refusal,
    { clientMsgId }: { readonly clientMsgId: string | undefined },
    message: VenueMessage | undefined,
  ): void {
    this.speaker.refuse(refusal, clientMsgId, message === undefined ? undefined : accountOf(message));
  }

  #note(
    message: VenueMessage,
    clientMsgId: string | undefined,
    fate: "passed-on" | "refused" | "connection-broken",
  ): void {
    if (message.name !== "ProtoOANewOrderReq") return;
    const { clientOrderId } = message.body;
    this.#hall.journal.order({
      connection: this.number,
      ...(clientMsgId !== undefined && { clientMsgId }),
      ...(clientOrderId !== undefined && { clientOrderId }),
      fate,
    });
  }

  /** Looks every second at what has been silent for too long. */
  #watch(): void {
    const { timers, board } = this.#hall;
    timers.after(1_000, () => {
      if (this.#outlet.isShut) return;
      const now = timers.now();
      const { heartbeatSeconds, heartbeatOff, silenceSeconds, strangerSeconds } = board.faults();
      const isOver = (since: number, limit: number) => limit > 0 && now - since >= limit * 1_000;
      const isStranger = this.application === undefined && isOver(this.#openedAt, strangerSeconds);
      // A half-open connection ends for the client's own reasons only.
      if (!this.#outlet.isMute && (isStranger || isOver(this.#heardAt, silenceSeconds))) {
        this.drop();
        return;
      }
      if (!heartbeatOff && isOver(this.#outlet.lastAt, heartbeatSeconds))
        this.speaker.say(HEARTBEAT, undefined);
      this.#watch();
    });
  }
}

function accountOf(message: VenueMessage): number | undefined {
  return "ctidTraderAccountId" in message.body ? message.body.ctidTraderAccountId : undefined;
}
