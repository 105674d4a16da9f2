import { z } from "zod";
import { topic } from "../../bus.ts";
import { collection } from "../../store.ts";

/** What the tests' child process and the tests agree on. */
export const TASKS = ["add-to-vault", "write-to-store", "publish", "consume"] as const;
export type Task = (typeof TASKS)[number];

export const counters = collection("counters", z.strictObject({ n: z.int() }));
export const entries = collection("entries", z.strictObject({ n: z.int(), text: z.string() }));
export const numbers = topic("numbers", z.strictObject({ n: z.int() }));
export const subscriptions = [{ topic: "numbers", subscriber: "worker" }];
export const masterKey = new Uint8Array(32).fill(7);

/** A long text in which every part tells whether the whole is there. */
export function longText(n: number): string {
  return Array.from({ length: 400 }, (_, part) => `${n}:${part}`).join(" ");
}
