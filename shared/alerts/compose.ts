import type { Temporal } from "temporal-polyfill";
import { nextSession } from "../calendar/sessions.ts";
import type { Clock } from "../platform/clock.ts";
import type { Links } from "../sessions/links.ts";
import type { OutgoingMessage } from "./messenger.ts";
import type { AlertContent } from "./records.ts";
import { alertText, carriesLink, linkLabel } from "./texts.ts";

const SHORT_LIFE_MINUTES = 15;
/** From so many minutes before the open a link is a morning's link. */
const MORNING_MINUTES = 150;

export interface ComposeDeps {
  readonly clock: Clock;
  readonly links: Links;
}

export interface ComposeOptions {
  /** The page's address without a slash at the end. */
  readonly publicUrl: string;
  readonly chatId: string;
  readonly ownerTimeZone: string;
  readonly isSandbox: boolean;
}

/** Puts an alert into words; where it needs a link, a fresh one-time code is made for it. */
export async function composeAlert(
  deps: ComposeDeps,
  options: ComposeOptions,
  content: AlertContent,
): Promise<OutgoingMessage> {
  const now = deps.clock.now();
  const facts = { now, ownerTimeZone: options.ownerTimeZone, isSandbox: options.isSandbox };
  if (!carriesLink(content)) return { text: alertText(content, facts) };
  const { code, words } = await deps.links.issue({ chatId: options.chatId, expiresAt: linkGoodUntil(now) });
  const url = `${options.publicUrl}/#c=${code.reveal()}`;
  return {
    text: alertText(content, { ...facts, words }),
    buttons: [[{ label: linkLabel(content), url }]],
  };
}

/** A link of a trading morning is good until the open; any other, or one made just before it, for 15 minutes. */
export function linkGoodUntil(now: Temporal.Instant): Temporal.Instant {
  const shortly = now.add({ minutes: SHORT_LIFE_MINUTES });
  const session = nextSession(now);
  if (!session.ok) return shortly;
  const minutesToOpen = now.until(session.value.open).total("minutes");
  const isMorning = minutesToOpen > SHORT_LIFE_MINUTES && minutesToOpen <= MORNING_MINUTES;
  return isMorning ? session.value.open : shortly;
}
