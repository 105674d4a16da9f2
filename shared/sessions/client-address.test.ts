import fc from "fast-check";
import { expect, test } from "vitest";
import { clientAddress } from "./client-address.ts";

const SOCKET = "169.254.1.1";
const ask = (trustedProxyHops: number, forwardedFor?: string, socketAddress: string | undefined = SOCKET) =>
  clientAddress({ forwardedFor, socketAddress, trustedProxyHops });

test.each([
  ["no proxy: the socket counts, whatever the header says", 0, "203.0.113.9", SOCKET],
  ["one proxy: the last entry counts", 1, "6.6.6.6, 203.0.113.9", "203.0.113.9"],
  ["two proxies: the entry before the last counts", 2, "6.6.6.6, 203.0.113.9, 198.51.100.1", "203.0.113.9"],
  ["fewer entries than proxies: the socket counts", 2, "6.6.6.6", SOCKET],
  ["no header: the socket counts", 1, undefined, SOCKET],
  ["blanks do not matter", 1, "6.6.6.6 ,  203.0.113.9 ", "203.0.113.9"],
  ["what is no address counts under one key", 1, "203.0.113.9, <script>", "unknown"],
  ["an empty entry counts under one key", 1, "203.0.113.9,", "unknown"],
  ["IPv6 counts by its first 64 bits", 1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["IPv6 is read in any spelling", 1, "2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
  ["IPv6 loopback", 1, "::1", "0:0:0:0::/64"],
  ["IPv4 inside IPv6 counts as IPv4", 1, "::ffff:203.0.113.9", "203.0.113.9"],
  ["IPv6 with a zone", 1, "fe80::1%eth0", "fe80:0:0:0::/64"],
])("%s", (_claim, hops, header, address) => {
  expect(ask(hops, header)).toBe(address);
});

test("without a socket address the key is the shared one", () => {
  expect(clientAddress({ forwardedFor: undefined, socketAddress: undefined, trustedProxyHops: 0 })).toBe(
    "unknown",
  );
});

test("nothing that a caller puts into the header changes the address our proxies saw", () => {
  const invented = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 5 });
  const proxies = fc.integer({ min: 1, max: 3 });

  fc.assert(
    fc.property(invented, fc.ipV4(), proxies, (lies, caller, hops) => {
      const appended = [caller, ...Array<string>(hops - 1).fill("198.51.100.1")];

      expect(ask(hops, [...lies, ...appended].join(", "))).toBe(caller);
    }),
  );
});

test("all addresses of one IPv6 network have one key", () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
  const half = fc.array(group, { minLength: 4, maxLength: 4 });

  fc.assert(
    fc.property(half, half, half, (network, host, otherHost) => {
      fc.pre(network.join("") !== "0000");

      expect(ask(1, [...network, ...host].join(":"))).toBe(ask(1, [...network, ...otherHost].join(":")));
      expect(ask(1, [...network, ...host].join(":"))).toBe(`${network.join(":")}::/64`);
    }),
  );
});

test("whatever the header and the socket, a key comes back and nothing is thrown", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.option(fc.string(), { nil: undefined }),
      fc.nat({ max: 4 }),
      (header, socket, hops) => {
        const key = clientAddress({ forwardedFor: header, socketAddress: socket, trustedProxyHops: hops });

        expect(key).toMatch(/^([0-9a-f:.]+(::\/64)?|unknown)$/);
      },
    ),
  );
});
