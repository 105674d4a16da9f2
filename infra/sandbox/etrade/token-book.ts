import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import type { Seal } from "./seal.ts";
import { nextMidnight } from "./token-life.ts";
import { type AccessToken, type RequestToken, type SavedBook, savedBookSchema } from "./token-records.ts";
import type { Environment } from "./vocabulary.ts";

/** Where the simulator keeps its state between two runs. */
export interface BookStorage {
  load(): string | undefined;
  save(text: string): void;
}

/** A token as the client gets it. */
export interface TokenPair {
  readonly token: string;
  readonly secret: string;
}

const FORGET_ACCESS_AFTER = { hours: 48 };

/**
 * Issues, finds and ends the simulated tokens, and keeps them in `storage` under derived names. A text that
 * cannot be read, or was written with another key, is left behind and the book starts empty.
 */
export class TokenBook {
  readonly #deps: { seal: Seal; random: Random; log: Log; storage: BookStorage | undefined };
  readonly #book: SavedBook;

  constructor(deps: { seal: Seal; random: Random; log: Log; storage: BookStorage | undefined }) {
    this.#deps = deps;
    this.#book = this.#load();
  }

  issueRequest(
    facts: { environment: Environment; callback: string; lifeSeconds: number },
    now: Temporal.Instant,
  ): TokenPair {
    const pair = this.#mint("request");
    this.#book.requestTokens[this.#deps.seal.idOf(pair.token)] = {
      environment: facts.environment,
      callback: facts.callback,
      issuedAt: now,
      expiresAt: now.add({ seconds: facts.lifeSeconds }),
    };
    this.#tidy(now);
    this.save();
    return pair;
  }

  /** The request token, unless it is unknown, spent or older than its life. */
  request(token: string, now: Temporal.Instant): RequestToken | undefined {
    const found = this.#book.requestTokens[this.#deps.seal.idOf(token)];
    if (found === undefined || Temporal.Instant.compare(now, found.expiresAt) >= 0) return undefined;
    return found;
  }

  accept(token: string, username: string): void {
    const found = this.#book.requestTokens[this.#deps.seal.idOf(token)];
    if (found === undefined) return;
    found.acceptedBy = username;
    this.save();
  }

  spendRequest(token: string): void {
    delete this.#book.requestTokens[this.#deps.seal.idOf(token)];
    this.save();
  }

  /**
   * Exchanges a request token for an access token, in one step: a process that dies has done both or nothing.
   * `earlyDeathShare` is the chance of a drawn early death; `endsOlder` ends the user's older ones.
   */
  exchange(
    requestToken: string,
    facts: { environment: Environment; username: string; earlyDeathShare: number; endsOlder: boolean },
    now: Temporal.Instant,
  ): TokenPair {
    delete this.#book.requestTokens[this.#deps.seal.idOf(requestToken)];
    if (facts.endsOlder) this.#endOlder(facts);
    const pair = this.#mint("access");
    const expiresAt = nextMidnight(now);
    const diesAt = this.#drawDeath(facts.earlyDeathShare, now, expiresAt);
    this.#book.accessTokens[this.#deps.seal.idOf(pair.token)] = {
      environment: facts.environment,
      username: facts.username,
      issuedAt: now,
      lastUsedAt: now,
      expiresAt,
      ...(diesAt === undefined ? {} : { diesAt }),
    };
    this.#tidy(now);
    this.save();
    return pair;
  }

  /** The access token in whatever life it is; undefined when it was never issued or is long dead. */
  access(token: string): AccessToken | undefined {
    return this.#book.accessTokens[this.#deps.seal.idOf(token)];
  }

  touch(token: AccessToken, now: Temporal.Instant): void {
    token.lastUsedAt = now;
    this.save();
  }

  revoke(token: AccessToken): void {
    token.ended = "revoked";
    this.save();
  }

  /** All tokens by their derived names. */
  list(): Pick<SavedBook, "requestTokens" | "accessTokens"> {
    return this.#book;
  }

  /** Wrong passwords in a row and locked users; `save` after a change. */
  get logins(): Pick<SavedBook, "wrongPasswords" | "lockedUsers"> {
    return this.#book;
  }

  save(): void {
    this.#deps.storage?.save(JSON.stringify(z.encode(savedBookSchema, this.#book)));
  }

  #mint(kind: "request" | "access"): TokenPair {
    const { seal, random } = this.#deps;
    this.#book.serial += 1;
    const chance = Buffer.from(random.bytes(32)).toString("hex");
    const token = Buffer.from(seal.derive(`token|${kind}|${this.#book.serial}|${chance}`)).toString("base64");
    return { token, secret: seal.secretOf(token) };
  }

  #drawDeath(chance: number, now: Temporal.Instant, end: Temporal.Instant): Temporal.Instant | undefined {
    const [fate, moment] = [this.#fraction(), this.#fraction()];
    if (fate >= chance) return undefined;
    return now.add({ milliseconds: Math.floor(moment * now.until(end).total("milliseconds")) });
  }

  #fraction(): number {
    return Buffer.from(this.#deps.random.bytes(4)).readUInt32BE(0) / 2 ** 32;
  }

  #endOlder(owner: { environment: Environment; username: string }): void {
    for (const token of Object.values(this.#book.accessTokens)) {
      const isSame = token.environment === owner.environment && token.username === owner.username;
      if (isSame) token.ended ??= "replaced";
    }
  }

  /** Forgets what is answered in the same way whether it is known or not. */
  #tidy(now: Temporal.Instant): void {
    for (const [id, token] of Object.entries(this.#book.requestTokens)) {
      if (Temporal.Instant.compare(now, token.expiresAt) >= 0) delete this.#book.requestTokens[id];
    }
    for (const [id, token] of Object.entries(this.#book.accessTokens)) {
      const gone = token.expiresAt.add(FORGET_ACCESS_AFTER);
      if (Temporal.Instant.compare(now, gone) >= 0) delete this.#book.accessTokens[id];
    }
  }

  #load(): SavedBook {
    const check = this.#deps.seal.hex("check", 16);
    const empty: SavedBook = {
      version: 1,
      check,
      serial: 0,
      requestTokens: {},
      accessTokens: {},
      wrongPasswords: {},
      lockedUsers: [],
    };
    const text = this.#deps.storage?.load();
    if (text === undefined) return empty;
    const saved = readBook(text);
    if (saved?.check === check) return saved;
    this.#deps.log.warn("simulator-state-left-behind", { reason: saved ? "other-key" : "unreadable" });
    return empty;
  }
}

function readBook(text: string): SavedBook | undefined {
  try {
    return savedBookSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
