/** `npm run generate:ctrader`: makes the TypeScript of the cTrader protocol from its .proto file. */
import { readFileSync, writeFileSync } from "node:fs";
import protobuf from "protobufjs";

const FOLDER = "shared/brokers/ctrader/protocol";
export const PROTO_FILE = `${FOLDER}/open-api.proto`;
export const GENERATED_FILE = `${FOLDER}/open-api.generated.ts`;

const SCALARS: Readonly<Record<string, string>> = {
  double: "number",
  bool: "boolean",
  string: "string",
  bytes: "Uint8Array",
  int32: "number",
  uint32: "number",
  int64: "number",
  uint64: "number",
};

/** The module's text: an interface a message, a union an enum, the payload types, and the descriptor. */
export function generateTypes(proto: string): string {
  const { root } = protobuf.parse(proto, { keepCase: true });
  root.resolveAll();
  const all = [...root.nestedArray];
  const enums = all.filter((one) => one instanceof protobuf.Enum);
  const types = all.filter((one) => one instanceof protobuf.Type);
  const descriptor = JSON.stringify(root.toJSON({ keepComments: false }).nested);
  return [
    "/** Made from open-api.proto by `npm run generate:ctrader`; not to be edited. */",
    "",
    ...enums.map(renderEnum),
    ...types.map(renderMessage),
    "/** Every message by its name. */",
    "export interface Messages {",
    ...types.map(({ name }) => `  readonly ${name}: ${name};`),
    "}",
    "",
    "/** The number that stands in the envelope of each message. */",
    "export const PAYLOAD_TYPES = {",
    ...types.flatMap((type) => {
      const number = payloadTypeOf(root, type);
      return number === undefined ? [] : [`  ${type.name}: ${number},`];
    }),
    "} as const;",
    "",
    "/** The descriptor, as protobufjs takes it. */",
    `export const DESCRIPTOR = ${descriptor};`,
    "",
  ].join("\n");
}

function renderEnum(one: protobuf.Enum): string {
  const names = Object.keys(one.values).map((name) => `"${name}"`);
  return `export type ${one.name} = ${names.join(" | ")};\n`;
}

/** `payloadType` is left out: the live server does not send it, and the envelope alone decides. */
function renderMessage(type: protobuf.Type): string {
  const fields = type.fieldsArray.filter((field) => !isInnerPayloadType(field)).map(renderField);
  return [`export interface ${type.name} {`, ...fields, "}", ""].join("\n");
}

function renderField(field: protobuf.Field): string {
  const inner = SCALARS[field.type] ?? field.type;
  if (field.repeated) return `  readonly ${field.name}: readonly ${inner}[];`;
  return `  readonly ${field.name}${field.required ? "" : "?"}: ${inner};`;
}

function isInnerPayloadType({ name, type }: protobuf.Field): boolean {
  return name === "payloadType" && type !== "uint32";
}

function payloadTypeOf(root: protobuf.Root, type: protobuf.Type): number | undefined {
  const field = type.fields["payloadType"];
  if (field === undefined || !isInnerPayloadType(field)) return undefined;
  const name = String(field.options?.["default"]);
  const number = root.lookupEnum(field.type).values[name];
  if (number === undefined) throw new Error(`${type.name} has a payload type without a number: ${name}`);
  return number;
}

if (import.meta.main) writeFileSync(GENERATED_FILE, generateTypes(readFileSync(PROTO_FILE, "utf8")));
