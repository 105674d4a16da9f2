import { fileURLToPath } from "node:url";
import type { Temporal } from "temporal-polyfill";
import { openHome } from "../../infra/local/home.ts";
import { openLocalPlatform, type RunningPlatform } from "../../infra/local/local-platform.ts";
import { type Stack, type StackOptions, startStack } from "../../infra/local/stack.ts";
import { createScriptedOwner, type ScriptedOwner } from "../../infra/sandbox/owner/scripted-owner.ts";
import { configSchema } from "../../shared/config/config.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { recordedLog } from "./recorded-log.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const PRODUCTION = "etrade-production";
export const SANDBOX = "etrade-sandbox";

export interface TestStack extends Stack {
  readonly owner: ScriptedOwner;
  readonly folder: string;
  /** Everything that was logged, as one text. */
  logged(): string;
}

export interface TestStackOptions {
  readonly config?: unknown;
  readonly startAt?: Temporal.Instant;
  /** An earlier stack's folder, to start again where it stopped. */
  readonly folder?: string;
  readonly isFlowing?: boolean;
  readonly port?: number;
  readonly isHurried?: boolean;
  readonly marketSeed?: string;
  readonly workerMemoryMb?: () => number;
  openPlatform?(parts: Parameters<StackOptions["openPlatform"]>[0]): Promise<RunningPlatform>;
  /** Puts something between the stack and its platform. */
  wrapPlatform?(running: RunningPlatform): RunningPlatform;
}

/** The key of every test's vault. */
export const MASTER_KEY = new Uint8Array(32).fill(9);

/** A whole stack on free ports; time stands still unless told otherwise. */
export async function openTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const made = options.folder === undefined ? makeTemporaryFolder() : undefined;
  const folder = options.folder ?? made?.path ?? "";
  const home = await openHome(folder, { isFresh: false });
  const { log, text } = recordedLog();
  const openPlatform =
    options.openPlatform ?? (async (parts) => openLocalPlatform({ ...parts, home, masterKey: MASTER_KEY }));
  const wrap = options.wrapPlatform ?? ((running) => running);
  const stack = await startStack({
    home,
    masterKey: MASTER_KEY,
    config: configSchema.parse({ accounts: [], bots: [], ...(options.config as object | undefined) }),
    build: "test",
    port: options.port ?? 0,
    root: ROOT,
    log,
    isFlowing: options.isFlowing ?? false,
    isHurried: options.isHurried ?? false,
    ...(options.workerMemoryMb && { workerMemoryMb: options.workerMemoryMb }),
    ...(options.marketSeed !== undefined && { marketSeed: options.marketSeed }),
    ...(options.startAt && { startAt: options.startAt }),
    openPlatform: async (parts) => wrap(await openPlatform(parts)),
  });
  return {
    ...stack,
    folder,
    owner: createScriptedOwner(stack.addresses.sandbox),
    logged: text,
    async close() {
      await stack.close();
      made?.remove();
    },
  };
}

/** Rings the phone, opens the link and renews one connection, until the worker has acknowledged. */
export async function renewByHttp(stack: TestStack, connection = PRODUCTION): Promise<number> {
  const authorization = await stack.owner.begin(connection);
  const pin = await stack.owner.logIn(authorization);
  const generation = await stack.owner.enterPin(connection, authorization.id, pin);
  await stack.owner.waitForGreen(connection, generation, 15_000);
  return generation;
}

/** Moves to the morning alert and signs the owner in by its link. */
export async function signIn(stack: TestStack): Promise<void> {
  await stack.clock.advanceTo(stack.clock.now().add({ seconds: 30 }));
  const alert = await stack.owner.waitForMessage((one) => one.buttons.length > 0, 10_000);
  await stack.owner.openLink(alert);
}
