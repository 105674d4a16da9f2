/** A dialler without a network, whose far end a test speaks: message by message, or chunk by chunk. */
import type { CtraderAddress, Dial, Link, LinkEnd, LinkEvents, LinkPeer } from "../link.ts";
import type { MessageName } from "../protocol/names.ts";
import type { Messages } from "../protocol/open-api.generated.ts";
import { frameOf, readFrame, type SentMessage } from "./wire.ts";

export const A_PEER: LinkPeer = {
  protocol: "TLSv1.3",
  certificate: { subject: "CN=localhost", issuer: "CN=Sandbox authority", validTo: "2030-01-01T00:00:00Z" },
};

/** One dialled connection, from the server's side. */
export interface ScriptedLink {
  readonly address: CtraderAddress;
  /** What the client wrote, in order, heartbeats included. */
  readonly sent: readonly SentMessage[];
  /** `sent` of one kind. */
  sentOf<N extends MessageName>(name: N): readonly Extract<SentMessage, { name: N }>[];
  /** The last one of a kind; throws where there is none. */
  lastOf<N extends MessageName>(name: N): Extract<SentMessage, { name: N }>;
  /** Whether the client closed it. */
  isClosed(): boolean;
  isEnded(): boolean;
  /** The handshake is done. */
  open(peer?: LinkPeer): void;
  /** One message in a chunk of its own. */
  say<N extends MessageName>(name: N, body: Messages[N], clientMsgId?: string): void;
  /** Any bytes as one chunk; see `frameOf`, `frameOfPayload` and `joined` in `wire.ts`. */
  sayBytes(chunk: Uint8Array): void;
  end(end: LinkEnd): void;
  /** From now on every write gives back false, until {@link ScriptedLink.drain}. */
  stopDraining(): void;
  drain(): void;
}

export interface ScriptedDialOptions {
  /** Links open by themselves, soon after they are dialled. Default true. */
  readonly opensItself?: boolean;
  /** What the server does with a message, soon after it was written. Heartbeats come here too. */
  onMessage?(message: SentMessage, link: ScriptedLink): void;
}

export interface ScriptedDial {
  readonly dial: Dial;
  /** Every connection that was dialled, the latest last. */
  readonly links: readonly ScriptedLink[];
  /** The latest; throws where nothing was dialled. */
  latest(): ScriptedLink;
}

/**
 * A `Dial` for tests. Like the real one it never calls an event inside `dial`, `write` or `close`: what follows
 * from them comes with the next turn of the promise queue, so `await timers.advance(0)` lets it happen. What
 * the test itself says (`say`, `open`, `end`, `drain`) reaches the client at once.
 */
export function createScriptedDial(options: ScriptedDialOptions = {}): ScriptedDial {
  const links: ScriptedLink[] = [];
  return {
    dial(address, events) {
      const { link, scripted } = createPair(address, events, options);
      links.push(scripted);
      if (options.opensItself !== false) queueMicrotask(() => scripted.open());
      return link;
    },
    links,
    latest() {
      const link = links.at(-1);
      if (link === undefined) throw new Error("Nothing was dialled");
      return link;
    },
  };
}

interface LinkFlags {
  opened: boolean;
  ended: boolean;
  closed: boolean;
  draining: boolean;
}

function createPair(
  address: CtraderAddress,
  events: LinkEvents,
  options: ScriptedDialOptions,
): { readonly link: Link; readonly scripted: ScriptedLink } {
  const sent: SentMessage[] = [];
  const is: LinkFlags = { opened: false, ended: false, closed: false, draining: true };

  const scripted: ScriptedLink = {
    address,
    sent,
    ...createLookup(sent),
    isClosed: () => is.closed,
    isEnded: () => is.ended,
    open(peer = A_PEER) {
      if (is.opened || is.ended || is.closed) return;
      is.opened = true;
      events.opened(peer);
    },
    say: (name, body, clientMsgId) => scripted.sayBytes(frameOf(name, body, clientMsgId)),
    sayBytes(chunk) {
      if (!is.ended && !is.closed) events.received(chunk);
    },
    end(end) {
      if (is.ended) return;
      is.ended = true;
      events.ended(end);
    },
    stopDraining() {
      is.draining = false;
    },
    drain() {
      is.draining = true;
      if (!is.ended && !is.closed) events.drained();
    },
  };
  return { link: createClientSide(scripted, sent, is, options), scripted };
}

function createLookup(sent: readonly SentMessage[]): Pick<ScriptedLink, "sentOf" | "lastOf"> {
  const sentOf = <N extends MessageName>(name: N) =>
    sent.filter((one): one is Extract<SentMessage, { name: N }> => one.name === name);
  return {
    sentOf,
    lastOf(name) {
      const last = sentOf(name).at(-1);
      if (last === undefined) throw new Error(`The client sent no ${name}`);
      return last;
    },
  };
}

function createClientSide(
  scripted: ScriptedLink,
  sent: SentMessage[],
  is: LinkFlags,
  options: ScriptedDialOptions,
): Link {
  return {
    write(bytes) {
      if (is.ended || is.closed) return false;
      if (!is.opened) throw new Error("Written to before the handshake was done");
      const message = readFrame(bytes);
      sent.push(message);
      queueMicrotask(() => options.onMessage?.(message, scripted));
      return is.draining;
    },
    close() {
      if (is.closed || is.ended) return;
      is.closed = true;
      queueMicrotask(() => scripted.end("closed-by-us"));
    },
  };
}
