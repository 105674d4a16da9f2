/** Makes one form of the four shapes that the broker gives an error. */
import type { ChannelEvent } from "./channel.ts";
import { explain } from "./error-table.ts";
import type {
  ProtoOAErrorRes,
  ProtoOAExecutionEvent,
  ProtoOAOrderErrorEvent,
} from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";

const LONGEST_DESCRIPTION = 300;
/** Milliseconds since 1970 have had more digits since March 1973, seconds will not before the year 5138. */
const SMALLEST_MILLISECONDS = 100_000_000_000;

/**
 * The refusal in a message; undefined where the message is none. An execution event is one where it names an
 * error. `during`: what a code without a meaning counts as, see `explain`.
 */
export function readRefusal(
  message: Pick<ChannelEvent, "name" | "body">,
  during: "order" | "read",
): CtraderRefusal | undefined {
  const { name, body } = message as ChannelEvent;
  if (name === "ProtoErrorRes") return refusalOf(body, during, moment(body.maintenanceEndTimestamp));
  if (name === "ProtoOAErrorRes") return refusalOf(body, during, timesOf(body));
  if (name === "ProtoOAOrderErrorEvent") return refusalOf(body, during, idsOf(body));
  if (name !== "ProtoOAExecutionEvent" || !body.errorCode) return undefined;
  return refusalOf({ errorCode: body.errorCode }, during, idsWithin(body));
}

type Extras = Omit<CtraderRefusal, "brokerCode" | "description" | "action">;

function refusalOf(
  { errorCode, description = "" }: { readonly errorCode: string; readonly description?: string },
  during: "order" | "read",
  extras: Extras,
): CtraderRefusal {
  return {
    brokerCode: errorCode,
    description: description.slice(0, LONGEST_DESCRIPTION),
    action: explain(errorCode, description, during).action,
    ...extras,
  };
}

/** `retryAfter` counts seconds. */
function timesOf({ retryAfter, maintenanceEndTimestamp }: ProtoOAErrorRes): Extras {
  return { ...(retryAfter ? { retryAfterMs: retryAfter * 1000 } : {}), ...moment(maintenanceEndTimestamp) };
}

/** The one shape counts milliseconds, of the other it is not sure. */
function moment(timestamp: number | undefined): Extras {
  if (timestamp === undefined || timestamp <= 0) return {};
  return { maintenanceEndsAt: timestamp < SMALLEST_MILLISECONDS ? timestamp * 1000 : timestamp };
}

function idsOf({ orderId, positionId }: Pick<ProtoOAOrderErrorEvent, "orderId" | "positionId">): Extras {
  return { ...(orderId ? { orderId } : {}), ...(positionId ? { positionId } : {}) };
}

function idsWithin({ order, position }: ProtoOAExecutionEvent): Extras {
  const positionId = position?.positionId || order?.positionId;
  return { ...(order?.orderId ? { orderId: order.orderId } : {}), ...(positionId ? { positionId } : {}) };
}
