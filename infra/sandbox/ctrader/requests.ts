import { ANSWERS, ORDER_REQUESTS } from "../../../shared/brokers/ctrader/protocol/names.ts";

const REQUESTS: ReadonlySet<string> = new Set([...Object.keys(ANSWERS), ...ORDER_REQUESTS]);

/** Whether a client may send a message of this name; heartbeats aside. */
export function isRequest(name: string): boolean {
  return REQUESTS.has(name);
}
