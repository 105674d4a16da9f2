/** An order desk on a channel that a test answers by hand, event by event. */
import { Temporal } from "temporal-polyfill";
import { recordedLog } from "../../../../tests/support/recorded-log.ts";
import { createVirtualTimers } from "../../../platform/local/virtual-timers.ts";
import { fail, succeed } from "../../../platform/result.ts";
import type { Channel, ChannelEvent, OrderWatcher } from "../channel.ts";
import { openBook } from "../open-book.ts";
import { openOrderDesk } from "../open-order-desk.ts";
import type { MessageName, RequestName } from "../protocol/names.ts";
import type { ProtoOAOrder, ProtoOAPosition } from "../protocol/open-api.generated.ts";
import { AN_ACCOUNT } from "./messages.ts";

interface Listed {
  readonly order: readonly ProtoOAOrder[];
  readonly position: readonly ProtoOAPosition[];
}

/** `answers` by the request's name; a request without one fails. */
export function aDeskOnAWire(answers: Partial<Record<RequestName, object>> = {}) {
  const timers = createVirtualTimers();
  const book = openBook({ accountId: () => AN_ACCOUNT });
  const sent: { readonly name: MessageName; readonly body: object }[] = [];
  let watcher: OrderWatcher | undefined;
  let reconciliations = 0;
  const channel: Channel = {
    lastFrameAt: () => timers.now(),
    close: () => undefined,
    request: (name) =>
      Promise.resolve(name in answers ? succeed(answers[name] as never) : fail("BROKER_TIMEOUT")),
    order(name, body, next) {
      sent.push({ name, body });
      watcher = next;
      if (next.mayLeave()) next.left();
      else next.ended("not-sent");
    },
  };
  const desk = openOrderDesk({
    channel: () => channel,
    isReady: () => true,
    accountId: () => AN_ACCOUNT,
    book,
    clock: {
      now: () => Temporal.Instant.fromEpochMilliseconds(timers.now()),
      sleep: () => Promise.resolve(),
    },
    timers,
    log: recordedLog().log,
    reconcile: () => {
      reconciliations += 1;
    },
  });

  function tell(event: ChannelEvent): void {
    book.apply(event);
    desk.applied(event);
  }

  return {
    desk,
    book,
    timers,
    sent,
    get reconciliations() {
      return reconciliations;
    },
    /** An event that nobody asked for. */
    tell,
    /** An event that answers the last order request. */
    answer(event: ChannelEvent & { readonly name: "ProtoOAExecutionEvent" }): void {
      watcher?.event(event.body);
      tell(event);
    },
    /** A reconciliation with this answer, and the looks that follow. */
    async reconcile(answer: Listed = { order: [], position: [] }): Promise<void> {
      const mark = book.mark();
      const begunAt = timers.now();
      book.reconcile({ ctidTraderAccountId: AN_ACCOUNT, ...answer }, [], mark);
      desk.reconciled(begunAt);
      await timers.advance(0);
    },
  };
}
