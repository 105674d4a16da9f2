/** Refusals that the desk makes itself, or reads out of an execution event. */
import { explain, SAYS_NOTHING } from "./error-table.ts";
import type { ProtoOAExecutionEvent } from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";

/** The code of an order that never left because it breaks a rule of the broker's that is known here. */
export const TICKET_INVALID = "TICKET_INVALID";

/** An order that is not sent at all. */
export function ticketInvalid(description: string): CtraderRefusal {
  return { brokerCode: TICKET_INVALID, description, action: "caller" };
}

/** Of an event that refuses: its code, or its kind where it gives none. */
export function eventRefusal(
  event: Pick<ProtoOAExecutionEvent, "executionType" | "errorCode" | "order">,
): CtraderRefusal {
  const { orderId, positionId } = event.order ?? {};
  const brokerCode = event.errorCode || event.executionType;
  return {
    brokerCode,
    description: "",
    action: explain(brokerCode, "", "order").action,
    ...(orderId ? { orderId } : {}),
    ...(positionId ? { positionId } : {}),
  };
}

/** The broker did not say no: it could not say. What becomes of the order must be asked. */
export function isInconclusive(refusal: CtraderRefusal): boolean {
  return refusal.action === "transient" || SAYS_NOTHING.includes(refusal.brokerCode);
}
