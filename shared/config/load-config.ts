import { readFileSync } from "node:fs";
import { type Config, configSchema } from "./config.ts";
import { ConfigurationInvalid } from "./configuration-invalid.ts";
import type { Fault } from "./explain-faults.ts";

/** Faults that only others can find, such as those of strategies; each with its place in the file. */
export type ConfigCheck = (config: Config) => Promise<readonly Fault[]>;

/**
 * Reads `openbell.yaml`; where there is none, the defaults hold. Throws {@link ConfigurationInvalid} with one
 * line for each fault: `openbell.yaml:7: connections[0].label: what is wrong`. `check` is asked about a file that
 * has no fault by itself.
 */
export async function loadConfig(path: string, check: ConfigCheck = async () => []): Promise<Config> {
  const text = readText(path);
  const plain = configSchema.safeParse(readPlain(text));
  if (plain.success && (await check(plain.data)).length === 0) return plain.data;
  // Late: what reads YAML and tells of faults would stay with a process that has neither.
  const { readYaml } = await import("./read-yaml.ts");
  return readYaml({ path, text }, check);
}

/** The file's text, read at once: a program reads it when it starts, and the promises of files would stay loaded. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "";
    throw new ConfigurationInvalid(`${path} cannot be read (${code ?? "unknown"}).`);
  }
}

/** The value of a text that says nothing, or is JSON as programs write it: no key twice, and nothing left out. */
function readPlain(text: string): unknown {
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text.trim() ? value : undefined;
  } catch {
    return undefined;
  }
}
