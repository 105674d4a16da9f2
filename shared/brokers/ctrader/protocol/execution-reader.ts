/** Reads a ProtoOAExecutionEvent: what became of orders, positions and money. It gives what `codec.ts` would give. */
import type { Decoded } from "./codec.ts";
import { readBonusDepositWithdraw, readDeal, readDepositWithdraw } from "./deal-reader.ts";
import { bool, complete, type Draft, int64, namesOf, nested, putName, string, uint32 } from "./fields.ts";
import { DESCRIPTOR, type ProtoOAExecutionEvent } from "./open-api.generated.ts";
import { readOrder, readPosition } from "./position-reader.ts";
import { WireCursor } from "./wire.ts";

const EXECUTION_TYPES = namesOf(DESCRIPTOR.ProtoOAExecutionType.values);

const cursor = new WireCursor();

/** Reads the payload between `start` and `end`. The object keeps nothing of `bytes`. */
export function readExecution(bytes: Uint8Array, start: number, end: number): Decoded<ProtoOAExecutionEvent> {
  cursor.open(bytes, start, end);
  const body = readEvent(cursor);
  cursor.release();
  return cursor.fault === undefined ? { ok: true, body } : { ok: false, reason: cursor.fault };
}

function readEvent(cursor: WireCursor): ProtoOAExecutionEvent {
  const event: Draft<ProtoOAExecutionEvent> = {};
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (field === 1) uint32(cursor, tag);
    else if (field === 2) event.ctidTraderAccountId = int64(cursor, tag);
    else if (field === 3) putName(event, "executionType", cursor, tag, EXECUTION_TYPES);
    else if (field === 4) event.position = nested(cursor, tag, readPosition);
    else if (field === 5) event.order = nested(cursor, tag, readOrder);
    else if (field === 6) event.deal = nested(cursor, tag, readDeal);
    else if (field === 7) event.bonusDepositWithdraw = nested(cursor, tag, readBonusDepositWithdraw);
    else if (field === 8) event.depositWithdraw = nested(cursor, tag, readDepositWithdraw);
    else if (field === 9) event.errorCode = string(cursor, tag);
    else if (field === 10) event.isServerEvent = bool(cursor, tag);
    else cursor.skip(tag);
  }
  return complete(cursor, event, ["ctidTraderAccountId", "executionType"]);
}
