import { existsSync, realpathSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startProcessGroup } from "./process-group.ts";

const READY_WITHIN_MS = 60_000;

/** An emulator at work. Every project id is a world of its own in it. */
export interface Emulator {
  /** `host:port` on loopback. */
  readonly host: string;
  readonly projectId: string;
  /** Ends the emulator, its Java process included. */
  stop(): Promise<void>;
}

interface EmulatorKind {
  readonly name: string;
  /** Folder of the emulator in the SDK's `platform` folder. */
  readonly component: string;
  command(hostPort: string, dataDirectory: string): readonly string[];
}

const FIRESTORE: EmulatorKind = {
  name: "Firestore",
  component: "cloud-firestore-emulator",
  command: (hostPort) => ["gcloud", "emulators", "firestore", "start", `--host-port=${hostPort}`],
};

const PUBSUB: EmulatorKind = {
  name: "Pub/Sub",
  component: "pubsub-emulator",
  command: (hostPort, dataDirectory) => [
    ...["gcloud", "beta", "emulators", "pubsub", "start"],
    ...[`--host-port=${hostPort}`, `--data-dir=${dataDirectory}`],
  ],
};

/** Starts the official Firestore emulator on a free port. Throws, with what it printed, when it does not answer. */
export function startFirestoreEmulator(): Promise<Emulator> {
  return startEmulator(FIRESTORE);
}

/** Starts the official Pub/Sub emulator on a free port. Throws, with what it printed, when it does not answer. */
export function startPubsubEmulator(): Promise<Emulator> {
  return startEmulator(PUBSUB);
}

/** Whether gcloud with both emulators, and Java, are on this machine. */
export function hasEmulators(env: NodeJS.ProcessEnv): boolean {
  const gcloud = findExecutable("gcloud", env);
  if (gcloud === undefined || findExecutable("java", env) === undefined) return false;
  const platform = path.join(path.dirname(realpathSync(gcloud)), "..", "platform");
  return [FIRESTORE, PUBSUB].every(({ component }) => existsSync(path.join(platform, component)));
}

function findExecutable(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

async function startEmulator(kind: EmulatorKind): Promise<Emulator> {
  const host = `127.0.0.1:${await findFreePort()}`;
  // Apart from the person's own gcloud settings, and it must exist before the Pub/Sub emulator starts.
  const directory = await mkdtemp(path.join(tmpdir(), "openbell-emulator-"));
  const group = startProcessGroup(kind.command(host, directory), {
    ...process.env,
    CLOUDSDK_CONFIG: directory,
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
  });
  const stop = async (): Promise<void> => {
    await group.stop();
    await rm(directory, { recursive: true, force: true });
  };
  let hasEnded = false;
  void group.ended.then(() => {
    hasEnded = true;
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isAnswering(host))) {
    if (hasEnded || performance.now() > deadline) {
      await stop();
      throw new Error(`The ${kind.name} emulator did not start:\n${group.output()}`);
    }
    await sleep(100);
  }
  return { host, projectId: "demo-openbell", stop };
}

async function isAnswering(host: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${host}/`, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("No free port was given."));
      });
    });
  });
}
