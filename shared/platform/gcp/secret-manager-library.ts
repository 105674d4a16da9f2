/**
 * What is used of the Secret Manager library, in a file of its own, so that it is loaded when it is first needed.
 * The package's front door would load a second version of the interface besides, and all messages once more.
 */
import { SecretManagerServiceClient } from "@google-cloud/secret-manager/build/src/v1/secret_manager_service_client.js";

/** The classes that the adapter is made with. */
export const library = { SecretManagerServiceClient };
