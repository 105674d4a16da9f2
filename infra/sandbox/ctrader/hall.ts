import type { Clock } from "../../../shared/platform/clock.ts";
import type { Timers } from "../../../shared/platform/timers.ts";
import type { Chance } from "./chance.ts";
import type { Connection } from "./connection.ts";
import type { FaultBoard } from "./faults.ts";
import type { GrantBook } from "./grants.ts";
import type { Journal } from "./journal.ts";
import type { Venue } from "./venue.ts";
import type { Application, Refusal } from "./words.ts";

/** A person who can log in to the simulated broker. */
export interface BrokerUser {
  readonly username: string;
  readonly password: string;
}

/** What all connections share. */
export interface Hall {
  readonly clock: Pick<Clock, "now">;
  readonly timers: Timers;
  readonly chance: Chance;
  readonly board: FaultBoard;
  readonly journal: Journal;
  readonly grants: GrantBook;
  readonly venue: Venue;
  readonly applications: readonly Application[];
  readonly users: readonly BrokerUser[];
  connectionsOf(clientId: string): number;
  /** Undefined while there is none. */
  maintenance(): Refusal | undefined;
  notAuthorized(): Refusal;
  viewOnly(): Refusal;
  /** Whether an order is refused with this by the order error event (2132). */
  refusesByEvent(refusal: Refusal): boolean;
  /** Whether this token call's answer is lost; counts it. */
  losesTokenAnswer(): boolean;
  left(connection: Connection): void;
}
