import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";

const orderSchema = z.union([
  z.strictObject({ to: z.string().max(100) }),
  z.strictObject({ advance: z.union([z.string().max(100), z.record(z.string(), z.number())]) }),
]);

/** An advance ends while somebody waits for it. */
const LONGEST_DAYS = 92;
const EXCHANGE_TIME_ZONE = "America/New_York";

/**
 * Where the clock is to go: `{ "to": "2026-11-23T13:30:00Z" }` or `{ "advance": "PT30M" }`. Days and longer
 * units are days of the exchange's calendar, 23 or 25 hours long where the clocks change.
 */
export function readClockOrder(
  body: unknown,
  now: Temporal.Instant,
): Result<Temporal.Instant, "SANDBOX_CLOCK_INVALID"> {
  const order = orderSchema.safeParse(body);
  if (!order.success) {
    return fail("SANDBOX_CLOCK_INVALID", { reason: 'send { "to": instant } or { "advance": duration }' });
  }
  const target = targetOf(order.data, now);
  if (target === undefined) {
    return fail("SANDBOX_CLOCK_INVALID", { reason: "not an ISO 8601 instant or duration" });
  }
  if (Temporal.Instant.compare(target, now) < 0) {
    return fail("SANDBOX_CLOCK_INVALID", { reason: "the clock does not go back", now: now.toString() });
  }
  const furthest = now.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).add({ days: LONGEST_DAYS }).toInstant();
  return Temporal.Instant.compare(target, furthest) > 0
    ? fail("SANDBOX_CLOCK_INVALID", { reason: `at most ${LONGEST_DAYS} days in one step` })
    : succeed(target);
}

function targetOf(order: z.output<typeof orderSchema>, now: Temporal.Instant): Temporal.Instant | undefined {
  try {
    if ("to" in order) return Temporal.Instant.from(order.to);
    const duration = Temporal.Duration.from(order.advance);
    return now.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).add(duration).toInstant();
  } catch {
    return undefined;
  }
}
