import { z } from "zod";
import { choice, type Switch, share, toggle, whole } from "../switches.ts";

const blockSchema = z.strictObject({
  payloadType: z.int().min(1).max(100_000),
  retryAfterSeconds: z.int().min(1).max(86_400).default(1),
  times: z.int().min(1).max(10_000).default(1),
});

/** Switches of the sockets themselves: bytes, frames, silence and limits. */
export const CONNECTION_SWITCHES = {
  chunkBytes: whole(
    0,
    [0, 1_048_576],
    "Outgoing bytes are cut into chunks of one to so many bytes; 0 sends whole frames.",
  ),
  mergeMs: whole(0, [0, 60_000], "Outgoing bytes are gathered for so long and sent as one chunk."),
  halfOpen: choice(
    ["no", "deaf", "mute"],
    "A connection that is used while this is on accepts bytes and says nothing until it closes: what it was asked is not done (`deaf`), or is done (`mute`).",
  ),
  disconnectNow: choice(
    ["no", "silently", "told"],
    "Acts once and goes back: closes every connection, without a word or after a ClientDisconnectEvent.",
  ),
  refuseConnections: toggle("Every new connection is closed at once."),
  dropAfterFrames: whole(0, [0, 1_000_000], "A connection breaks after so many outgoing frames; 0 never."),
  dropShare: share("Share of incoming frames at which the connection breaks before they are read."),
  answerDelayMs: whole(0, [0, 600_000], "Answers wait so long."),
  answerJitterMs: whole(0, [0, 600_000], "Answers wait up to so much longer, and overtake each other."),
  silentAnswerShare: share("Share of answers, other than to orders, that never come."),
  garbageShare: share("Share of outgoing frames before which a frame of random bytes goes."),
  oversizeFrames: whole(
    0,
    [0, 1_000],
    "Before so many outgoing frames goes the head of one of 2 GB, and the connection breaks; counts down.",
  ),
  unknownTypeShare: share("Share of outgoing frames before which one of an unpublished payload type goes."),
  unknownFields: toggle(
    "Answers carry the fields that the live server sends without having published them.",
    true,
  ),
  innerPayloadType: toggle("Payloads repeat the number of their envelope; the live server leaves it out."),
  emptyClientMsgId: toggle("Events that nobody asked for bear an empty clientMsgId in place of none."),
  heartbeatSeconds: whole(
    25,
    [1, 3_600],
    "The broker sends a heartbeat after so long without a frame of its own.",
  ),
  heartbeatOff: toggle("The broker sends no heartbeats."),
  silenceSeconds: whole(
    30,
    [0, 86_400],
    "A connection on which the client is silent for so long is closed; 0 never.",
  ),
  strangerSeconds: whole(
    30,
    [0, 86_400],
    "A connection without an authorised application is closed after so long, heartbeats or not; 0 never.",
  ),
  requestsPerSecond: whole(50, [0, 1_000_000], "Requests a second and connection; 0 is no limit."),
  historyPerSecond: whole(5, [0, 1_000_000], "Historical requests a second and connection; 0 is no limit."),
  retryAfterSeconds: whole(1, [1, 86_400], "How long a payload type stays blocked that came too often."),
  rateLimitCode: choice(
    ["BLOCKED_PAYLOAD_TYPE", "REQUEST_FREQUENCY_EXCEEDED"],
    "What a request over the limit is answered with; the second one without `retryAfter`.",
  ),
  blockPayloadType: {
    schema: blockSchema.nullable(),
    initial: null as z.output<typeof blockSchema> | null,
    takes: "null or { payloadType, retryAfterSeconds, times }",
    description:
      "The next `times` requests of this number are refused by BLOCKED_PAYLOAD_TYPE; counts down to null.",
  } satisfies Switch<z.output<typeof blockSchema> | null>,
} as const;
