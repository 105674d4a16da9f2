import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import type { Seal } from "../seal.ts";
import { type Grant, type Permission, type SavedGrants, savedGrantsSchema } from "./grant-records.ts";

/** Where the simulator keeps its grants between two runs. */
export interface GrantStorage {
  load(): string | undefined;
  save(text: string): void;
}

/** What the broker hands out for a code or a refresh token. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

/** An access token as it stands. */
export interface AccessView extends Permission {
  /** Its derived name, by which sessions are known; says nothing about it. */
  readonly id: string;
  readonly isExpired: boolean;
}

interface GrantDeps {
  readonly seal: Seal;
  readonly random: Random;
  readonly log: Log;
  readonly storage?: GrantStorage | undefined;
}

const MOST_GRANTS = 200;

/**
 * The broker's grants: a code lives shortly and once; an access token ends with its life or with the refresh
 * that replaces it; a refresh token has no end but works once.
 */
export class GrantBook {
  readonly #deps: GrantDeps;
  readonly #book: SavedGrants;
  readonly #listeners = new Set<(accessIds: readonly string[]) => void>();

  constructor(deps: GrantDeps) {
    this.#deps = deps;
    this.#book = this.#load();
  }

  /** Told of access tokens that were ended before their time, after it is stored. */
  watch(listener: (accessIds: readonly string[]) => void): void {
    this.#listeners.add(listener);
  }

  issueCode(
    permission: Permission,
    facts: { readonly redirectUri: string; readonly lifeSeconds: number },
    now: Temporal.Instant,
  ): string {
    const code = this.#mint("code", 24);
    this.#book.codes[this.#deps.seal.idOf(code)] = {
      ...permission,
      redirectUri: facts.redirectUri,
      expiresAt: now.add({ seconds: facts.lifeSeconds }),
    };
    this.#tidy(now);
    this.#save();
    return code;
  }

  /** Spends the code, whether or not the rest is right; undefined when it is not. */
  redeem(
    code: string,
    facts: {
      readonly clientId: string;
      readonly redirectUri: string;
      readonly lifeSeconds: number;
      readonly endsOlder: boolean;
    },
    now: Temporal.Instant,
  ): TokenPair | undefined {
    const id = this.#deps.seal.idOf(code);
    const found = this.#book.codes[id];
    delete this.#book.codes[id];
    const isGood =
      found !== undefined &&
      Temporal.Instant.compare(now, found.expiresAt) < 0 &&
      found.clientId === facts.clientId &&
      found.redirectUri === facts.redirectUri;
    if (!isGood) {
      this.#save();
      return undefined;
    }
    const { user, clientId, scope, accounts } = found;
    const older = facts.endsOlder
      ? this.#book.grants.filter((one) => one.user === user && one.clientId === clientId)
      : [];
    const pair = this.#issue({ user, clientId, scope, accounts }, facts.lifeSeconds, now);
    this.#endGrants(older, true);
    return pair;
  }

  /** Replaces both tokens of a grant; undefined for a refresh token that is unknown or used. */
  refresh(
    refreshToken: string,
    facts: { readonly clientId: string; readonly lifeSeconds: number },
    now: Temporal.Instant,
  ): TokenPair | undefined {
    const id = this.#deps.seal.idOf(refreshToken);
    const old = this.#book.grants.find((one) => one.refreshId === id && one.clientId === facts.clientId);
    if (old === undefined) return undefined;
    const { user, clientId, scope, accounts } = old;
    const pair = this.#issue({ user, clientId, scope, accounts }, facts.lifeSeconds, now);
    this.#endGrants([old], true);
    return pair;
  }

  /** Undefined when it was never issued, or was ended. */
  access(token: string, now: Temporal.Instant): AccessView | undefined {
    const id = this.#deps.seal.idOf(token);
    const found = this.#book.grants.find((one) => one.accessId === id);
    if (found === undefined || found.accessEnded) return undefined;
    const { user, clientId, scope, accounts } = found;
    const isExpired = Temporal.Instant.compare(now, found.accessExpiresAt) >= 0;
    return { id, user, clientId, scope, accounts, isExpired };
  }

  /** Ends every access token; `withRefresh` the refresh tokens as well. */
  endAll({ withRefresh }: { readonly withRefresh: boolean }): void {
    this.#endGrants(this.#book.grants, withRefresh);
  }

  /** All grants, oldest first. */
  list(): readonly Readonly<Grant>[] {
    return this.#book.grants;
  }

  #issue(permission: Permission, lifeSeconds: number, now: Temporal.Instant): TokenPair {
    const accessToken = this.#mint("access", 32);
    const refreshToken = this.#mint("refresh", 32);
    this.#book.grants.push({
      ...permission,
      accessId: this.#deps.seal.idOf(accessToken),
      accessExpiresAt: now.add({ seconds: lifeSeconds }),
      accessEnded: false,
      refreshId: this.#deps.seal.idOf(refreshToken),
      issuedAt: now,
    });
    return { accessToken, refreshToken, expiresInSeconds: lifeSeconds };
  }

  /** In one step with what was changed before: a process that dies has done both or nothing. */
  #endGrants(grants: readonly Grant[], withRefresh: boolean): void {
    const ended = grants.filter((one) => !one.accessEnded).map((one) => one.accessId);
    for (const one of grants) {
      one.accessEnded = true;
      if (withRefresh) delete one.refreshId;
    }
    this.#book.grants = this.#book.grants
      .filter((one) => !one.accessEnded || one.refreshId !== undefined)
      .slice(-MOST_GRANTS);
    this.#save();
    if (ended.length > 0) for (const listener of this.#listeners) listener(ended);
  }

  #mint(kind: string, bytes: number): string {
    const { seal, random } = this.#deps;
    this.#book.serial += 1;
    const chance = Buffer.from(random.bytes(32)).toString("hex");
    const derived = seal.derive(`${kind}|${this.#book.serial}|${chance}`);
    return Buffer.from(derived.subarray(0, bytes)).toString("base64url");
  }

  #tidy(now: Temporal.Instant): void {
    for (const [id, code] of Object.entries(this.#book.codes)) {
      if (Temporal.Instant.compare(now, code.expiresAt) >= 0) delete this.#book.codes[id];
    }
  }

  #save(): void {
    this.#deps.storage?.save(JSON.stringify(z.encode(savedGrantsSchema, this.#book)));
  }

  /** A text that cannot be read, or was written with another key, is left behind and the book starts empty. */
  #load(): SavedGrants {
    const check = this.#deps.seal.hex("grants-check", 16);
    const empty: SavedGrants = { version: 1, check, serial: 0, codes: {}, grants: [] };
    const text = this.#deps.storage?.load();
    if (text === undefined) return empty;
    const saved = readGrants(text);
    if (saved?.check === check) return saved;
    this.#deps.log.warn("simulator-state-left-behind", { reason: saved ? "other-key" : "unreadable" });
    return empty;
  }
}

function readGrants(text: string): SavedGrants | undefined {
  try {
    return savedGrantsSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
