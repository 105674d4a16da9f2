import { randomUUID } from "node:crypto";
import { describe, inject } from "vitest";

/** Where the emulators of this run listen, as `host:port`. */
export interface EmulatorHosts {
  readonly firestore: string;
  readonly pubsub: string;
}

/** A project id that no other test uses; each is a world of its own in the emulators. */
export function aProjectId(): string {
  return `demo-${randomUUID().slice(0, 13)}`;
}

/** Tests that need the emulators; skipped, as the start of the run has said, where gcloud or Java is missing. */
export function describeEmulated(title: string, body: (hosts: EmulatorHosts) => void): void {
  const hosts = inject("emulators");
  if (hosts === null) describe.skip(title, () => body({ firestore: "127.0.0.1:1", pubsub: "127.0.0.1:1" }));
  else describe(title, () => body(hosts));
}
