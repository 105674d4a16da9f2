import { connect as connectTcp, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { afterEach, expect, test, vi } from "vitest";
import { createSystemTimers } from "../../platform/local/system-timers.ts";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { Timers } from "../../platform/timers.ts";
import type { CtraderAddress, Link, LinkEnd, LinkPeer } from "./link.ts";
import { createTestAuthority, type ServerCertificate } from "./testing/certificates.ts";
import { createTlsDial } from "./tls-link.ts";

const authority = await createTestAuthority(Date.now());
const good = await authority.issue(["localhost", "127.0.0.1"]);

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
  vi.unstubAllEnvs();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  opened.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A TLS server, and the next connection that it gets. */
async function serve(certificate: ServerCertificate, options: TlsOptions = {}) {
  const { promise: connection, resolve } = Promise.withResolvers<TLSSocket>();
  const server = createServer({ ...certificate, ...options }, (socket) => {
    socket.on("error", () => {});
    resolve(socket);
  });
  server.on("tlsClientError", () => {});
  return { port: await listen(server), connection, server };
}

function dial(
  address: Partial<CtraderAddress> & { readonly port: number },
  timers: Timers = createSystemTimers(),
) {
  const peer = Promise.withResolvers<LinkPeer>();
  const ended = Promise.withResolvers<LinkEnd>();
  const events: string[] = [];
  const chunks: Uint8Array[] = [];
  const waiting: { bytes: number; resolve(): void }[] = [];
  const drains: (() => void)[] = [];
  const received = () => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const link: Link = createTlsDial({ timers })(
    { host: "localhost", ca: authority.ca, ...address },
    {
      opened(value) {
        events.push("opened");
        peer.resolve(value);
      },
      received(chunk) {
        chunks.push(chunk);
        for (const one of waiting) if (received() >= one.bytes) one.resolve();
      },
      drained() {
        for (const resolve of drains.splice(0)) resolve();
      },
      ended(end) {
        events.push(`ended ${end}`);
        ended.resolve(end);
      },
    },
  );
  opened.push(link);
  return {
    link,
    events,
    peer: peer.promise,
    ended: ended.promise,
    bytes: () => Buffer.concat(chunks),
    receivedAtLeast: (bytes: number) =>
      new Promise<void>((resolve) => {
        if (received() >= bytes) resolve();
        else waiting.push({ bytes, resolve });
      }),
    drained: () =>
      new Promise<void>((resolve) => {
        drains.push(resolve);
      }),
  };
}

test.each(["localhost", "127.0.0.1"])(
  "a server at %s with a certificate of the named authority opens",
  async (host) => {
    const { port, connection } = await serve(good);

    const client = dial({ host, port });
    const peer = await client.peer;
    const server = await connection;

    expect(peer.protocol).toBe("TLSv1.3");
    expect(peer.certificate).toMatchObject({ subject: "CN=Test server", issuer: "CN=Test authority" });
    expect(Date.parse(peer.certificate.validTo)).toBeGreaterThan(Date.now());
    expect(server.servername).toBe(host === "localhost" ? "localhost" : false);
    expect(client.link.write(Uint8Array.of(1, 2, 3))).toBe(true);
    server.on("data", (chunk) => server.write(Buffer.concat([chunk, chunk])));
    await client.receivedAtLeast(6);
    expect([...client.bytes()]).toEqual([1, 2, 3, 1, 2, 3]);
  },
);

test.each([
  [
    "of another authority",
    async () => ({ by: await (await createTestAuthority(Date.now())).issue(["localhost"]) }),
  ],
  ["for another name", async () => ({ by: await authority.issue(["elsewhere.test"]) })],
  ["that has run out", async () => ({ by: await authority.issue(["localhost"], -1) })],
  ["that the machine does not know, without a named authority", async () => ({ by: good, ca: undefined })],
])("a certificate %s is refused, whatever the environment says", async (_what, prepare) => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  const { by, ...over } = (await prepare()) as { by: ServerCertificate; ca?: undefined };
  const { port } = await serve(by);

  const client = dial({ port, ...(over as object) });

  expect(await client.ended).toBe("certificate-refused");
  expect(client.events).toEqual(["ended certificate-refused"]);
});

test("an authority that cannot be read is trusted with nothing", async () => {
  const { port } = await serve(good);

  const client = dial({ port, ca: "no certificate" });

  expect(await client.ended).toBe("certificate-refused");
});

test("a peer that accepts and says nothing is given up after ten seconds, once", async () => {
  const timers = createVirtualTimers();
  const port = await listen(createTcpServer());

  const client = dial({ port }, timers);
  await timers.advance(9999);
  expect(client.events).toEqual([]);
  await timers.advance(1);

  expect(await client.ended).toBe("connect-timeout");
  await timers.advance(60_000);
  expect(client.events).toEqual(["ended connect-timeout"]);
  expect(timers.pending()).toBe(0);
});

test("an open link has no time limit any more", async () => {
  const timers = createVirtualTimers();
  const { port } = await serve(good);

  const client = dial({ port }, timers);
  await client.peer;

  expect(timers.pending()).toBe(0);
});

test("a closed door, a door to nowhere and a door that does not speak TLS are told apart", async () => {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const plain = await listen(createTcpServer((socket) => void socket.end("220 hello\r\n")));

  expect(await dial({ port }).ended).toBe("refused");
  expect(await dial({ host: "no-such-host.invalid", port }).ended).toBe("unreachable");
  expect(await dial({ port: plain }).ended).toBe("refused");
});

test("a connection that is cut off ends as reset, during the handshake or later", async () => {
  const early = await listen(
    createTcpServer((socket) => void socket.once("data", () => socket.resetAndDestroy())),
  );
  const { port, server } = await serve(good);
  const raw = new Promise<Socket>((resolve) => server.on("connection", resolve));

  expect(await dial({ port: early }).ended).toBe("reset");
  const client = dial({ port });
  await client.peer;
  (await raw).resetAndDestroy();
  client.link.write(new Uint8Array(10));

  expect(await client.ended).toBe("reset");
  expect(client.events).toEqual(["opened", "ended reset"]);
});

test("a peer that stops speaking but keeps listening has ended the link", async () => {
  const { port, connection } = await serve(good, { allowHalfOpen: true });
  const client = dial({ port });
  await client.peer;

  (await connection).end();

  expect(await client.ended).toBe("closed-by-peer");
  expect(client.link.write(Uint8Array.of(1))).toBe(false);
});

test("a peer that has stopped speaking ends the link even while bytes for it are left", async () => {
  const { port, connection } = await serve(good, { allowHalfOpen: true });
  const client = dial({ port });
  await client.peer;
  const server = await connection;
  server.pause();
  while (client.link.write(new Uint8Array(256 * 1024)));

  server.end();

  expect(await client.ended).toBe("closed-by-peer");
});

test("of two reasons to end the first one counts", async () => {
  let expire = () => {};
  const timers: Timers = {
    now: () => 0,
    after(_ms, run) {
      expire = run;
      return () => {};
    },
  };
  const client = dial({ port: await listen(createTcpServer()) }, timers);

  expire();
  client.link.close();

  expect(await client.ended).toBe("connect-timeout");
});

test("closing destroys the socket at once, says so later, and once", async () => {
  const { port, connection } = await serve(good);
  const client = dial({ port });
  await client.peer;
  const server = await connection;
  const closed = new Promise((resolve) => server.once("close", resolve));

  client.link.close();
  client.link.close();
  expect(client.events).toEqual(["opened"]);
  expect(client.link.write(Uint8Array.of(1))).toBe(false);

  expect(await client.ended).toBe("closed-by-us");
  await closed;
  expect(client.events).toEqual(["opened", "ended closed-by-us"]);
});

test("what the machine holds and has not sent when the link is closed does not arrive later", async () => {
  const target = await serve(good);
  const road = { arrived: 0 };
  const { promise: blocked, resolve } = Promise.withResolvers<Socket>();
  const way = createTcpServer((near) => {
    const far = connectTcp({ host: "127.0.0.1", port: target.port });
    near.on("data", (chunk) => {
      road.arrived += chunk.length;
      far.write(chunk);
    });
    near.on("error", () => far.destroy());
    near.on("close", () => far.destroy());
    far.on("data", (chunk) => near.write(chunk));
    far.on("error", () => {});
    resolve(near);
  });
  const client = dial({ port: await listen(way) });
  // What the machine has received and nobody has read would itself reset the connection.
  (await target.connection).write(Uint8Array.of(1));
  await client.receivedAtLeast(1);
  const near = await blocked;
  near.pause();
  let written = 0;
  while (client.link.write(new Uint8Array(8_000))) {
    written += 8_000;
    await new Promise((turn) => setImmediate(turn));
  }
  const before = road.arrived;

  client.link.close();
  await client.ended;
  near.resume();
  await new Promise((end) => near.once("close", end));

  expect(written).toBeGreaterThan(500_000);
  // Without the reset all of it comes.
  expect(road.arrived - before).toBeLessThan(written / 2);
});

test("closing before the handshake is over ends it the same way", async () => {
  const { port } = await serve(good);
  const client = dial({ port });

  client.link.close();

  expect(client.events).toEqual([]);
  expect(await client.ended).toBe("closed-by-us");
  expect(client.events).toEqual(["ended closed-by-us"]);
});

test("megabytes go both ways whole, and the writer is told to hold back and to go on", async () => {
  const { port, connection } = await serve(good);
  const client = dial({ port });
  await client.peer;
  const server = await connection;
  const total = 8 * 1024 * 1024;
  const frame = Uint8Array.from({ length: 64 * 1024 }, (_value, at) => at % 251);
  server.on("data", (chunk) => server.write(chunk));
  server.pause();

  let pauses = 0;
  let written = 0;
  while (written < total) {
    const takesMore = client.link.write(frame);
    written += frame.length;
    if (takesMore) continue;
    pauses += 1;
    const drained = client.drained();
    server.resume();
    await drained;
  }
  await client.receivedAtLeast(total);

  expect(pauses).toBeGreaterThan(1);
  expect(client.bytes().length).toBe(total);
  const wrong = client.bytes().findIndex((byte, at) => byte !== (at % frame.length) % 251);
  expect(wrong).toBe(-1);
});
