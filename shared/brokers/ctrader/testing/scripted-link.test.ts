import { expect, test } from "vitest";
import type { LinkEnd } from "../link.ts";
import { createScriptedDial } from "./scripted-link.ts";
import { frameOf, frameOfPayload, joined, readFrame } from "./wire.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("frames are those of the protocol, byte for byte", () => {
  const app = frameOf("ProtoOAApplicationAuthReq", { clientId: "id", clientSecret: "sec" }, "a1");

  expect(hex(frameOf("ProtoHeartbeatEvent", {}))).toBe("000000020833");
  expect(hex(app)).toBe("0000001208b4101209120269641a037365631a026131");
  expect(hex(frameOf("ProtoOAApplicationAuthRes", {}, "a1"))).toBe("0000000708b5101a026131");
  expect(readFrame(app)).toEqual({
    name: "ProtoOAApplicationAuthReq",
    body: { clientId: "id", clientSecret: "sec" },
    clientMsgId: "a1",
  });
});

test("a number as great as an id comes back as it went, and a list that is empty is a list", () => {
  const frame = frameOf("ProtoOASpotEvent", {
    ctidTraderAccountId: 1,
    symbolId: 2 ** 53 - 1,
    ask: 0,
    trendbar: [],
  });

  expect(readFrame(frame).body).toEqual({
    ctidTraderAccountId: 1,
    symbolId: 2 ** 53 - 1,
    ask: 0,
    trendbar: [],
  });
});

test("the far end hears, answers, stops taking bytes, and ends", async () => {
  const heard: string[] = [];
  const ends: LinkEnd[] = [];
  const script = createScriptedDial({
    onMessage: (_message, link) =>
      link.sayBytes(joined(frameOfPayload(9999), frameOf("ProtoHeartbeatEvent", {}))),
  });
  const link = script.dial(
    { host: "h", port: 1 },
    {
      opened: () => heard.push("opened"),
      received: (chunk) => heard.push(`${chunk.length} bytes`),
      drained: () => heard.push("drained"),
      ended: (end) => ends.push(end),
    },
  );
  const server = script.latest();
  expect(heard).toEqual([]);
  await Promise.resolve();

  expect(link.write(frameOf("ProtoHeartbeatEvent", {}))).toBe(true);
  await Promise.resolve();
  server.stopDraining();
  expect(link.write(frameOf("ProtoHeartbeatEvent", {}))).toBe(false);
  server.drain();
  link.close();
  expect(ends).toEqual([]);
  await Promise.resolve();

  expect(heard).toEqual(["opened", "13 bytes", "drained"]);
  expect(ends).toEqual(["closed-by-us"]);
  expect(server.sentOf("ProtoHeartbeatEvent")).toHaveLength(2);
  expect(link.write(frameOf("ProtoHeartbeatEvent", {}))).toBe(false);
});
