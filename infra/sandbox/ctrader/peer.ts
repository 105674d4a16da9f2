/** The far end of a connection, as a socket or a test gives it. */
export interface Peer {
  /** In order. Must not call back. */
  send(bytes: Uint8Array): void;
  /** What was sent before still arrives. */
  close(): void;
}

/** A connection, as a socket or a test drives it. */
export interface Visit {
  receive(chunk: Uint8Array): void;
  /** The peer is gone. */
  closed(): void;
}
