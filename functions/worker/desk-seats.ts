/** The accounts that are traded at one desk: the broker's own, and the one on paper beside it. */
import type { Lease } from "../../shared/platform/lease.ts";
import type { OrderExecutor, Term } from "../../shared/trading/order-executor.ts";
import type { PaperSeat } from "../../shared/trading/paper-seat.ts";

export interface DeskSeats {
  lead(term: Term): void;
  yield(): void;
  /** The broker's own account is there: what was left open is settled first. */
  opened(): void;
  trades(account: string): boolean;
  /** What is simulated on paper looks at the prices of now. */
  observe(): void;
  wake(): Promise<void>;
  control(): Promise<void>;
  idle(): Promise<void>;
  /** Takes no more orders; resolves when what is at hand is written. */
  stop(): Promise<void>;
  /** Gives up writes that fail. */
  close(): void;
}

export function createDeskSeats(
  account: string,
  executor: OrderExecutor,
  paper: PaperSeat | undefined,
): DeskSeats {
  const executors = paper === undefined ? [executor] : [executor, paper.executor];
  const each = async (work: (one: OrderExecutor) => Promise<void>) => {
    await Promise.all(executors.map(work));
  };
  let led: Lease | undefined;

  return {
    lead(term) {
      led = term.lease;
      executor.lead(term);
      void paper?.start(term.lease.fence).then((isLed) => {
        // A term that came after this one begins with a start of its own.
        if (!isLed || led !== term.lease) return;
        paper.executor.lead(term);
        paper.executor.opened();
      });
    },
    yield() {
      led = undefined;
      for (const one of executors) one.yield();
      paper?.drop();
    },
    opened: () => executor.opened(),
    trades: (asked) => asked === account || asked === paper?.account,
    observe: () => paper?.observe(),
    wake: () => each((one) => one.wake()),
    control: () => each((one) => one.control()),
    async idle() {
      await paper?.idle();
      await each((one) => one.idle());
    },
    async stop() {
      await each((one) => one.stop());
      await paper?.stop();
    },
    close() {
      for (const one of executors) one.close();
    },
  };
}
