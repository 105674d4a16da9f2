/**
 * A TLS server that says nothing but spots, made ready beforehand, for the benchmark's clients. Started as a
 * process of its own with the files of its key and certificate; told what to send by its parent.
 */
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { z } from "zod";

/** What the parent asks for, on the connection that is open. */
export const orderSchema = z.discriminatedUnion("do", [
  /** As fast as the client reads. */
  z.strictObject({ do: z.literal("flood"), spots: z.int().positive() }),
  /** Evenly, each spot stamped with the machine's monotonic time in microseconds when it is written. */
  z.strictObject({ do: z.literal("pace"), spots: z.int().positive(), perSecond: z.int().positive() }),
]);
export type SpotOrder = z.output<typeof orderSchema>;

const ACCOUNT = 1_000_001;
const SYMBOL = 1;
const BATCH_SPOTS = 2_000;

/** One framed spot event with both sides, as the live server writes it: no inner payload type. */
export function spotFrame(bid: number, timestamp: number): Buffer {
  const payload = Buffer.concat([
    field(2, ACCOUNT),
    field(3, SYMBOL),
    field(4, bid),
    field(5, bid + 2),
    field(8, timestamp),
  ]);
  const envelope = Buffer.concat([field(1, 2131), Buffer.from([0x12]), varint(payload.length), payload]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(envelope.length);
  return Buffer.concat([length, envelope]);
}

function field(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** The monotonic time that two processes of one machine share. */
export function machineMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

function flood(socket: TLSSocket, spots: number): void {
  const frames = Array.from({ length: BATCH_SPOTS }, (_, at) => spotFrame(111_900 + at, 1_600_000_000_000));
  const batch = Buffer.concat(frames);
  const frameBytes = batch.length / BATCH_SPOTS;
  let left = spots;
  const more = () => {
    while (left > 0) {
      const count = Math.min(left, BATCH_SPOTS);
      left -= count;
      if (!socket.write(batch.subarray(0, count * frameBytes))) {
        socket.once("drain", more);
        return;
      }
    }
  };
  more();
}

function pace(socket: TLSSocket, { spots, perSecond }: { spots: number; perSecond: number }): void {
  const startedAt = machineMicroseconds();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(spots, Math.floor(((machineMicroseconds() - startedAt) / 1_000_000) * perSecond));
    for (; sent < due; sent += 1) socket.write(spotFrame(111_900 + (sent % 1_000), machineMicroseconds()));
    if (sent >= spots) clearInterval(timer);
  }, 1);
}

function main([keyFile = "", certificateFile = ""]: readonly string[]): void {
  let socket: TLSSocket | undefined;
  const server = createServer(
    { key: readFileSync(keyFile), cert: readFileSync(certificateFile) },
    (connected) => {
      socket = connected;
      connected.setNoDelay(true);
      connected.on("error", () => undefined).resume();
      process.send?.({ connected: true });
    },
  );
  server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on("message", (message) => {
    const order = orderSchema.parse(message);
    if (socket === undefined) throw new Error("Nobody is connected.");
    if (order.do === "flood") flood(socket, order.spots);
    else pace(socket, order);
  });
  process.once("disconnect", () => process.exit(0));
}

if (import.meta.main) main(process.argv.slice(2));
