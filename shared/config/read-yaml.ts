import { type Document, isMap, isNode, LineCounter, parseDocument } from "yaml";
import { type Config, configSchema } from "./config.ts";
import { ConfigurationInvalid } from "./configuration-invalid.ts";
import { explainFaults, type Fault, type Keys } from "./explain-faults.ts";
import { configJsonSchema } from "./json-schema.ts";

/** The configuration that a text in YAML holds. Throws {@link ConfigurationInvalid} with one line for each fault. */
export async function readYaml(
  { path, text }: { readonly path: string; readonly text: string },
  check: (config: Config) => Promise<readonly Fault[]>,
): Promise<Config> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new ConfigurationInvalid(`${path}:${line}: is not valid YAML: ${broken.message}`);
  }
  const value = readValue(path, document) ?? {};
  const parsed = configSchema.safeParse(value);
  const faults = parsed.success
    ? await check(parsed.data)
    : explainFaults(parsed.error, configJsonSchema(), value);
  if (parsed.success && faults.length === 0) return parsed.data;
  const told = faults.map(({ keys, reason }) => {
    const line = lineOf({ document, lines }, keys);
    return `${path}:${line}: ${nameOf(keys)}: ${reason}`;
  });
  throw new ConfigurationInvalid(told.join("\n"));
}

/** An alias that leads nowhere, or that multiplies without end, comes to light only here. */
function readValue(path: string, document: Document): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new ConfigurationInvalid(`${path} is not valid YAML: ${reason}`, { cause: error });
  }
}

/** `connections[0].label`; the whole file is `(file)`. */
function nameOf(keys: Keys): string {
  const name = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return name === "" ? "(file)" : name.replace(/^\./, "");
}

/** The line of the key, or of the innermost place above it that is in the file. */
function lineOf(
  { document, lines }: { readonly document: Document; readonly lines: LineCounter },
  keys: Keys,
): number {
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const parent = document.getIn(keys.slice(0, depth - 1), true);
    const key = keys[depth - 1];
    const pair = isMap(parent)
      ? parent.items.find((one) => String(isNode(one.key) ? one.key.toJSON() : one.key) === key)
      : undefined;
    const node = pair?.key ?? document.getIn(keys.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
