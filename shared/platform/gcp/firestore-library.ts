/** What is used of the Firestore library, in a file of its own, so that it is loaded when it is first needed. */
import { FieldPath, Firestore, Timestamp } from "@google-cloud/firestore";

/** The classes that the adapter is made with. */
export const library = { FieldPath, Firestore, Timestamp };
