import { isIP, Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { Timers } from "../../platform/timers.ts";
import type { CtraderAddress, Dial, Link, LinkEnd, LinkEvents, LinkPeer } from "./link.ts";

/** From the dialling to the end of the handshake. */
export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Dials by TLS. The certificate is always checked, against the authorities of the machine or the one that the
 * address names in their place; there is no way to leave it out. A dialled link does not keep the process alive
 * longer than its socket does.
 */
export function createTlsDial(deps: { readonly timers: Timers }): Dial {
  return (address, events) => new TlsLink(deps.timers, address, events);
}

class TlsLink implements Link {
  readonly #events: LinkEvents;
  readonly #socket: TLSSocket;
  readonly #cancelTimeout: () => void;
  #isOpen = false;
  /** Why it ends; what comes first counts. */
  #end: LinkEnd | undefined;

  constructor(timers: Timers, address: CtraderAddress, events: LinkEvents) {
    this.#events = events;
    const { host, port } = address;
    const carrier = new Carrier().connect({ host, port });
    // An order is one small frame: it must not wait for company.
    carrier.setNoDelay(true);
    carrier.on("error", (error) => this.#failed(error));
    this.#socket = connect({ ...optionsFor(address), socket: carrier });
    this.#cancelTimeout = timers.after(CONNECT_TIMEOUT_MS, () => this.#stop("connect-timeout"));
    this.#listen();
  }

  write(bytes: Uint8Array): boolean {
    return this.#end === undefined && this.#socket.write(bytes);
  }

  close(): void {
    this.#stop("closed-by-us");
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("secureConnect", () => this.#opened());
    socket.on("data", (chunk) => {
      if (this.#end === undefined) this.#events.received(chunk);
    });
    socket.on("drain", () => {
      if (this.#end === undefined) this.#events.drained();
    });
    // The peer speaks no more; that it might still listen is of no use.
    socket.on("end", () => this.#stop("closed-by-peer"));
    socket.on("error", (error) => this.#failed(error));
    // Comes once, after everything else, and never within a call to the socket.
    socket.on("close", () => {
      this.#cancelTimeout();
      this.#events.ended(this.#end ?? "closed-by-peer");
    });
  }

  #opened(): void {
    if (this.#end !== undefined) return;
    this.#cancelTimeout();
    this.#isOpen = true;
    this.#events.opened(peerOf(this.#socket));
  }

  #failed(error: Error): void {
    this.#stop(endOf(error, this.#socket, this.#isOpen));
  }

  #stop(end: LinkEnd): void {
    this.#end ??= end;
    this.#socket.destroy();
  }
}

/**
 * What carries the bytes of the TLS socket, and is closed by it. What the machine could not send yet is thrown away
 * with the connection: closed in the usual way, the machine would go on trying for minutes, and an order of a process
 * that leads no more would still arrive.
 */
class Carrier extends Socket {
  #isResetting = false;

  override destroy(error?: Error): this {
    const isOverAnyway = error !== undefined || this.connecting || this.destroyed;
    if (isOverAnyway || this.#isResetting) return super.destroy(error);
    this.#isResetting = true;
    return this.resetAndDestroy();
  }
}

function optionsFor({ host, ca }: CtraderAddress) {
  return {
    host,
    // Said aloud: an environment variable could turn the default off.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2" as const,
    // A name is asked for and checked; an address in its place is checked as an address.
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  };
}

function peerOf(socket: TLSSocket): LinkPeer {
  const certificate = socket.getPeerX509Certificate();
  const oneLine = (name: string | undefined) => (name ?? "").split("\n").join(", ");
  return {
    protocol: socket.getProtocol() ?? "",
    certificate: {
      subject: oneLine(certificate?.subject),
      issuer: oneLine(certificate?.issuer),
      validTo: certificate === undefined ? "" : new Date(certificate.validTo).toISOString(),
    },
  };
}

const UNREACHABLE: readonly string[] = [
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "ETIMEDOUT",
];

function endOf(error: NodeJS.ErrnoException, socket: TLSSocket, wasOpen: boolean): LinkEnd {
  if (wasOpen) return "reset";
  // Set where the handshake was right but for the certificate.
  if (socket.authorizationError) return "certificate-refused";
  const { code = "" } = error;
  if (code === "ECONNRESET" || code === "EPIPE") return "reset";
  if (UNREACHABLE.includes(code)) return "unreachable";
  return "refused";
}
