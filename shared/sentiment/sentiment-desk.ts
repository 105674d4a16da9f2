/**
 * Answers what is thought of an instrument, from memory where that is fresh.
 *
 * 1. A question is counted, by its cost and by its instrument, in one transaction before it is asked: two
 *    processes ask once, and a crash costs a question, never a second one.
 * 2. What the day's money does not allow is not asked.
 * 3. An instrument whose last question failed is asked again after a few minutes, not at the next tick.
 * 4. Whatever goes wrong, the answer is neutral and says so.
 */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../calendar/sessions.ts";
import { dateIn } from "../calendar/zoned.ts";
import type { Config } from "../config/config.ts";
import type { Log } from "../platform/log.ts";
import { fail, type Result } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { Store } from "../platform/store.ts";
import type { Sentiment } from "../strategies/strategy.ts";
import type { AskOpinion, Opinion, OpinionFailure } from "./perplexity-client.ts";
import { type OpinionRecord, opinionId, opinions, spendings } from "./records.ts";
import type { SentimentSource } from "./source.ts";

export interface SentimentDeskDeps {
  readonly store: Store;
  readonly log: Log;
  readonly ask: AskOpinion;
  /** The service's key; a failure where none has been entered. */
  readKey(): Promise<Result<Secret>>;
}

/** After a question without an answer. */
const PAUSE = Temporal.Duration.from({ minutes: 5 });
const KEPT_FOR = Temporal.Duration.from({ hours: 24 * 30 });

export function createSentimentDesk(deps: SentimentDeskDeps, options: Config["sentiment"]): SentimentSource {
  const asking = new Map<string, Promise<Sentiment>>();
  return {
    about(instrument, now) {
      const known = asking.get(instrument);
      if (known !== undefined) return known;
      const answer = answerTo(deps, options, { instrument, now })
        .catch((error: unknown) => {
          deps.log.warn("sentiment-not-known", { instrument, error });
          return neutral(now);
        })
        .finally(() => asking.delete(instrument));
      asking.set(instrument, answer);
      return answer;
    },
  };
}

interface Question {
  readonly instrument: string;
  readonly now: Temporal.Instant;
}

async function answerTo(
  deps: SentimentDeskDeps,
  options: Config["sentiment"],
  question: Question,
): Promise<Sentiment> {
  const { instrument, now } = question;
  const remembered = rememberedOf(await deps.store.get(opinions, opinionId(instrument)), now, options);
  if (remembered !== undefined) return remembered;
  const key = await deps.readKey();
  if (!key.ok) return neutral(now);
  const claimed = await claim(deps, options, question);
  if (claimed !== "ask") return claimed;
  const answer = await askOnce(deps, key.value, instrument);
  await remember(deps, question, answer);
  if (answer.ok) return { score: answer.value.score, isNeutralised: false, at: now };
  deps.log.warn("sentiment-not-answered", { instrument, code: answer.code, ...answer.detail });
  return neutral(now);
}

/** An answer without asking: a fresh one, or none while a question is under way or has just failed. */
function rememberedOf(
  record: OpinionRecord | undefined,
  now: Temporal.Instant,
  options: Config["sentiment"],
): Sentiment | undefined {
  if (record === undefined) return undefined;
  const { score, scoredAt, askedAt } = record;
  if (score !== undefined && scoredAt !== undefined) {
    if (isWithin(scoredAt, now, { minutes: options.cacheMinutes })) {
      return { score, isNeutralised: false, at: scoredAt };
    }
  }
  const isAnswered = scoredAt !== undefined && Temporal.Instant.compare(scoredAt, askedAt) >= 0;
  return !isAnswered && isWithin(askedAt, now, PAUSE) ? neutral(now) : undefined;
}

/** A moment that lies ahead, as after a clock that was put back, is no recent one. */
function isWithin(
  at: Temporal.Instant,
  now: Temporal.Instant,
  length: Temporal.Duration | { readonly minutes: number },
): boolean {
  if (Temporal.Instant.compare(at, now) > 0) return false;
  return Temporal.Instant.compare(now, at.add(length)) < 0;
}

/** Counts the question, or says what to answer without it. */
function claim(
  { store, log }: SentimentDeskDeps,
  options: Config["sentiment"],
  { instrument, now }: Question,
): Promise<"ask" | Sentiment> {
  const date = dateIn(now, EXCHANGE_TIME_ZONE).toString();
  const keptUntil = now.add(KEPT_FOR);
  return store.transact(async (transaction) => {
    const record = await transaction.get(opinions, opinionId(instrument));
    const day = await transaction.get(spendings, date);
    const remembered = rememberedOf(record, now, options);
    if (remembered !== undefined) return remembered;
    const spent = (day?.spent ?? new Decimal(0)).plus(options.costPerQuestion);
    if (spent.gt(options.dailyCost)) {
      log.info("sentiment-too-dear", { instrument, spent: day?.spent.toFixed() ?? "0" });
      return neutral(now);
    }
    const questions = (day?.questions ?? 0) + 1;
    transaction.set(spendings, date, { date, spent, questions, keptUntil });
    transaction.set(opinions, opinionId(instrument), { ...record, instrument, askedAt: now, keptUntil });
    return "ask";
  });
}

/** An asker that throws has not answered. */
async function askOnce(
  { ask, log }: SentimentDeskDeps,
  key: Secret,
  instrument: string,
): Promise<Result<Opinion, OpinionFailure>> {
  try {
    return await ask(key, instrument);
  } catch (error) {
    log.error("sentiment-broken", { instrument, error });
    return fail("SENTIMENT_UNAVAILABLE", { reason: "broken" });
  }
}

function remember(
  { store }: SentimentDeskDeps,
  { instrument, now }: Question,
  answer: Result<Opinion, OpinionFailure>,
): Promise<void> {
  return store.transact(async (transaction) => {
    const record = await transaction.get(opinions, opinionId(instrument));
    const { failed: _, ...before } = record ?? { instrument, askedAt: now };
    const after = answer.ok ? { score: answer.value.score, scoredAt: now } : { failed: answer.code };
    transaction.set(opinions, opinionId(instrument), { ...before, ...after, keptUntil: now.add(KEPT_FOR) });
  });
}

function neutral(at: Temporal.Instant): Sentiment {
  return { score: 0, isNeutralised: true, at };
}
