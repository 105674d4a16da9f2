import type { OrderExecutor } from "./order-executor.ts";

/** The paper account beside a connection: on its prices, led with it, and in need of nothing else of it. */
export interface PaperSeat {
  readonly account: string;
  readonly executor: OrderExecutor;
  /** Leads the account under the lease's fence; false where it could not or should not any more. */
  start(fence: number): Promise<boolean>;
  drop(): void;
  /** Looks at the prices of now. */
  observe(): void;
  idle(): Promise<void>;
  stop(): Promise<void>;
}
