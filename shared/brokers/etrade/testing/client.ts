import { Secret } from "../../../platform/secret.ts";
import { createEtradeClient, type EtradeClient, type EtradeOptions } from "../client.ts";
import { packTokenPair } from "../token.ts";
import {
  createConstantRandom,
  createCountingRandom,
  createJumpingClock,
  createKeptLog,
  createScriptedHttp,
  type JumpingClock,
  type KeptLog,
  type ScriptedAnswer,
  type ScriptedHttp,
} from "./fakes.ts";
import { isSignedBy } from "./oracle.ts";

export const CONSUMER_SECRET = "canary-CONSUMER/fedcba9876543210+";
export const ACCESS_SECRET = "canary-S3cret+With/Reserved9876543210ZYXW=";
export const ACCESS_TOKEN = "canary-T0ken/With+Reserved0123456789ABCDEF=";

/** A packed access token with every character that must be encoded. */
export const aToken = (): Secret =>
  packTokenPair({ token: ACCESS_TOKEN, tokenSecret: Secret.of(ACCESS_SECRET) });

export const anOptions = (over: Partial<EtradeOptions> = {}): EtradeOptions => ({
  environment: "production",
  apiBaseUrl: "https://api.test",
  dataBaseUrl: "https://data.test",
  authorizeUrl: "https://us.test/e/t/etws/authorize",
  consumer: { key: "0123456789abcdef0123456789abcdef", secret: Secret.of(CONSUMER_SECRET) },
  ...over,
});

export interface Scripted extends ScriptedHttp {
  readonly client: EtradeClient;
  readonly clock: JumpingClock;
  readonly log: KeptLog;
}

/** A client whose broker gives `answers`, call by call. Pauses between tries are the longest possible. */
export function scripted(answers: readonly ScriptedAnswer[], over: Partial<EtradeOptions> = {}): Scripted {
  const clock = createJumpingClock();
  const log = createKeptLog();
  const script = createScriptedHttp(answers);
  const counting = createCountingRandom();
  const longest = createConstantRandom(255);
  // Nonces are 16 bytes and must differ; jitter takes 4.
  const random = { bytes: (count: number) => (count === 16 ? counting : longest).bytes(count) };
  const client = createEtradeClient({ http: script.http, clock, random, log }, anOptions(over));
  return { ...script, client, clock, log };
}

/** Whether a request was signed with the consumer's secret and `tokenSecret`. */
export function isSigned(request: ScriptedHttp["seen"][number] | undefined, tokenSecret?: string): boolean {
  if (request === undefined) return false;
  const header = request.headers.get("authorization") ?? "";
  const secrets = { consumer: CONSUMER_SECRET, ...(tokenSecret !== undefined && { token: tokenSecret }) };
  return isSignedBy({ method: request.method, url: request.url, header }, secrets);
}
