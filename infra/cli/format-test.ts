/** The lines of a connection's test for people. Pure. */
import type { Temporal } from "temporal-polyfill";
import type { TestLine, TestOutcome, TestTrouble } from "../../shared/brokers/connection-test.ts";
import { datedClockTimes } from "../../shared/calendar/zoned.ts";
import { countOf } from "./format-status.ts";

const MARKS = { ok: "[OK] ", failed: "[ERR]", "not-reached": "[--] " } as const;
const WIDTH = "application".length;
const EASTERN = "America/New_York";

/** How moments are told. */
export interface Surroundings {
  readonly now: Temporal.Instant;
  readonly ownerTimeZone: string;
}

/** One line of the terminal, whatever text of others is in it. */
export function formatTestLine(line: TestLine, around: Surroundings): string {
  const name = line.step === "tls" ? `TLS ${line.environment}` : line.step;
  const text = `${MARKS[line.status]} ${name.padEnd(WIDTH)}  ${textOf(line, around)}`;
  return text.replaceAll(/\p{Cc}+/gu, " ");
}

function textOf(line: TestLine, around: Surroundings): string {
  const { address, connection, environment } = line;
  if (line.status === "ok") {
    return foundText(line, { ...around, subject: address ?? connection ?? environment, environment });
  }
  if (line.status === "not-reached") return "not reached";
  const where = address === undefined ? "" : ` (${address})`;
  return `${troubleText(line.trouble)}${where}. ${causeText(line.trouble)}`;
}

/** Our code, and the broker's own word and text beside it. */
function troubleText({ code, brokerCode, description, summary }: TestTrouble): string {
  const word = brokerCode === undefined ? "" : ` (${brokerCode})`;
  const words = description === undefined ? "" : `, in the broker's words: ${trimmed(description)}`;
  return `${code}${word}: ${trimmed(summary)}${words}`;
}

function causeText({ cause, next }: TestTrouble): string {
  return `Cause: ${cause} Next: ${next}`;
}

function trimmed(sentence: string): string {
  return sentence.trim().replace(/\.$/, "");
}

type Found = Extract<TestOutcome, { readonly status: "ok" }>;

interface FoundAround extends Surroundings {
  readonly subject: string;
  readonly environment: string;
}

function foundText(line: Found, { now, ownerTimeZone, subject, environment }: FoundAround): string {
  const at = (moment: Temporal.Instant) => datedClockTimes(moment, [EASTERN, ownerTimeZone], now);
  switch (line.step) {
    case "tls": {
      const { protocol, tookMs, subject: owner, issuer, validTo } = line.found;
      const certificate = `certificate of ${owner}, by ${issuer}, good until ${validTo.slice(0, 10)}`;
      return `${subject}: ${protocol} in ${ms(tookMs)}; ${certificate}`;
    }
    case "connection":
      return `${subject} (${line.found.label})`;
    case "application":
      return `authorised in ${ms(line.found.tookMs)}`;
    case "token": {
      const { generation, expiresAt, replacedFrom } = line.found;
      const renewal = replacedFrom === undefined ? "" : `; renewed by itself from ${at(replacedFrom)}`;
      return `generation ${generation}, good until ${at(expiresAt)}${renewal}`;
    }
    case "account": {
      const { account, accounts, tookMs } = line.found;
      return `··${account}, authorised in ${ms(tookMs)}; the token opens ${countOf(accounts, `${environment} account`)}`;
    }
    case "balance":
      return `${line.found.balance} ${line.found.currency}, read in ${ms(line.found.tookMs)}`;
    case "permission":
      return "trading is allowed";
    case "latency": {
      const { roundTrips, p50Ms, p95Ms } = line.found;
      return `${roundTrips} round trips, p50 ${ms(p50Ms)}, p95 ${ms(p95Ms)}`;
    }
    default:
      return line satisfies never;
  }
}

/** A tenth of a millisecond is worth telling where there are few of them. */
function ms(duration: number): string {
  return `${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms`;
}
