import { z } from "zod";
import { type Failure, type FailureDetail, fail } from "../../platform/result.ts";
import type { Reply } from "../http.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import { parseExactJson, textSchema } from "./json.ts";

/** Part of the interface that a call belongs to: E*TRADE counts calls by module, and codes mean what the module says. */
export type EtradeModule = "oauth" | "accounts" | "market" | "order";

/** What an answer complains about, whatever its dress. */
export interface Complaint {
  /** E*TRADE's number; absent in complaints of OAuth and of the rate limit. */
  readonly brokerCode?: number;
  /** The word after `oauth_problem=`. */
  readonly problem?: string;
  readonly isRateLimit: boolean;
  readonly isInvalidToken: boolean;
}

const errorEnvelopeSchema = z.object({
  Error: z.object({ code: textSchema.nullish(), message: z.string().nullish() }),
});

/** Attributes beside the problem are joined by a comma; the header may quote the word. */
const PROBLEM = /oauth_problem=(?:"|&quot;|%22)?([a-z_]{1,60})/;
const XML_CODE = /<code>\s*(\d{1,6})\s*<\/code>/;
const RATE_LIMIT = /exceeded the rate limit/i;
const INVALID_TOKEN = /invalid access token/i;

const PROBLEMS: Readonly<Record<string, BrokerCallFailure>> = {
  consumer_key_refused: "BROKER_CREDENTIALS_REJECTED",
  consumer_key_rejected: "BROKER_CREDENTIALS_REJECTED",
  consumer_key_unknown: "BROKER_CREDENTIALS_REJECTED",
  signature_invalid: "BROKER_SIGNATURE_REFUSED",
  signature_method_rejected: "BROKER_SIGNATURE_REFUSED",
  timestamp_refused: "BROKER_CLOCK_REFUSED",
  token_expired: "BROKER_TOKEN_EXPIRED",
  token_rejected: "BROKER_TOKEN_REJECTED",
  token_revoked: "BROKER_TOKEN_REJECTED",
  token_used: "BROKER_TOKEN_REJECTED",
  // Words of the OAuth problem vocabulary that blame the request rather than the token.
  callback_rejected: "BROKER_REFUSED",
  nonce_used: "BROKER_REFUSED",
  parameter_absent: "BROKER_REFUSED",
  parameter_rejected: "BROKER_REFUSED",
  version_rejected: "BROKER_REFUSED",
};

/** Codes that mean "not now" with whatever status they come; 100 does so only with status 500. */
const NOT_NOW: Readonly<Record<EtradeModule, readonly number[]>> = {
  oauth: [],
  accounts: [670],
  market: [163, 670],
  order: [163, 670, 1508],
};

/**
 * Reads the complaint of an answer in each of E*TRADE's dresses: JSON with the `.json` suffix, XML without,
 * an HTML page from the OAuth calls, plain text at times, and the header `WWW-Authenticate`. The first
 * character tells the dress, because the content type does not.
 */
export function readComplaint(reply: Pick<Reply, "text" | "wwwAuthenticate">): Complaint {
  const code = readCode(reply.text.trimStart());
  const problem = PROBLEM.exec(`${reply.text}\n${reply.wwwAuthenticate}`)?.[1];
  return {
    // Zero is a filler that has been seen beside OAuth problems.
    ...(code !== undefined && code !== 0 ? { brokerCode: code } : {}),
    ...(problem !== undefined ? { problem } : {}),
    isRateLimit: RATE_LIMIT.test(reply.text),
    isInvalidToken: INVALID_TOKEN.test(reply.text),
  };
}

/** Whether a parsed answer is a complaint although its status says that all is well. */
export function isErrorEnvelope(parsed: unknown): boolean {
  return errorEnvelopeSchema.safeParse(parsed).success;
}

/**
 * Gives an unwanted answer its code of the error table. `isTokenSent`: whether the call carried a token,
 * which tells what a bare 401 blames. The detail holds module, status and the broker's own code or word.
 */
export function classify(
  call: { readonly module: EtradeModule; readonly isTokenSent: boolean },
  reply: Pick<Reply, "status" | "text" | "wwwAuthenticate">,
): Failure<BrokerCallFailure> {
  const complaint = readComplaint(reply);
  const detail: FailureDetail = {
    module: call.module,
    status: reply.status,
    ...(complaint.brokerCode !== undefined ? { brokerCode: complaint.brokerCode } : {}),
    ...(complaint.problem !== undefined ? { problem: complaint.problem } : {}),
  };
  return fail(codeOf(call, reply.status, complaint), detail);
}

function codeOf(
  call: { readonly module: EtradeModule; readonly isTokenSent: boolean },
  status: number,
  complaint: Complaint,
): BrokerCallFailure {
  const byProblem = PROBLEMS[complaint.problem ?? ""];
  if (byProblem !== undefined) return byProblem;
  if (complaint.isRateLimit || status === 429) return "BROKER_RATE_LIMITED";
  // A gateway that gave up waiting does not know what became of the call either.
  if (status === 504) return "BROKER_TIMEOUT";
  if (status >= 500) return "BROKER_UNAVAILABLE";
  if (complaint.brokerCode !== undefined && NOT_NOW[call.module].includes(complaint.brokerCode)) {
    return "BROKER_UNAVAILABLE";
  }
  if (complaint.isInvalidToken) return "BROKER_TOKEN_REJECTED";
  if (status === 401) return call.isTokenSent ? "BROKER_TOKEN_REJECTED" : "BROKER_CREDENTIALS_REJECTED";
  const isComplaint = status >= 400 || complaint.brokerCode !== undefined || complaint.problem !== undefined;
  return isComplaint ? "BROKER_REFUSED" : "BROKER_REPLY_UNREADABLE";
}

function readCode(body: string): number | undefined {
  if (body.startsWith("<")) {
    const digits = XML_CODE.exec(body)?.[1];
    return digits === undefined ? undefined : Number(digits);
  }
  const envelope = errorEnvelopeSchema.safeParse(parseExactJson(body));
  const code = envelope.data?.Error.code;
  return code != null && /^\d{1,6}$/.test(code) ? Number(code) : undefined;
}
