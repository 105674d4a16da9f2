import type { PubSub } from "@google-cloud/pubsub";

/** The part of the client library that is loaded at the first call. */
export type PubsubLibrary = typeof import("./pubsub-library.ts").library;

/** Where the Pub/Sub service is. */
export interface PubsubPlace {
  readonly projectId: string;
  /**
   * `host:port` of an emulator. Absent, it is Google's service with the machine's own credentials, or what
   * `PUBSUB_EMULATOR_HOST` names.
   */
  readonly emulatorHost?: string;
}

/** Loads the client library and makes a client; nothing is sent yet. */
export async function openPubsub({ projectId, emulatorHost }: PubsubPlace) {
  const { library } = await import("./pubsub-library.ts");
  const client: PubSub = new library.PubSub({
    projectId,
    // Without a universe the client would ask the metadata server of the cloud for it.
    ...(emulatorHost !== undefined && {
      apiEndpoint: emulatorHost,
      emulatorMode: true,
      clientOptions: { universeDomain: "googleapis.com" },
    }),
  });
  return { library, client };
}

/** The Pub/Sub id of a subscriber's subscription to a topic: `<topic>.<subscriber>`. */
export function subscriptionId(topic: string, subscriber: string): string {
  return `${topic}.${subscriber}`;
}
