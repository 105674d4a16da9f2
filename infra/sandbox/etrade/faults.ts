import { z } from "zod";
import {
  choice,
  createSwitchDesk,
  type Positions,
  type SwitchView as SharedSwitchView,
  type Switch,
  share,
  toggle,
  whole,
} from "../switches.ts";
import { TRADING_SWITCHES } from "./faults-trading.ts";
import { ENDPOINTS, FAILURE_KINDS } from "./vocabulary.ts";

const failNextSchema = z.strictObject({
  where: z.enum(["any", "oauth", "data", "orders", ...ENDPOINTS]).default("any"),
  kind: z.enum(FAILURE_KINDS),
  times: z.int().min(1).max(10_000).default(1),
});

/** Every switch by name, in the order in which people read them. */
export const SWITCHES = {
  timestampWindowSeconds: whole(
    300,
    [0, 1_000_000_000],
    "How far `oauth_timestamp` may lie from the simulator's clock, in seconds; 1800 is the other value seen; 0 takes any.",
  ),
  requestTokenLifeSeconds: whole(
    300,
    [1, 86_400],
    "How long a request token may be exchanged, in seconds; counts for tokens issued from now on.",
  ),
  registeredCallback: {
    schema: z.url({ protocol: /^https?$/ }).nullable(),
    initial: null as string | null,
    takes: "an http or https address, or null",
    description: "The callback registered for both consumer keys; without one only `oob` is taken.",
  } satisfies Switch<string | null>,
  oobDespiteCallback: toggle(
    "With a registered callback, a request that said `oob` still gets the PIN page; off, the browser is redirected all the same.",
  ),
  rawAuthorizeToken: choice(
    ["plus-is-space", "refuse"],
    "What happens to a token put into the authorize address without percent-encoding: `+` is read as a space (fails for about every second token), or it always fails.",
  ),
  wrongPinKillsRequestToken: toggle("A wrong verifier spends the request token."),
  verifierIgnoresCase: toggle("The verifier is taken in lower case too."),
  wrongPasswordsToLock: whole(
    3,
    [0, 100],
    "So many wrong passwords in a row lock the simulated user; 0 never locks.",
  ),
  lockedUsers: {
    schema: z.array(z.string().max(100)).max(100),
    initial: [] as string[],
    takes: "list of user names",
    description:
      "The users who are locked; the simulator adds to it itself and keeps it across a restart, an empty list unlocks all.",
  } satisfies Switch<string[]>,
  consumerKeyExpired: toggle("Both consumer keys have died: every call answers 401 `consumer_key_rejected`."),
  secondLoginKillsFirst: toggle("A new access token ends the older ones of the same consumer key and user."),
  earlyDeathShare: share("Share of new access tokens that die at a random moment before midnight."),
  idleAfterMinutes: whole(120, [1, 1_440], "An access token that nobody uses for so long becomes inactive."),
  idleProblem: choice(["token_expired", "token_rejected"], "What an inactive token is answered with."),
  midnightProblem: choice(
    ["expired-then-rejected", "token_expired", "token_rejected"],
    "What a token is answered with after midnight in New York; by default `token_expired` for an hour, then `token_rejected`.",
  ),
  renewDoesNothing: toggle("Renew answers 200 and changes nothing: an inactive token stays inactive."),
  renewBody: choice(
    ["text", "empty", "pair"],
    "Body of a good renew: the sentence, nothing, or the token pair.",
  ),
  wwwAuthenticate: toggle("A 401 also carries the problem in a `WWW-Authenticate` header."),
  acceptErrorFormat: choice(
    ["xml", "json"],
    "Format of errors when JSON was asked for by the Accept header only, without `.json`.",
  ),
  sandboxData: choice(
    ["canned", "stateful"],
    "What the sandbox host answers: always the same samples, or the same simulated accounts and prices as the api host.",
  ),
  noAccounts: toggle("The user has no accounts: the list answers 204 with an empty body."),
  delayedQuotes: toggle(
    "The market data agreement is not signed: quotes are 15 minutes old and say `DELAYED`.",
  ),
  unknownSymbols: {
    schema: z.array(z.string().max(50)).max(100),
    initial: ["ZZZZ"] as string[],
    takes: "list of symbols",
    description: "Well-formed symbols that the simulated market does not know.",
  } satisfies Switch<string[]>,
  tooManySymbols: choice(
    ["refuse", "first-25"],
    "More than 25 symbols without `overrideSymbolCount`: error 1023, or the first 25 with a message.",
  ),
  accountsPerSecond: whole(5, [0, 1_000_000], "Account calls a second and consumer key; 0 is no limit."),
  accountsPerHour: whole(
    35_600,
    [0, 10_000_000],
    "Account calls a clock hour and consumer key; 0 is no limit.",
  ),
  marketPerSecond: whole(10, [0, 1_000_000], "Market calls a second and consumer key; 0 is no limit."),
  marketPerHour: whole(
    140_000,
    [0, 10_000_000],
    "Market calls a clock hour and consumer key; 0 is no limit.",
  ),
  rateLimitStatus: {
    schema: z.union([z.literal(400), z.literal(401), z.literal(429)]),
    initial: 400 as 400 | 401 | 429,
    takes: "400, 401, 429",
    description: "Status of a call over the limit; the message has no code in any case.",
  } satisfies Switch<400 | 401 | 429>,
  serverErrorShare: share("Share of data calls that answer 500 with code 100."),
  maintenance: toggle("Every data call answers 500 with code 670."),
  latencyMs: whole(0, [0, 600_000], "Every answer waits so many real milliseconds."),
  dropConnection: toggle("OAuth and data calls: the connection is taken and closed; nothing is done."),
  timeoutAfterAccept: toggle("OAuth and data calls: what was asked is done, but no answer ever comes."),
  failNext: {
    schema: failNextSchema.nullable(),
    initial: null as z.output<typeof failNextSchema> | null,
    takes: "null or { where, kind, times }",
    description:
      "The next `times` calls (default 1) to `where` (default `any`) fail in the way of `kind`; counts down to null by itself.",
  } satisfies Switch<z.output<typeof failNextSchema> | null>,
  ...TRADING_SWITCHES,
};

/** The name of a switch. */
export type SwitchName = keyof typeof SWITCHES;
/** The position of every switch. */
export type Faults = Positions<typeof SWITCHES>;
/** One switch as the sandbox page shows it. */
export type SwitchView = SharedSwitchView<SwitchName>;

/** The positions at the start. */
export const initialFaults = createSwitchDesk(SWITCHES).initial;
