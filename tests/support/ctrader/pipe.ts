/**
 * Carries bytes between a client and a simulated broker in one process, on virtual time: late, in pieces, and
 * with cuts that lose what is under way, all by one seed.
 */
import type { Dial, LinkEnd, LinkEvents } from "../../../shared/brokers/ctrader/link.ts";
import type { Random } from "../../../shared/platform/random.ts";
import type { Timers } from "../../../shared/platform/timers.ts";

/** The broker's side of one connection. */
export interface AcceptedPeer {
  receive(chunk: Uint8Array): void;
  closed(): void;
}

export interface PipeDeps {
  readonly timers: Timers;
  readonly random: Random;
  accept(peer: { send(bytes: Uint8Array): void; close(): void }): AcceptedPeer;
}

export interface Pipe {
  readonly dial: Dial;
  /** From now on: a dial is refused. */
  setRefusing(isRefusing: boolean): void;
  /** From now on: chunks are cut at random places. */
  setSplitting(isSplitting: boolean): void;
  /** Ends every connection. What is under way is lost, on a random side of each chunk. */
  cut(): void;
  /** From now on nothing of the connections that are open arrives, and no end either. */
  freeze(): void;
  /** Connections that are open now. */
  open(): number;
  /** The most that were open at one time. */
  most(): number;
  dials(): number;
}

const LATENCY_MS = 2;
/** As the real link gives up. */
const CONNECT_TIMEOUT_MS = 10_000;

export function createPipe(deps: PipeDeps): Pipe {
  const { timers, random } = deps;
  const wires = new Set<Wire>();
  let isRefusing = false;
  let isSplitting = false;
  let most = 0;
  let dials = 0;

  /** One direction: in order, each chunk after its delay. */
  function carry(isOpen: () => boolean, arrive: (chunk: Uint8Array) => void) {
    let freeAt = 0;
    return (bytes: Uint8Array) => {
      for (const chunk of isSplitting ? split(bytes, random) : [bytes.slice()]) {
        const at = Math.max(freeAt, timers.now() + LATENCY_MS + (isSplitting ? draw(random, 20) : 0));
        freeAt = at;
        timers.after(at - timers.now(), () => {
          if (isOpen()) arrive(chunk);
        });
      }
    };
  }

  function connect(events: LinkEvents): Wire {
    let state: "open" | "frozen" | "ended" = "open";
    const isOpen = () => state === "open";
    const toClient = carry(isOpen, (chunk) => events.received(chunk));
    let peer: AcceptedPeer | undefined;
    const end = (how: LinkEnd) => {
      if (state === "ended") return;
      state = "ended";
      wires.delete(wire);
      timers.after(0, () => {
        peer?.closed();
        events.ended(how);
      });
    };
    const toServer = carry(isOpen, (chunk) => peer?.receive(chunk));
    const wire: Wire = {
      end,
      freeze: () => {
        if (state === "open") state = "frozen";
      },
      write(bytes) {
        if (state === "ended") return false;
        toServer(bytes);
        return true;
      },
    };
    const cancelPatience = timers.after(CONNECT_TIMEOUT_MS, () => wire.end("connect-timeout"));
    wires.add(wire);
    most = Math.max(most, wires.size);
    timers.after(LATENCY_MS, () => {
      if (state !== "open") return;
      cancelPatience();
      peer = deps.accept({
        send: toClient,
        // What was said before closing arrives before the end.
        close: () => timers.after(LATENCY_MS + 25, () => state === "open" && end("closed-by-peer")),
      });
      events.opened({
        protocol: "TLSv1.3",
        certificate: { subject: "simulated", issuer: "simulated", validTo: "2099-01-01" },
      });
    });
    return wire;
  }

  return {
    dial(_address, events) {
      dials += 1;
      if (isRefusing) {
        timers.after(1, () => events.ended("refused"));
        return { write: () => false, close: () => undefined };
      }
      const wire = connect(events);
      return { write: (bytes) => wire.write(bytes), close: () => wire.end("closed-by-us") };
    },
    setRefusing: (next) => {
      isRefusing = next;
    },
    setSplitting: (next) => {
      isSplitting = next;
    },
    cut: () => {
      for (const wire of [...wires]) wire.end("reset");
    },
    freeze: () => {
      for (const wire of wires) wire.freeze();
    },
    open: () => wires.size,
    most: () => most,
    dials: () => dials,
  };
}

interface Wire {
  end(how: LinkEnd): void;
  freeze(): void;
  write(bytes: Uint8Array): boolean;
}

function split(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const next = Math.min(bytes.length, at + 1 + draw(random, 40));
    pieces.push(bytes.slice(at, next));
    at = next;
  }
  return pieces;
}

/** A whole number from 0 to `below` − 1. */
export function draw(random: Random, below: number): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) % below;
}
