/** What leaves a connection: frames in order, disturbed as the switches say. */
import type { Timers } from "../../../shared/platform/timers.ts";
import type { Chance } from "./chance.ts";
import type { FaultBoard } from "./faults.ts";
import { frameOf } from "./frames.ts";
import type { Peer } from "./peer.ts";
import { writeEnvelope } from "./wire.ts";

/** A payload type that no schema has. */
const UNPUBLISHED_TYPE = 2_999;
const HEAD_OF_2_GB = Uint8Array.of(0x7f, 0xff, 0xff, 0xff);

export interface OutletDeps {
  readonly timers: Timers;
  readonly chance: Chance;
  readonly board: FaultBoard;
}

/** Sends frames to a peer until it is shut. */
export class Outlet {
  readonly #deps: OutletDeps;
  readonly #peer: Peer;
  readonly #onShut: () => void;
  #gathered: Uint8Array[] | undefined;
  #frames = 0;
  #isShut = false as boolean;
  #isMute = false as boolean;
  #lastAt: number;

  constructor(deps: OutletDeps, peer: Peer, onShut: () => void) {
    this.#deps = deps;
    this.#peer = peer;
    this.#onShut = onShut;
    this.#lastAt = deps.timers.now();
  }

  /** `timers.now()` of the last frame. */
  get lastAt(): number {
    return this.#lastAt;
  }

  get isShut(): boolean {
    return this.#isShut;
  }

  /** Whether the peer is not heard any more, and not told. */
  get isMute(): boolean {
    return this.#isMute;
  }

  /** From now on nothing leaves, and the peer is not told. */
  mute(): void {
    this.#isMute = true;
  }

  send(frame: Uint8Array): void {
    if (this.#isShut) return;
    const { board, timers } = this.#deps;
    const faults = board.faults();
    this.#lastAt = timers.now();
    if (this.#isMute) return;
    this.#disturb();
    if (this.#isShut) return;
    this.#write(frame);
    this.#frames += 1;
    if (faults.dropAfterFrames > 0 && this.#frames >= faults.dropAfterFrames) this.shut();
  }

  /** Closes the connection; what was gathered still goes. */
  shut(): void {
    if (this.#isShut) return;
    this.#flush();
    this.#isShut = true;
    this.#peer.close();
    this.#onShut();
  }

  #disturb(): void {
    const { chance, board } = this.#deps;
    const { garbageShare, unknownTypeShare, oversizeFrames } = board.faults();
    if (chance.of(garbageShare)) this.#write(frameOf(chance.bytes(chance.whole(1, 40))));
    if (chance.of(unknownTypeShare)) {
      const payload = Uint8Array.of(8, chance.whole(0, 127));
      this.#write(writeEnvelope({ payloadType: UNPUBLISHED_TYPE, payload, clientMsgId: undefined }));
    }
    if (oversizeFrames > 0) {
      board.turn({ oversizeFrames: oversizeFrames - 1 });
      this.#write(HEAD_OF_2_GB);
      this.shut();
    }
  }

  #write(bytes: Uint8Array): void {
    const { mergeMs } = this.#deps.board.faults();
    if (this.#gathered !== undefined) {
      this.#gathered.push(bytes);
      return;
    }
    if (mergeMs === 0) {
      this.#cut(bytes);
      return;
    }
    this.#gathered = [bytes];
    this.#deps.timers.after(mergeMs, () => this.#flush());
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = undefined;
    if (gathered !== undefined && !this.#isShut && !this.#isMute) this.#cut(Buffer.concat(gathered));
  }

  #cut(bytes: Uint8Array): void {
    const { chance, board } = this.#deps;
    const { chunkBytes } = board.faults();
    for (let at = 0; at < bytes.length; ) {
      const size = chunkBytes === 0 ? bytes.length : chance.whole(1, chunkBytes);
      this.#peer.send(bytes.subarray(at, at + size));
      at += size;
    }
  }
}
