/** What it costs to read one price: envelope and spot, by the means of three clients. */
import { strictEqual } from "node:assert/strict";
import { createRequire } from "node:module";
import { emptyEnvelope, readEnvelope } from "../shared/brokers/ctrader/protocol/envelope.ts";
import { encodeRequest } from "../shared/brokers/ctrader/protocol/message-reader.ts";
import { typeOf } from "../shared/brokers/ctrader/protocol/schema.ts";
import { emptySpotReading, readSpot } from "../shared/brokers/ctrader/protocol/spot-reader.ts";

export const DECODERS = ["openbell", "protobufjs", "ctrader-layer"] as const;
export type DecoderName = (typeof DECODERS)[number];

/** Nanoseconds a price, the median of the rounds. */
export type DecodeCosts = Readonly<Record<DecoderName, number>>;

export interface DecodeOptions {
  /** Default 15. */
  readonly rounds?: number;
  /** How many prices each client reads in a round, by its speed. */
  readonly prices?: Readonly<Record<DecoderName, number>>;
}

const PRICES = { openbell: 400_000, protobufjs: 60_000, "ctrader-layer": 4_000 };
const FRAMES = 1_024;
const LENGTH_BYTES = 4;

/** Reads the envelope's bytes `count` times and gives back the sum of the bids, so that no reading can be left out. */
type Run = (envelopes: readonly Buffer[], count: number) => number;

/** Measures the three in turn, each round in another order. Throws where they do not read the same. */
export function measureDecode({ rounds = 15, prices = PRICES }: DecodeOptions = {}): DecodeCosts {
  const envelopes = someSpots();
  const runs: Readonly<Record<DecoderName, Run>> = {
    openbell: openbellRun(),
    protobufjs: protobufjsRun(),
    "ctrader-layer": layerRun(),
  };
  const sum = runs.openbell(envelopes, FRAMES);
  for (const name of DECODERS) strictEqual(runs[name](envelopes, FRAMES), sum, `${name} reads another price`);

  const costs: Record<DecoderName, number[]> = { openbell: [], protobufjs: [], "ctrader-layer": [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [index] of DECODERS.entries()) {
      const name = DECODERS[(index + round) % DECODERS.length] ?? "openbell";
      const count = prices[name];
      const start = process.hrtime.bigint();
      runs[name](envelopes, count);
      costs[name].push(Number(process.hrtime.bigint() - start) / count);
    }
  }
  return {
    openbell: median(costs.openbell),
    protobufjs: median(costs.protobufjs),
    "ctrader-layer": median(costs["ctrader-layer"]),
  };
}

/** As the live server sends them: without the inner payload type, most with one side only. */
function someSpots(): readonly Buffer[] {
  return Array.from({ length: FRAMES }, (_, index) => {
    const sides = [
      { bid: 111_968 + index },
      { ask: 111_970 + index },
      { bid: 111_960 + index, ask: 111_971 + index },
    ];
    const frame = encodeRequest("ProtoOASpotEvent", {
      ctidTraderAccountId: 1_000_001,
      symbolId: 1 + (index % 300),
      ...sides[index % sides.length],
      trendbar: [],
      timestamp: 1_600_000_000_000 + 250 * index,
    });
    return Buffer.from(frame.subarray(LENGTH_BYTES));
  });
}

function openbellRun(): Run {
  const envelope = emptyEnvelope();
  const reading = emptySpotReading();
  return (envelopes, count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      const bytes = envelopes[index % FRAMES] as Buffer;
      readEnvelope(bytes, 0, bytes.length, envelope);
      readSpot(bytes, envelope.payloadStart, envelope.payloadEnd, reading);
      sum += reading.bid;
    }
    return sum;
  };
}

function protobufjsRun(): Run {
  const envelopeType = typeOf("ProtoMessage");
  const spotType = typeOf("ProtoOASpotEvent");
  return (envelopes, count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      const bytes = envelopes[index % FRAMES] as Buffer;
      const { payload } = envelopeType.decode(bytes) as unknown as { readonly payload: Uint8Array };
      const spot = spotType.decode(payload) as unknown as { readonly bid: { readonly low: number } };
      sum += spot.bid.low;
    }
    return sum;
  };
}

interface LayerReader {
  load(): void;
  build(): void;
  decode(bytes: Buffer): { readonly payload: { encodeJSON(): string } };
}

/** Its own classes and its own .proto files, in the steps that its connection takes for each message. */
function layerRun(): Run {
  const require = createRequire(import.meta.url);
  const home = "@reiryoku/ctrader-layer";
  const { CTraderProtobufReader } = require(`${home}/build/src/core/protobuf/CTraderProtobufReader.js`) as {
    readonly CTraderProtobufReader: new (files: readonly { readonly file: string }[]) => LayerReader;
  };
  const files = ["OpenApiCommonMessages.proto", "OpenApiMessages.proto"];
  const reader = new CTraderProtobufReader(
    files.map((name) => ({ file: require.resolve(`${home}/protobuf/${name}`) })),
  );
  reader.load();
  reader.build();
  return (envelopes, count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      const { payload } = reader.decode(envelopes[index % FRAMES] as Buffer);
      const spot = JSON.parse(payload.encodeJSON()) as { readonly bid: string | number | null };
      sum += Number(spot.bid ?? 0);
    }
    return sum;
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

if (import.meta.main) {
  const costs = measureDecode();
  for (const name of DECODERS) {
    const ratio = (costs[name] / costs.openbell).toFixed(1);
    process.stdout.write(`${name.padEnd(14)} ${costs[name].toFixed(0).padStart(7)} ns   x ${ratio}\n`);
  }
}
