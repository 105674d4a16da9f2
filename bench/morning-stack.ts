/** The stack that the benchmark `morning` measures, on each ground, and one measured login in it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { type Home, openHome } from "../infra/local/home.ts";
import { openLocalPlatform, type RunningPlatform } from "../infra/local/local-platform.ts";
import { quietLog } from "../infra/local/quiet-log.ts";
import { type Stack, type StackOptions, startStack } from "../infra/local/stack.ts";
import { createScriptedOwner, type ScriptedOwner } from "../infra/sandbox/owner/scripted-owner.ts";
import { configSchema } from "../shared/config/config.ts";
import type { Log, LogFields } from "../shared/platform/log.ts";
import { type EmulatedPlace, openEmulatedPlatform } from "../tests/support/emulated-platform.ts";
import { MASTER_KEY, ROOT } from "../tests/support/stack.ts";

const PATIENCE_MS = 20_000;
const UNTIL_ALERT = Temporal.Duration.from({ seconds: 30 });
/** The product takes ten PINs a minute from one address. */
const BETWEEN_LOGINS = Temporal.Duration.from({ seconds: 7 });
/** The most logins a connection and day that a configuration can allow. */
const LOGINS_PER_CONNECTION = 20;

/** What a stack stands on: `place` says where the emulators are, and what of the machine they take over. */
export type Ground =
  | { readonly kind: "local" }
  | { readonly kind: "pubsub" | "everything"; readonly place: EmulatedPlace };

export interface MorningStack {
  /** Logs in once more; the milliseconds from the POST of the PIN to the acknowledgement. */
  logIn(): Promise<number>;
  close(): Promise<void>;
}

/** A stack with its owner signed in, ready for `logins` logins on one morning. */
export async function openMorningStack(ground: Ground, logins: number): Promise<MorningStack> {
  const folder = await mkdtemp(join(tmpdir(), "openbell-bench-"));
  const ids = connectionIds(logins);
  const watch = watchAcknowledgements();
  let stack: Stack | undefined;
  const close = async () => {
    await stack?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    stack = await startOn(ground, { home: await openHome(folder, { isFresh: false }), log: watch.log, ids });
    const owner = await signIn(stack);
    return { logIn: createLogins({ stack, owner, next: watch.next }, ids), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startOn(
  ground: Ground,
  { home, log, ids }: { readonly home: Home; readonly log: Log; readonly ids: readonly string[] },
): Promise<Stack> {
  const connections = ids.map((id) => ({
    id,
    label: id,
    broker: "etrade",
    environment: "production",
    needed: "every-morning",
  }));
  return startStack({
    home,
    masterKey: MASTER_KEY,
    config: configSchema.parse({
      connections,
      accounts: [],
      bots: [],
      tokens: { loginsPerDay: LOGINS_PER_CONNECTION },
    }),
    build: "bench",
    port: 0,
    root: ROOT,
    log,
    isFlowing: true,
    openPlatform: (parts) => openOn(ground, home, parts),
  });
}

async function openOn(
  ground: Ground,
  home: Home,
  parts: Parameters<StackOptions["openPlatform"]>[0],
): Promise<RunningPlatform> {
  if (ground.kind === "everything") return openEmulatedPlatform(ground.place, parts);
  const local = openLocalPlatform({ ...parts, home, masterKey: MASTER_KEY });
  if (ground.kind === "local") return local;
  const emulated = await openEmulatedPlatform(ground.place, parts);
  return {
    ...emulated,
    platform: { ...local.platform, bus: emulated.platform.bus },
    async close() {
      await emulated.close();
      await local.close();
    },
  };
}

/** As many connections as the logins need: a single one may not log in so often in a day. */
function connectionIds(logins: number): readonly string[] {
  const count = Math.ceil(logins / LOGINS_PER_CONNECTION);
  return Array.from({ length: count }, (_, index) => `connection-${index + 1}`);
}

async function signIn(stack: Stack): Promise<ScriptedOwner> {
  const owner = createScriptedOwner(stack.addresses.sandbox);
  await stack.clock.advanceBy(UNTIL_ALERT);
  await owner.openLink(await owner.waitForMessage((one) => one.buttons.length > 0, PATIENCE_MS));
  return owner;
}

interface Login {
  readonly stack: Stack;
  readonly owner: ScriptedOwner;
  readonly next: Watch["next"];
}

/** Each call takes the next connection in turn. */
function createLogins({ stack, owner, next }: Login, ids: readonly string[]): () => Promise<number> {
  let count = 0;
  return async () => {
    const connection = ids[count % ids.length] ?? "";
    count += 1;
    await stack.clock.advanceBy(BETWEEN_LOGINS);
    const authorization = await owner.begin(connection);
    const pin = await owner.logIn(authorization);

    const acknowledged = next(connection);
    const startMs = performance.now();
    const [generation, acknowledgement] = await Promise.all([
      owner.enterPin(connection, authorization.id, pin),
      acknowledged,
    ]);

    if (acknowledgement.generation !== generation) throw new Error("Another token was acknowledged.");
    return acknowledgement.atMs - startMs;
  };
}

interface Seen {
  readonly generation: unknown;
  /** When, on the clock of `performance.now()`. */
  readonly atMs: number;
}

interface Watch {
  readonly log: Log;
  /** The connection's next acknowledgement; rejects when it does not come in time. */
  next(connection: string): Promise<Seen>;
}

/** A log that keeps nothing but tells of acknowledgements, which are logged once they are in the store. */
function watchAcknowledgements(): Watch {
  const waiting = new Map<string, (seen: Seen) => void>();
  const log: Log = {
    ...quietLog,
    info(event: string, fields: LogFields = {}) {
      if (event !== "token-acknowledged") return;
      waiting.get(String(fields.connection))?.({ generation: fields.generation, atMs: performance.now() });
    },
    for: () => log,
  };
  return {
    log,
    next: (connection) =>
      new Promise((resolve, reject) => {
        waiting.set(connection, resolve);
        AbortSignal.timeout(PATIENCE_MS).addEventListener("abort", () => {
          reject(new Error(`No acknowledgement of ${connection} within ${PATIENCE_MS} ms.`));
        });
      }),
  };
}
