import type { TestProject } from "vitest/node";
import { hasEmulators, startFirestoreEmulator, startPubsubEmulator } from "./emulators.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** `host:port` of the emulators of this run; `null` where gcloud or Java is missing. */
    readonly emulators: { readonly firestore: string; readonly pubsub: string } | null;
  }
}

const MISSING = "tests on the Firestore and Pub/Sub emulators (gcloud or Java not found).";

/**
 * Starts each emulator once for the whole run and ends it afterwards. Where gcloud or Java is missing it says
 * in one line what is left out; with `CI=true` it throws instead.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!hasEmulators(process.env)) {
    if (process.env.CI === "true") throw new Error(`With CI=true nothing may be left out: ${MISSING}`);
    process.stdout.write(`Left out: ${MISSING}\n`);
    project.provide("emulators", null);
    return undefined;
  }
  const started = await Promise.allSettled([startFirestoreEmulator(), startPubsubEmulator()]);
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((one) => (one.status === "fulfilled" ? one.value.stop() : undefined)));
  };
  const [firestore, pubsub] = started;
  if (firestore.status === "rejected" || pubsub.status === "rejected") {
    await stop();
    throw firestore.status === "rejected" ? firestore.reason : (pubsub as PromiseRejectedResult).reason;
  }
  project.provide("emulators", { firestore: firestore.value.host, pubsub: pubsub.value.host });
  return stop;
}
