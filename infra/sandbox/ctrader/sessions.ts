import type { Scope } from "./grant-records.ts";
import type { Speaker } from "./speaker.ts";
import type { Venue, VenueSeat } from "./venue.ts";

/** An account that is authorised on a connection. */
export interface AccountSession {
  readonly ctidTraderAccountId: number;
  /** The derived name of the access token that it was authorised with. */
  readonly accessId: string;
  readonly scope: Scope;
  readonly seat: VenueSeat;
}

/** The accounts of one connection. */
export class Sessions {
  readonly #venue: Venue;
  readonly #speaker: Speaker;
  readonly #open = new Map<number, AccountSession>();

  constructor(venue: Venue, speaker: Speaker) {
    this.#venue = venue;
    this.#speaker = speaker;
  }

  of(ctidTraderAccountId: number): AccountSession | undefined {
    return this.#open.get(ctidTraderAccountId);
  }

  /** Opens a session, in place of one that the account has here. */
  open(ctidTraderAccountId: number, facts: { readonly accessId: string; readonly scope: Scope }): void {
    const before = this.#open.get(ctidTraderAccountId);
    const seat =
      before?.seat ??
      this.#venue.sit(ctidTraderAccountId, {
        send: (message, clientMsgId) => this.#speaker.relay(message, clientMsgId),
      });
    this.#open.set(ctidTraderAccountId, { ctidTraderAccountId, ...facts, seat });
  }

  /** Ends a session without a word; false when there is none. */
  end(ctidTraderAccountId: number): boolean {
    const found = this.#open.get(ctidTraderAccountId);
    this.#open.delete(ctidTraderAccountId);
    found?.seat.leave();
    return found !== undefined;
  }

  endAll(): void {
    for (const account of [...this.#open.keys()]) this.end(account);
  }

  /** Accounts whose session was opened with one of these tokens; with all of them when none are named. */
  openedWith(accessIds: readonly string[] | undefined): readonly number[] {
    return [...this.#open.values()]
      .filter(({ accessId }) => accessIds === undefined || accessIds.includes(accessId))
      .map(({ ctidTraderAccountId }) => ctidTraderAccountId);
  }

  list(): readonly number[] {
    return [...this.#open.keys()];
  }
}
