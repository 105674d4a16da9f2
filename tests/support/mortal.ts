import type { HouseParts, TokenHouse } from "./token-house.ts";

/** What a process throws once it is dead. */
export class Death extends Error {
  override readonly name = "Death";
}

/** Answered at once, without a promise. */
const PLAIN = new Set<string | symbol>(["readVerifier", "lifeOf"]);

/** The methods that change the world outside a process; everything else only reads. */
const EFFECTS = new Set([
  "transact",
  "add",
  "destroy",
  "publish",
  "begin",
  "complete",
  "renew",
  "probe",
  "revoke",
  "announce",
  "audit",
]);

export interface MortalProcess {
  readonly parts: HouseParts;
  /** The effects that took place or were about to, in order. */
  readonly effects: readonly string[];
  isDead(): boolean;
}

export interface Fate {
  /** The effect at which it strikes, counted from 1. */
  readonly at: number;
  readonly when: "before" | "after";
  /** What happens there instead of death, e.g. a long pause. */
  onReached?(): Promise<void>;
}

/** A process that dies right before or right after one of its effects; from then on every call throws. */
export function createMortal(house: TokenHouse, fate?: Fate): MortalProcess {
  const effects: string[] = [];
  let isDead = false;

  async function strike(): Promise<void> {
    if (fate?.onReached !== undefined) return fate.onReached();
    isDead = true;
    throw new Death(effects.at(-1));
  }

  async function run(name: string, call: () => unknown): Promise<unknown> {
    if (isDead) throw new Death(name);
    if (!EFFECTS.has(name)) return call();
    effects.push(name);
    const isStruck = fate?.at === effects.length;
    if (isStruck && fate.when === "before") await strike();
    const result = await call();
    if (isStruck && fate.when === "after") await strike();
    return result;
  }

  function mortal<T extends object>(target: T): T {
    return new Proxy(target, {
      get(_, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== "function") return member;
        if (PLAIN.has(property)) return member.bind(target);
        return (...given: unknown[]) =>
          run(String(property), () => Reflect.apply(member, target, given) as unknown);
      },
    });
  }

  const plain = house.parts();
  const issuer = mortal(plain.issuer);
  const parts: HouseParts = {
    ...plain,
    store: mortal(plain.store),
    vault: mortal(plain.vault),
    bus: mortal(plain.bus),
    issuer,
    issuerOf: async () => issuer,
    announce: (event) => run("announce", () => plain.announce(event)) as Promise<void>,
    audit: (fact) => run("audit", () => plain.audit(fact)) as Promise<void>,
  };
  return { parts, effects, isDead: () => isDead };
}
