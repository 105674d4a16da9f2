/** What is used of the Pub/Sub library, in a file of its own, so that it is loaded when it is first needed. */
import { Duration, PubSub } from "@google-cloud/pubsub";

/** The classes that the adapter is made with. */
export const library = { Duration, PubSub };
