/**
 * Asks the keychain in a process of its own, which can be ended when the keychain hangs (a native call in
 * the main process could not, and would keep it from exiting). Reads one request as JSON from standard
 * input, prints `ready` once the library is loaded and then the answer.
 */
import { text } from "node:stream/consumers";
import { Entry } from "@napi-rs/keyring";
import { keychainAnswerSchema, keychainRequestSchema } from "./os-keychain-protocol.ts";

const request = keychainRequestSchema.parse(JSON.parse(await text(process.stdin)));
process.stdout.write("ready\n");

/** Pinned, because the library would otherwise fall back to the kernel's keyring, which a reboot empties. */
const entry = new Entry(request.service, request.account, { linux: { store: "secret-service" } });
const found = request.act === "read" ? entry.getPassword() : entry.setPassword(request.text);
process.stdout.write(JSON.stringify(keychainAnswerSchema.parse({ text: found ?? null })));
