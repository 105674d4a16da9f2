import { Temporal } from "temporal-polyfill";
import type { AuditFact } from "../../shared/audit/audit-log.ts";
import type { TokenIssuer } from "../../shared/brokers/token-issuer.ts";
import { configSchema } from "../../shared/config/config.ts";
import type { Connection } from "../../shared/config/connection.ts";
import type { Bus } from "../../shared/platform/bus.ts";
import { createLeases } from "../../shared/platform/lease.ts";
import { createEncryptedVault } from "../../shared/platform/local/encrypted-vault.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSqliteStore } from "../../shared/platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { createVirtualClock, type VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { Log } from "../../shared/platform/log.ts";
import { Secret } from "../../shared/platform/secret.ts";
import type { Store } from "../../shared/platform/store.ts";
import type { SecretVault } from "../../shared/platform/vault.ts";
import { Authorizer } from "../../shared/tokens/authorizer.ts";
import type { TokenRecord } from "../../shared/tokens/records.ts";
import type { TokenEvent } from "../../shared/tokens/token-events.ts";
import { FakeIssuer, GOOD_PIN } from "./fake-issuer.ts";

/** A Monday morning in New York: 08:31. */
export const MORNING = Temporal.Instant.from("2026-11-23T13:31:00Z");

export const silentLog: Log = { info() {}, warn() {}, error() {}, for: () => silentLog };

/** A bus that only notes what was published. */
export function createNotedBus(): Bus & { readonly published: unknown[] } {
  const published: unknown[] = [];
  return {
    published,
    publish: async (_topic, message) => {
      published.push(message);
    },
    subscribe: async () => ({ close: async () => undefined }),
    close: async () => undefined,
  };
}

export interface TokenHouse {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly vault: SecretVault;
  readonly bus: ReturnType<typeof createNotedBus>;
  readonly issuer: FakeIssuer;
  readonly events: TokenEvent[];
  readonly audited: AuditFact[];
  readonly connection: Connection;
  readonly limits: ReturnType<typeof configSchema.parse>["tokens"];
  /** What authorizer, keeper and acknowledger share; `over` replaces parts. */
  parts(
    over?: Partial<Pick<TokenHouse, "store" | "vault" | "connection"> & { bus: Bus; issuer: TokenIssuer }>,
  ): HouseParts;
  close(): Promise<void>;
}

export type HouseParts = ReturnType<typeof partsOf>;

/** Everything around tokens on real local adapters, with one connection, E*TRADE's unless told otherwise, and a broker in memory. */
export function openTokenHouse(
  start: Temporal.Instant = MORNING,
  broker: Connection["broker"] = "etrade",
): TokenHouse {
  const folder = makeTemporaryFolder();
  const clock = createVirtualClock({ start });
  const store = createSqliteStore({ path: `${folder.path}/store.db` });
  const vault = createEncryptedVault({
    path: `${folder.path}/vault.db`,
    masterKey: new Uint8Array(32).fill(7),
  });
  const config = configSchema.parse({});
  const connection = config.connections.find((one) => one.broker === broker);
  if (connection === undefined) throw new Error("The default configuration has no connection.");
  const basis = {
    clock,
    store,
    vault,
    bus: createNotedBus(),
    issuer: new FakeIssuer(clock),
    events: [] as TokenEvent[],
    audited: [] as AuditFact[],
    connection,
    limits: config.tokens,
  };
  return {
    ...basis,
    parts: (over = {}) => partsOf({ ...basis, ...over }),
    async close() {
      await store.close();
      vault.close();
      folder.remove();
    },
  };
}

function partsOf(
  house: Omit<TokenHouse, "parts" | "close" | "bus" | "issuer"> & {
    readonly bus: Bus;
    readonly issuer: TokenIssuer;
  },
) {
  processes += 1;
  const random = createSeededRandom(`process-${processes}`);
  return {
    ...house,
    random,
    log: silentLog,
    leases: createLeases({ store: house.store, clock: house.clock, random }),
    connections: [house.connection],
    subscriber: "worker",
    issuerOf: async () => house.issuer,
    announce: async (event: TokenEvent) => {
      house.events.push(event);
    },
    audit: async (fact: AuditFact) => {
      house.audited.push(fact);
    },
  };
}

/** Each set of parts stands for one process, with its own random names. */
let processes = 0;

/** Logs in with the right PIN, as the owner does each morning. */
export async function logIn(house: TokenHouse): Promise<TokenRecord> {
  const actor = { kind: "page", session: "s1" } as const;
  const connection = house.connection.id;
  const begun = await authorizerOf(house).begin(connection, actor);
  if (!begun.ok) throw new Error(begun.code);
  const pin = Secret.of(GOOD_PIN);
  const completed = await authorizerOf(house).complete({
    connection,
    authorization: begun.value.id,
    pin,
    actor,
  });
  if (!completed.ok) throw new Error(completed.code);
  return completed.value;
}

export function authorizerOf(house: TokenHouse): Authorizer {
  return new Authorizer(house.parts());
}
