/** The bytes of one connection to the broker, without any meaning. The real one is `tls-link.ts`. */

/** Where a broker's protobuf socket listens. */
export interface CtraderAddress {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority to trust in place of the machine's own: the sandbox's. Checks are never off. */
  readonly ca?: string;
}

/** What the handshake showed. */
export interface LinkPeer {
  /** e.g. `TLSv1.3`. */
  readonly protocol: string;
  readonly certificate: { readonly subject: string; readonly issuer: string; readonly validTo: string };
}

/** Why a link is over. Nothing that was written to it is known to have arrived. */
export type LinkEnd =
  | "closed-by-us"
  | "closed-by-peer"
  | "reset"
  | "refused"
  | "unreachable"
  | "certificate-refused"
  | "connect-timeout";

export interface LinkEvents {
  /** At most once, before anything else but `ended`. */
  opened(peer: LinkPeer): void;
  /** The chunk belongs to the receiver and is not written to again. */
  received(chunk: Uint8Array): void;
  /** After a `write` that gave back false: it takes bytes again. */
  drained(): void;
  /** Exactly once, and the last event. Never called inside `dial`, `write` or `close`. */
  ended(end: LinkEnd): void;
}

export interface Link {
  /** False: taken, but hold back until `drained`. After the end it does nothing and gives back false. */
  write(bytes: Uint8Array): boolean;
  /** Ends the link at once; `ended` follows. */
  close(): void;
}

/** Opens a link; it is given up after the adapter's connect time-out. */
export type Dial = (address: CtraderAddress, events: LinkEvents) => Link;
