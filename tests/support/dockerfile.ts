/** What a Dockerfile says of the process that it makes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "./stack.ts";

export const FUNCTIONS_DOCKERFILE = "functions/Dockerfile";
export const WORKER_DOCKERFILE = "functions/worker/Dockerfile";

/** What is started, in the folder that the image works in. */
export interface Command {
  /** Node's own. */
  readonly flags: readonly string[];
  readonly script: string;
}

const commandSchema = z
  .tuple([z.literal("node")], z.string())
  .refine((words) => words.findIndex((word, at) => at > 0 && !word.startsWith("--")) === words.length - 1);

/** The command of the last `CMD`, which must be in the form that no shell reads: node, its flags and one script. */
export function commandOf(dockerfile: string): Command {
  const command = [...finalStageOf(dockerfile).matchAll(/^CMD (\[.*\])$/gm)].at(-1)?.[1];
  if (command === undefined) throw new Error(`${dockerfile} has no CMD in JSON form.`);
  const words = commandSchema.parse(JSON.parse(command));
  return { flags: words.slice(1, -1), script: words.at(-1) ?? "" };
}

/** The environment that the image itself sets. */
export function environmentOf(dockerfile: string): Readonly<Record<string, string>> {
  const lines = [...finalStageOf(dockerfile).matchAll(/^ENV ([A-Z_]+)=(\S+)$/gm)];
  return Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value]));
}

/** The lines of the stage that becomes the image. */
export function finalStageOf(dockerfile: string): string {
  const text = readFileSync(join(ROOT, dockerfile), "utf8");
  return text.slice(Math.max(0, text.lastIndexOf("\nFROM ")));
}
