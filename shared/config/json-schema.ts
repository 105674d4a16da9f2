/** What a schema takes, as JSON Schema: for editors, and for telling a person what to write. */
import { z } from "zod";
import { configSchema } from "./config.ts";
import { positiveDecimal } from "./limits.ts";

/** A place of a JSON Schema; of its words those that are used here. */
export interface SchemaNode {
  /** What it is, for people. */
  readonly description?: string;
  /** What it takes, where the schema has words of its own for that; no word of JSON Schema's. */
  readonly takes?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: SchemaNode;
  readonly prefixItems?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly [word: string]: unknown;
}

/** Larger whole numbers are no limit that anybody set. */
const NO_MAXIMUM = Number.MAX_SAFE_INTEGER;

/** What a zod schema takes. */
export function jsonSchemaOf(schema: z.ZodType): SchemaNode {
  const made = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      if (isPositiveDecimal(zodSchema)) {
        delete jsonSchema.anyOf;
        Object.assign(jsonSchema, {
          type: ["number", "string"],
          exclusiveMinimum: 0,
          takes: "a number above 0",
        });
      }
      if (jsonSchema.maximum === NO_MAXIMUM) delete jsonSchema.maximum;
      const words = ownWords(zodSchema);
      if (words !== undefined) jsonSchema.takes = words;
    },
  });
  return made as SchemaNode;
}

/** What `openbell.yaml` takes. */
export function configJsonSchema(): SchemaNode {
  return jsonSchemaOf(configSchema);
}

/** Those with further conditions are copies of the one. */
function isPositiveDecimal(schema: z.core.$ZodType): boolean {
  return schema instanceof z.core.$ZodPipe && schema._zod.def.out === positiveDecimal._zod.def.out;
}

/** `is a name such as palm-oil`, said of a value by one of its conditions, is what it has to be. */
function ownWords(schema: z.core.$ZodType): string | undefined {
  for (const check of schema._zod.def.checks ?? []) {
    const message = check._zod.def.error?.({ input: undefined } as never);
    const found = typeof message === "string" ? wanted(message) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a message of the form `is a …` asks for: `a …`. */
export function wanted(message: string): string | undefined {
  return /^is ((?:a|an|the) .+)$/.exec(message)?.[1];
}
