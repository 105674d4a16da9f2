import { once } from "node:events";
import { connect as connectPlainly } from "node:net";
import { connect } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Authority, openAuthority } from "./authority.ts";
import { FrameCutter } from "./frames.ts";
import { DEMO_ACCOUNT, openRig, type Rig } from "./testing/rig.ts";
import { openSocketDoor, type SocketDoor } from "./tls-edge.ts";
import { readEnvelope, readPayload, writeFrame } from "./wire.ts";

const UNDRESSED = { unknownFields: false, innerPayloadType: false };
const nothing = { load: () => undefined, save: () => undefined };

let rig: Rig;
let authority: Authority;
let door: SocketDoor;
beforeEach(async () => {
  rig = openRig();
  authority = await openAuthority({ certificate: nothing, keys: nothing }, Date.now());
  door = await openSocketDoor(
    { gateway: rig.gateway, log: rig.log },
    { at: "demo", host: "127.0.0.1", port: 0, certificate: authority.server },
  );
});
afterEach(async () => {
  await door.close();
  rig.close();
});

async function dial() {
  const socket = connect({ host: "127.0.0.1", port: door.port, ca: authority.ca });
  await once(socket, "secureConnect");
  const cutter = new FrameCutter();
  const frames: Uint8Array[] = [];
  socket.on("data", (chunk) => frames.push(...cutter.push(chunk).frames));
  return {
    socket,
    async next() {
      while (frames.length === 0) await once(socket, "data");
      const envelope = readEnvelope(frames.shift() ?? new Uint8Array());
      return envelope && { ...readPayload(envelope), clientMsgId: envelope.clientMsgId };
    },
  };
}

test("a client that trusts the authority is let in over TLS, and its account is authorised", async () => {
  const { socket, next } = await dial();
  const { accessToken } = rig.grant();

  const app = { name: "ProtoOAApplicationAuthReq", body: rig.applications.demo } as const;
  socket.write(writeFrame(app, "1", UNDRESSED));
  const first = await next();
  const account = { ctidTraderAccountId: DEMO_ACCOUNT, accessToken };
  socket.write(writeFrame({ name: "ProtoOAAccountAuthReq", body: account }, "2", UNDRESSED));
  const second = await next();

  expect(first).toMatchObject({ message: { name: "ProtoOAApplicationAuthRes" }, clientMsgId: "1" });
  expect(second).toMatchObject({
    message: { name: "ProtoOAAccountAuthRes", body: { ctidTraderAccountId: DEMO_ACCOUNT } },
    clientMsgId: "2",
  });
  socket.destroy();
});

test("a client that was not told of the authority is not let in", async () => {
  const socket = connect({ host: "127.0.0.1", port: door.port });

  const [error] = await once(socket, "error");

  expect(error).toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
});

test("a client that goes is forgotten, and one that the broker drops is closed", async () => {
  const { socket } = await dial();
  const other = await dial();
  await expect.poll(() => rig.gateway.connections()).toHaveLength(2);

  socket.destroy();
  await expect.poll(() => rig.gateway.connections()).toHaveLength(1);
  const closed = once(other.socket, "close");
  rig.setFaults({ disconnectNow: "told" });
  await closed;

  expect(await other.next()).toMatchObject({ message: { name: "ProtoOAClientDisconnectEvent" } });
  expect(rig.gateway.connections()).toEqual([]);
});

test("closing ends connections that never finished their handshake", async () => {
  const socket = connectPlainly({ host: "127.0.0.1", port: door.port });
  await once(socket, "connect");
  const closed = once(socket, "close");
  socket.on("error", () => undefined);

  await door.close();
  await closed;

  expect(socket.destroyed).toBe(true);
});
