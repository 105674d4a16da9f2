import type { Temporal } from "temporal-polyfill";
import type { Call, Texts } from "./http-words.ts";
import { collectParameters, type SignedParameters } from "./oauth-parameters.ts";
import { baseString, hmacSha1, isSameSignature } from "./oauth-signature.ts";
import { type Problem, problem } from "./problems.ts";
import type { Environment } from "./vocabulary.ts";

/** A consumer key with its secret. */
export interface ConsumerKey {
  readonly key: string;
  readonly secret: string;
}

/** The one consumer key of each environment. */
export type ConsumerKeys = Readonly<Record<Environment, ConsumerKey>>;

/** What the gate has to know about the one call. */
export interface GateRules {
  /** Parameters that this call needs on top of the five that all need. */
  readonly needs: readonly ("oauth_callback" | "oauth_token" | "oauth_verifier")[];
  readonly timestampWindowSeconds: number;
  readonly isKeyExpired: boolean;
  /** The secret of a token that exists and belongs to the key, or undefined. */
  secretOf(token: string, environment: Environment): string | undefined;
}

/** A call that was let in, with what it carried. */
export type GatePass = {
  readonly ok: true;
  readonly environment: Environment;
  /** The single value of each `oauth_*` parameter. */
  readonly oauth: Texts;
  readonly query: SignedParameters["others"];
};
/** Let in, or refused with a problem. */
export type GateVerdict = GatePass | { readonly ok: false; readonly problem: Problem };

const ALWAYS = [
  "oauth_consumer_key",
  "oauth_nonce",
  "oauth_signature",
  "oauth_signature_method",
  "oauth_timestamp",
] as const;
const MOST_NONCES = 20_000;

/** Checks signed requests; remembers nonces, so one gate serves both hosts. */
export class OauthGate {
  readonly #keys: ConsumerKeys;
  readonly #nonces = new Set<string>();
  readonly #machineNow: (() => Temporal.Instant) | undefined;

  /** `machineNow`: timestamps near this clock are taken as well, for clients that know nothing of a virtual one. */
  constructor(keys: ConsumerKeys, machineNow?: () => Temporal.Instant) {
    this.#keys = keys;
    this.#machineNow = machineNow;
  }

  /** Lets a call through, or says with which problem it is refused. A refused call does not use up its nonce. */
  check(call: Call, rules: GateRules, now: Temporal.Instant): GateVerdict {
    const parameters = collectParameters(call);
    const oauth = Object.fromEntries(parameters.oauth);
    const malformed = findMalformed(parameters, oauth, rules.needs);
    if (malformed !== undefined) return { ok: false, problem: malformed };

    const environment = this.#environmentOf(oauth.oauth_consumer_key);
    if (environment === undefined || rules.isKeyExpired) {
      return { ok: false, problem: problem("consumer_key_rejected") };
    }
    const late = this.#findLate(oauth.oauth_timestamp ?? "", rules.timestampWindowSeconds, now);
    if (late !== undefined) return { ok: false, problem: late };

    const token = oauth.oauth_token ?? "";
    const tokenSecret = rules.needs.includes("oauth_token") ? rules.secretOf(token, environment) : "";
    if (tokenSecret === undefined) return { ok: false, problem: problem("token_rejected") };

    const base = baseString(call, parameters);
    const expected = hmacSha1(base, { consumerSecret: this.#keys[environment].secret, tokenSecret });
    if (!isSameSignature(oauth.oauth_signature ?? "", expected)) {
      return { ok: false, problem: problem("signature_invalid") };
    }
    if (!this.#isFresh(`${environment}|${oauth.oauth_timestamp}|${oauth.oauth_nonce}`)) {
      return { ok: false, problem: problem("nonce_used") };
    }
    return { ok: true, environment, oauth, query: parameters.others };
  }

  #findLate(given: string, windowSeconds: number, now: Temporal.Instant): Problem | undefined {
    const late = findLate(given, windowSeconds, now);
    const machineNow = this.#machineNow?.();
    if (late === undefined || machineNow === undefined) return late;
    return findLate(given, windowSeconds, machineNow) === undefined ? undefined : late;
  }

  #environmentOf(key: string | undefined): Environment | undefined {
    if (key === this.#keys.production.key) return "production";
    return key === this.#keys.sandbox.key ? "sandbox" : undefined;
  }

  #isFresh(nonce: string): boolean {
    if (this.#nonces.has(nonce)) return false;
    this.#nonces.add(nonce);
    const oldest = this.#nonces.size > MOST_NONCES ? this.#nonces.values().next().value : undefined;
    if (oldest !== undefined) this.#nonces.delete(oldest);
    return true;
  }
}

function findMalformed(
  parameters: SignedParameters,
  oauth: Texts,
  needs: GateRules["needs"],
): Problem | undefined {
  const names = parameters.oauth.map(([name]) => name);
  const doubled = names.filter((name, index) => names.indexOf(name) !== index);
  if (doubled[0] !== undefined) {
    return problem("parameter_rejected", { oauth_parameters_rejected: listed([...new Set(doubled)]) });
  }
  const absent = [...ALWAYS, ...needs].filter((name) => !oauth[name]);
  if (absent.length > 0) return problem("parameter_absent", { oauth_parameters_absent: listed(absent) });
  if (oauth.oauth_signature_method !== "HMAC-SHA1") return problem("signature_method_rejected");
  const version = oauth.oauth_version;
  return version === undefined || version === "1.0" ? undefined : problem("version_rejected");
}

/** The Problem Reporting extension joins names with an encoded `&`. */
function listed(names: readonly string[]): string {
  return names.map((name) => encodeURIComponent(name)).join("%26");
}

function findLate(given: string, windowSeconds: number, now: Temporal.Instant): Problem | undefined {
  if (!/^\d{1,12}$/.test(given)) {
    return problem("parameter_rejected", { oauth_parameters_rejected: "oauth_timestamp" });
  }
  const nowSeconds = Math.floor(now.epochMilliseconds / 1_000);
  if (windowSeconds === 0 || Math.abs(Number(given) - nowSeconds) <= windowSeconds) return undefined;
  const range = `${nowSeconds - windowSeconds}-${nowSeconds + windowSeconds}`;
  return problem("timestamp_refused", { oauth_acceptable_timestamps: range });
}
