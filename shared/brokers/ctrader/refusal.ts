/** An error of the broker, in one form for its four shapes (50, 2142, 2132, and a code inside 2126). */
import type { BrokerAction } from "./error-table.ts";

export interface CtraderRefusal {
  /** The server's own word, e.g. `NOT_ENOUGH_MONEY`; an open set. */
  readonly brokerCode: string;
  /** The server's own text, cut to 300 characters; empty where it gave none. */
  readonly description: string;
  /** What the code asks of the client; see `error-table.ts`. */
  readonly action: BrokerAction;
  /** How long to hold this kind of request. */
  readonly retryAfterMs?: number;
  /** Until when the broker says its maintenance lasts, in milliseconds since 1970. */
  readonly maintenanceEndsAt?: number;
  /** Of the order or position spoken of; the server's explicit zeros are left out. */
  readonly orderId?: number;
  readonly positionId?: number;
}
