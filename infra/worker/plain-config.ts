import { parseDocument } from "yaml";
import { configSchema } from "../../shared/config/config.ts";

/**
 * The same configuration as JSON, which is YAML too: what reads YAML then does not stay in the worker's memory. A text
 * that is not in order stays as it is, so that the worker tells at its start what is wrong and in which line.
 */
export function plainConfig(text: string): string {
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0) return text;
  try {
    const value: unknown = document.toJS() ?? {};
    return configSchema.safeParse(value).success ? JSON.stringify(value) : text;
  } catch {
    return text;
  }
}
