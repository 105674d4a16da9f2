/** Sits between the simulated broker's sockets and its door, and keeps what every client sent. */
import { FrameCutter } from "../../infra/sandbox/ctrader/frames.ts";
import type { Gateway } from "../../infra/sandbox/ctrader/gateway.ts";
import { classOf } from "../../infra/sandbox/ctrader/schema.ts";
import { readEnvelope, readPayload } from "../../infra/sandbox/ctrader/wire.ts";
import type { BrokerHost } from "../../infra/sandbox/ctrader/words.ts";

/** A message as it crossed the wire; what the broker says is kept by its name alone, and prices not at all. */
export interface TappedMessage {
  readonly direction: "in" | "out";
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One connection, from its handshake on. */
export interface TappedConnection {
  readonly host: BrokerHost;
  readonly messages: readonly TappedMessage[];
  /** Whether the client's end is closed. */
  readonly isClosed: boolean;
  /** Whether the client ever sent these bytes. */
  hasSent(text: string): boolean;
}

export interface WireTap extends Pick<Gateway, "accept"> {
  /** In the order in which they were opened. */
  connections(): readonly TappedConnection[];
}

const UNLISTED: ReadonlySet<string> = new Set(["ProtoOASpotEvent", "ProtoHeartbeatEvent"]);

export function openWireTap(gateway: Pick<Gateway, "accept">): WireTap {
  const all: TappedConnection[] = [];
  return {
    connections: () => all,
    accept(host, peer) {
      const messages: TappedMessage[] = [];
      const chunks: Uint8Array[] = [];
      const one = { host, messages, isClosed: false, hasSent };
      function hasSent(text: string): boolean {
        return Buffer.concat(chunks).includes(text);
      }
      all.push(one);
      const [incoming, outgoing] = [new FrameCutter(), new FrameCutter()];
      const visit = gateway.accept(host, {
        send(bytes) {
          for (const frame of outgoing.push(bytes).frames) keepName(messages, frame);
          peer.send(bytes);
        },
        close: () => peer.close(),
      });
      return {
        receive(chunk) {
          chunks.push(Buffer.from(chunk));
          for (const frame of incoming.push(chunk).frames) keepWhole(messages, frame);
          visit.receive(chunk);
        },
        closed() {
          one.isClosed = true;
          visit.closed();
        },
      };
    },
  };
}

function keepName(messages: TappedMessage[], frame: Uint8Array): void {
  const envelope = readEnvelope(frame);
  const name = envelope === undefined ? undefined : classOf(envelope.payloadType);
  if (name !== undefined && !UNLISTED.has(name)) messages.push({ direction: "out", name, body: {} });
}

function keepWhole(messages: TappedMessage[], frame: Uint8Array): void {
  const envelope = readEnvelope(frame);
  const reading = envelope === undefined ? undefined : readPayload(envelope);
  if (reading?.kind !== "message" || UNLISTED.has(reading.message.name)) return;
  const { name, body } = reading.message;
  messages.push({ direction: "in", name, body: body as Readonly<Record<string, unknown>> });
}
