/** What the venue does when no one asks it to misbehave. */
import type { UnsureFacts, VenueFaults } from "../venue.ts";

/** The likelier reading of each fact that the broker's documents leave open. */
export const LIKELY: UnsureFacts = {
  refusalsBy: "code",
  amendKeepsLeftOut: false,
  tooCloseCode: "PROTECTION_IS_TOO_CLOSE_TO_MARKET",
  badDecimalsCode: "INVALID_REQUEST",
  alreadySubscribedCode: "ALREADY_SUBSCRIBED",
  noSpotsCode: "INVALID_REQUEST",
  acceptanceHasPosition: true,
  acceptedTwice: false,
  closeCancelsProtection: true,
  closingInheritsId: false,
  lateCancelIsEvent: true,
  oldestFirst: false,
};

/** No faults, and the pace of a recorded session: 130 ms to the fill, 10 ms more to the protective order. */
export const NO_VENUE_FAULTS: VenueFaults = {
  partialFillShare: 0,
  silentOrderShare: 0,
  lostOrderShare: 0,
  rejectedOrderShare: 0,
  fillMs: 130,
  protectionMs: 10,
};
