/**
 * The reading side of the socket benchmark: this process receives the same spots by Openbell's channel and by
 * `@reiryoku/ctrader-layer`, in turn, each from a server process of its own over loopback TLS. It is started
 * with the server's authority in NODE_EXTRA_CA_CERTS, which is the only way to give it to the peer.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { openChannel } from "../shared/brokers/ctrader/open-channel.ts";
import { createTlsDial } from "../shared/brokers/ctrader/tls-link.ts";
import { createPinoLog } from "../shared/platform/local/pino-log.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import { machineMicroseconds, type SpotOrder } from "./spot-server.ts";

const HOST = "127.0.0.1";
const ROUNDS = 3;
const OUR_SPOTS = 3_000_000;
const PEER_SPOTS = 100_000;
const PACED_SPOTS = 50_000;
const PACED_PER_SECOND = 10_000;

export interface SocketFigures {
  /** Spots a second, a round each. */
  readonly ours: readonly number[];
  readonly peers: readonly number[];
  /** Growth of the resident memory over the last of our rounds, in MiB. */
  readonly grownMiB: number;
  /** From the server's write to the subscriber's call, in microseconds. */
  readonly latenciesUs: readonly number[];
}

interface Files {
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
}

/** A server process with one client on it. */
class SpotServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start({ key, certificate }: Files): Promise<SpotServer> {
    const child = fork(new URL("./spot-server.ts", import.meta.url), [key, certificate]);
    const [{ port }] = (await once(child, "message")) as [{ port: number }];
    return new SpotServer(child, port);
  }

  connected(): Promise<unknown> {
    return once(this.#child, "message");
  }

  send(order: SpotOrder): void {
    this.#child.send(order);
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** Reads by Openbell's channel; calls `spot` for each price. */
async function withChannel<R>(
  files: Files,
  work: (server: SpotServer, onSpot: (spot: (timestamp: number) => void) => void) => Promise<R>,
): Promise<R> {
  const server = await SpotServer.start(files);
  const connected = server.connected();
  const timers = createSystemTimers();
  let spot: (timestamp: number) => void = () => undefined;
  const channel = openChannel(
    { dial: createTlsDial({ timers }), timers, log: createPinoLog({ level: "error" }) },
    { address: { host: HOST, port: server.port, ca: readFileSync(files.ca, "utf8") }, idPrefix: "b-" },
    {
      opened: () => undefined,
      event: () => undefined,
      spot: (reading) => spot(reading.timestamp),
      ended: () => undefined,
    },
  );
  await connected;
  try {
    return await work(server, (given) => {
      spot = given;
    });
  } finally {
    channel.close();
    server.stop();
  }
}

function ourRate(files: Files): Promise<number> {
  return withChannel(files, async (server, onSpot) => {
    const start = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    let seen = 0;
    onSpot(() => {
      seen += 1;
      if (seen === OUR_SPOTS) resolve();
    });
    server.send({ do: "flood", spots: OUR_SPOTS });
    await promise;
    return OUR_SPOTS / ((performance.now() - start) / 1_000);
  });
}

function ourLatencies(files: Files): Promise<readonly number[]> {
  return withChannel(files, async (server, onSpot) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const latencies: number[] = [];
    onSpot((timestamp) => {
      latencies.push(machineMicroseconds() - timestamp);
      if (latencies.length === PACED_SPOTS) resolve();
    });
    server.send({ do: "pace", spots: PACED_SPOTS, perSecond: PACED_PER_SECOND });
    await promise;
    return latencies;
  });
}

interface PeerConnection {
  open(): Promise<unknown>;
  close(): void;
  on(name: string, listener: () => void): void;
}

async function peerRate(files: Files): Promise<number> {
  const layer = createRequire(import.meta.url)("@reiryoku/ctrader-layer") as {
    readonly CTraderConnection: new (address: { host: string; port: number }) => PeerConnection;
  };
  const server = await SpotServer.start(files);
  const connected = server.connected();
  const connection = new layer.CTraderConnection({ host: HOST, port: server.port });
  await connection.open();
  await connected;
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  connection.on("ProtoOASpotEvent", () => {
    seen += 1;
    if (seen === PEER_SPOTS) resolve();
  });
  const start = performance.now();
  server.send({ do: "flood", spots: PEER_SPOTS });
  await promise;
  const seconds = (performance.now() - start) / 1_000;
  connection.close();
  server.stop();
  return PEER_SPOTS / seconds;
}

async function measure(files: Files): Promise<SocketFigures> {
  const ours: number[] = [];
  const peers: number[] = [];
  let grownMiB = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    peers.push(await peerRate(files));
    const before = process.memoryUsage.rss();
    ours.push(await ourRate(files));
    grownMiB = (process.memoryUsage.rss() - before) / 1_048_576;
  }
  await ourLatencies(files);
  return { ours, peers, grownMiB, latenciesUs: await ourLatencies(files) };
}

if (import.meta.main) {
  const [key = "", certificate = "", ca = ""] = process.argv.slice(2);
  const figures = await measure({ key, certificate, ca });
  process.send?.(figures, () => process.disconnect());
}
