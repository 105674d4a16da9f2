import { readFile } from "node:fs/promises";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { type Config, configSchema } from "./config.ts";

/** A configuration file that cannot be used; the message says where and why. */
export class ConfigurationInvalid extends Error {
  override readonly name = "ConfigurationInvalid";
}

/** Reads `openbell.yaml`; where there is none, the defaults hold. Throws {@link ConfigurationInvalid}. */
export async function loadConfig(path: string): Promise<Config> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new ConfigurationInvalid(`${path} cannot be read (${error.code ?? "unknown"}).`);
  });
  const parsed = configSchema.safeParse(parseYaml(path, text) ?? {});
  if (parsed.success) return parsed.data;
  throw new ConfigurationInvalid(`${path} is not a valid configuration:\n${z.prettifyError(parsed.error)}`);
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new ConfigurationInvalid(`${path} is not valid YAML: ${error.message}`);
  }
}
