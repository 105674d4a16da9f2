import { Temporal } from "temporal-polyfill";
import { dateTimeText } from "../../calendar/zoned.ts";
import { ERRORS, type ErrorCode } from "../../errors.ts";
import type { Failure } from "../../platform/result.ts";
import type { TestTrouble } from "../connection-test.ts";
import type { ChannelEnd } from "./channel.ts";
import type { CtraderEnvironment } from "./environments.ts";
import { explain } from "./error-table.ts";

type Words = Pick<TestTrouble, "cause" | "next">;

/**
 * What a person reads of a call to cTrader that failed: the broker's own code where it gave one, else how the
 * connection ended, else our code. Pure.
 */
export function explainFailure(
  { code, detail }: Failure,
  about: { readonly environment: CtraderEnvironment },
): TestTrouble {
  const { brokerCode, description = "", network } = detail;
  const { summary } = ERRORS[code];
  if (typeof brokerCode === "string") {
    const { cause, next } = explain(brokerCode, String(description), "read");
    return {
      code,
      brokerCode,
      ...(description !== "" && { description: String(description) }),
      summary,
      cause,
      next,
    };
  }
  if (isEnd(network)) return { code, summary, ...ENDS[network] };
  const words = WORDS[code]?.(detail, about) ?? {
    cause: "See the code in docs/errors.md.",
    next: ERRORS[code].next,
  };
  return { code, summary, ...words };
}

const BROKER_WENT: Words = {
  cause: "The broker's side ended the connection.",
  next: "Try again in a minute. If it stays, look whether the broker is working on its servers, as it does most weekends.",
};

const ENDS: Readonly<Record<ChannelEnd, Words>> = {
  refused: {
    cause: "Nothing listens at this address, or what listens there does not speak TLS.",
    next: "Check that no proxy or firewall stands between; in the sandbox, that the stack which runs is the newest one.",
  },
  unreachable: {
    cause: "The host's name is not known here, or no way leads to it.",
    next: "Check this machine's network and DNS, and that a firewall lets it out to port 5035.",
  },
  "connect-timeout": {
    cause: "Nothing came back within ten seconds: the host is away, or a firewall swallows what it forbids.",
    next: "Check that a firewall lets this machine out to port 5035, then try again.",
  },
  "certificate-refused": {
    cause:
      "The certificate is for another host, out of its time, or of an authority that is not trusted here.",
    next: "Check this machine's clock, and that no proxy opens connections on the way. The check cannot be turned off.",
  },
  "closed-by-peer": BROKER_WENT,
  reset: BROKER_WENT,
  "disconnected-by-server": BROKER_WENT,
  silent: {
    cause: "Nothing came over the connection for a minute: it died without a word.",
    next: "Check the network between here and the broker, then try again.",
  },
  "frame-too-long": {
    cause: "The broker sent a message that is longer than it may be.",
    next: "Try again; if it stays, what listens at this address is not cTrader, or a new version of it.",
  },
  "closed-by-us": { cause: "The test was ended.", next: "Start it again." },
};

function isEnd(network: string | number | undefined): network is ChannelEnd {
  return typeof network === "string" && Object.hasOwn(ENDS, network);
}

type Explainer = (detail: Failure["detail"], about: { readonly environment: CtraderEnvironment }) => Words;

const VAULT_UNREADABLE: Explainer = () => ({
  cause: "What is stored of this connection cannot be read.",
  next: "Enter the client id and secret again, then connect cTrader anew.",
});

/** What none of the broker's codes says. */
const WORDS: Readonly<Partial<Record<ErrorCode, Explainer>>> = {
  CONNECTION_MISSING: (_, { environment }) => ({
    cause: `openbell.yaml has no connection with \`broker: ctrader\` and \`environment: ${environment}\`.`,
    next: "Add one under `connections`, start Openbell again, and connect it on the page.",
  }),
  CREDENTIAL_MISSING: () => ({
    cause: "No client id and secret have been entered for this connection.",
    next: "Enter those that the application's page at cTrader shows; in the sandbox, starting `npm start` again does it.",
  }),
  VAULT_CORRUPT: VAULT_UNREADABLE,
  VAULT_VERSION_MISSING: VAULT_UNREADABLE,
  TOKEN_NOT_LIVE: ({ state, since }) => TOKENS[String(state)]?.(momentText(since)) ?? NEVER_CONNECTED,
  ACCOUNT_MISSING: ({ accounts }, { environment }) =>
    accounts === 0
      ? {
          cause: `The owner granted access to no ${environment} account.`,
          next: `Connect cTrader anew and choose a ${environment} account on the broker's page; if it offers none, open one there.`,
        }
      : {
          cause: "The account that openbell.yaml names is not among those to which access was granted.",
          next: "Check `account` of the connection, or connect cTrader anew and choose it on the broker's page.",
        },
  TRADING_NOT_PERMITTED: ({ because }) =>
    because === "scope"
      ? {
          cause: "Access was granted for viewing only: the scope of the token is too small.",
          next: "Connect cTrader anew and allow trading; if the broker's page does not offer it, see the permissions of the application at cTrader.",
        }
      : {
          cause:
            "The account itself does not let positions be opened: it is read-only, closing only, or locked.",
          next: "Ask the broker, or choose another account by `account` of the connection in openbell.yaml.",
        },
  BROKER_TIMEOUT: () => ({
    cause: "The connection stands, but the broker did not answer within ten seconds.",
    next: "Try again in a minute. If it stays, look whether the broker is working on its servers, as it does most weekends.",
  }),
  BROKER_RATE_LIMITED: ({ retryAfterMs }) => ({
    cause: "This kind of request was made too often, and is held back for a while.",
    next: `Wait ${waitText(retryAfterMs)}. If it comes again, see what else uses the same application.`,
  }),
  BROKER_REPLY_UNREADABLE: () => ({
    cause: "The answer does not have the form that this program knows.",
    next: "Try again; if it stays, the broker has changed its interface: report it with the log line.",
  }),
};

const NEVER_CONNECTED: Words = {
  cause: "It has never been connected, or its token was lost.",
  next: "Press Connect on the page, or use `openbell renew`.",
};

/** By the token's state. */
const TOKENS: Readonly<Record<string, (since: string) => Words>> = {
  expired: (since) => ({
    cause: `The token ended on ${since}.`,
    next: "While Openbell runs it gets the next one by itself within minutes. If it does not, connect cTrader anew.",
  }),
  rejected: (since) => ({
    cause: `The broker stopped accepting the token on ${since}: access was withdrawn, or the token was replaced elsewhere.`,
    next: "Press Connect on the page, or use `openbell renew`.",
  }),
};

function waitText(retryAfterMs: string | number | undefined): string {
  return typeof retryAfterMs === "number" ? `${Math.ceil(retryAfterMs / 1_000)} seconds` : "a minute";
}

function momentText(iso: string | number | undefined): string {
  return iso === undefined ? "" : `${dateTimeText(Temporal.Instant.from(String(iso)), "UTC")} UTC`;
}
