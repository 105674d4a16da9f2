import { z } from "zod";
import { choice, type Positions, type Switch, toggle, whole } from "../switches.ts";
import { CONNECTION_SWITCHES } from "./faults-connection.ts";
import { UNSURE_SWITCHES, VENUE_SWITCHES } from "./faults-venue.ts";
import type { UnsureFacts, VenueFaults } from "./venue.ts";

/** Switches of the login, of tokens and of sessions. */
const SESSION_SWITCHES = {
  duplicateLogin: choice(
    ["refuse", "allow"],
    "An account is authorised again on its own connection: ALREADY_LOGGED_IN, or taken.",
  ),
  notAuthorized: choice(
    ["INVALID_REQUEST", "ACCOUNT_NOT_AUTHORIZED", "order-error-event"],
    "What a request for an account without a session is answered with; the last one answers orders by 2132.",
  ),
  viewOnly: choice(
    ["TRADING_NOT_ALLOWED", "ACCOUNT_NOT_AUTHORIZED"],
    "What an order with a token of scope `accounts` is answered with.",
  ),
  expiredToken: choice(
    ["OA_AUTH_TOKEN_EXPIRED", "CH_ACCESS_TOKEN_INVALID"],
    "What an access token after its life is answered with.",
  ),
  wrongHost: toggle("Every account counts as one of the other host: CANT_ROUTE_REQUEST."),
  cantRouteOnce: toggle("The first account request of every connection is refused by CANT_ROUTE_REQUEST."),
  appInactive: toggle("Both applications are not active: CH_CLIENT_AUTH_FAILURE."),
  connectionsLimit: whole(
    0,
    [0, 10_000],
    "So many connections may an application have; one more gets CONNECTIONS_LIMIT_EXCEEDED. 0 is no limit.",
  ),
  maintenanceUntil: {
    schema: z.iso.datetime().nullable(),
    initial: null as string | null,
    takes: "an instant like 2026-11-23T13:30:00Z, or null",
    description: "Until then every request but a heartbeat is refused by SERVER_IS_UNDER_MAINTENANCE.",
  } satisfies Switch<string | null>,
  sessionsAfterRefresh: choice(
    ["told-and-disconnected", "told-then-late-disconnect", "stay"],
    "What a refresh does to sessions of the old token: 2147 and 2164; 2147 now and 2164 after `lateDisconnectMs`; or nothing, they stay.",
  ),
  lateDisconnectMs: whole(2_000, [0, 600_000], "How late the late 2164 comes."),
  endTokensNow: choice(
    ["no", "sessions", "access-tokens", "grants"],
    "Acts once and goes back: ends the sessions while tokens live; kills access tokens; or kills refresh tokens too. The sockets learn of it as after a refresh.",
  ),
  freshGrantEndsOlder: toggle("A new login of a user ends the user's older grants of the same application."),
  moreRedirects: {
    schema: z.array(z.url({ protocol: /^https?$/ })).max(20),
    initial: [] as string[],
    takes: "list of http or https addresses",
    description: "Redirect addresses that are registered besides the console's, for clients of your own.",
  } satisfies Switch<string[]>,
  codeSeconds: whole(60, [1, 86_400], "Life of an authorisation code."),
  accessTokenSeconds: whole(2_628_000, [1, 10_000_000], "Life of access tokens issued from now on."),
  lostTokenAnswers: whole(
    0,
    [0, 1_000],
    "So many token calls, by HTTP or socket, are done but not answered: by HTTP the connection breaks; counts down.",
  ),
  tooManyTokenCalls: whole(0, [0, 1_000], "So many token calls are answered with 429; counts down."),
} as const;

/** Every switch by name, in the order in which people read them. */
export const SWITCHES = {
  ...SESSION_SWITCHES,
  ...VENUE_SWITCHES,
  ...CONNECTION_SWITCHES,
  ...UNSURE_SWITCHES,
} as const;

export type SwitchName = keyof typeof SWITCHES;
/** The position of every switch. */
export type Faults = Positions<typeof SWITCHES>;

/** The positions that the venue obeys itself. */
export function venueFaultsOf(faults: Faults): VenueFaults {
  const { partialFillShare, cancelledRestShare, silentOrderShare, lostOrderShare, rejectedOrderShare } =
    faults;
  const { fillMs, protectionMs, slipPoints } = faults;
  const shares = {
    partialFillShare,
    cancelledRestShare,
    silentOrderShare,
    lostOrderShare,
    rejectedOrderShare,
  };
  return { ...shares, fillMs, protectionMs, slipPoints, unsure: unsureOf(faults) };
}

/** The table of what is unsure has the names of the facts themselves. */
function unsureOf(faults: Faults): UnsureFacts {
  const names = Object.keys(UNSURE_SWITCHES) as (keyof typeof UNSURE_SWITCHES)[];
  return Object.fromEntries(names.map((name) => [name, faults[name]])) as unknown as UnsureFacts;
}

/** The switches as the parts use them. */
export interface FaultBoard {
  faults(): Faults;
  /** Sets switches from inside, without a check. */
  turn(patch: Partial<Faults>): void;
}
