/**
 * The descriptions that Google's clients speak by, cut down to what the worker calls. Whole they are a thousand
 * messages, each an object of the process with one for every field, and most are of services that it never asks.
 */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import protobuf from "protobufjs/light.js";
import { edited } from "./edited.ts";

const { Enum, Root, Service, Type } = protobuf;

/** What the adapters in `shared/platform/gcp` call, by service; to call anything else of them fails. */
export const CALLED: Readonly<Record<string, readonly string[]>> = {
  "google.firestore.v1.Firestore": [
    "BatchGetDocuments",
    "BeginTransaction",
    "Commit",
    "Rollback",
    "RunQuery",
  ],
  "google.pubsub.v1.Publisher": ["Publish"],
  "google.pubsub.v1.Subscriber": ["StreamingPull", "Acknowledge", "ModifyAckDeadline"],
  "google.cloud.secretmanager.v1.SecretManagerService": [
    ...["AddSecretVersion", "CreateSecret", "AccessSecretVersion"],
    ...["DestroySecretVersion", "ListSecretVersions"],
  ],
};

/** A description as protobufjs writes it: namespaces, messages, enumerations and services in one tree. */
interface Description {
  readonly nested?: Readonly<Record<string, Description>>;
  readonly fields?: Readonly<Record<string, Described>>;
  readonly methods?: Readonly<Record<string, Described>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly oneofs?: unknown;
  readonly edition?: string;
}

interface Described {
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The same description with nothing but the methods of {@link CALLED} and the messages that these send and receive. */
export function cutDown(whole: Description): Description {
  const root = Root.fromJSON(whole as protobuf.INamespace).resolveAll();
  const kept = new Set<string>();
  for (const [service, names] of Object.entries(CALLED)) {
    const found = root.lookup(service);
    if (!(found instanceof Service)) continue;
    for (const method of found.methodsArray.filter(({ name }) => names.includes(name))) {
      keep(method.resolvedRequestType, kept);
      keep(method.resolvedResponseType, kept);
    }
  }
  return copy(whole, "", kept) ?? {};
}

/** Keeps a message or an enumeration, and all that its fields hold. */
function keep(one: protobuf.ReflectionObject | null, kept: Set<string>): void {
  if (one === null || kept.has(one.fullName)) return;
  if (one instanceof Type || one instanceof Enum) kept.add(one.fullName);
  if (one instanceof Type) for (const { resolvedType } of one.fieldsArray) keep(resolvedType, kept);
}

function copy(one: Description, path: string, kept: ReadonlySet<string>): Description | undefined {
  const nested = Object.entries(one.nested ?? {}).flatMap(([name, inner]) => {
    const found = copy(inner, `${path}.${name}`, kept);
    return found === undefined ? [] : [[name, found] as const];
  });
  const inside = nested.length > 0 && { nested: Object.fromEntries(nested) };
  const called = CALLED[path.slice(1)];
  if (one.methods !== undefined && called !== undefined) {
    const methods = Object.entries(one.methods).filter(([name]) => called.includes(name));
    return { methods: plain(methods) };
  }
  if (!kept.has(path)) return inside || undefined;
  return {
    ...(one.edition !== undefined && { edition: one.edition }),
    ...(one.oneofs !== undefined && { oneofs: one.oneofs }),
    ...(one.fields !== undefined && { fields: plain(Object.entries(one.fields)) }),
    ...(one.values !== undefined && { values: one.values }),
    ...inside,
  };
}

/** Without the annotations of Google's own (in brackets), which say how to speak HTTP. */
function plain(described: readonly (readonly [string, Described])[]): Record<string, Described> {
  return Object.fromEntries(
    described.map(([name, { options, ...rest }]) => {
      const said = Object.entries(options ?? {}).filter(([option]) => !option.startsWith("("));
      return [name, { ...rest, ...(said.length > 0 && { options: Object.fromEntries(said) }) }];
    }),
  );
}

/**
 * gRPC takes of a loaded description its services, and of a message how to write and read it. The loader makes
 * besides, for programs that look descriptions up, a second description of every message.
 */
const LOADER_CUTS: readonly (readonly [string, string])[] = [
  ["const messageDescriptor = message.toDescriptor('proto3');", ""],
  ["type: messageDescriptor.$type.toObject(messageDescriptor, descriptorOptions),", "type: undefined,"],
  ["const descriptorList = root.toDescriptor('proto3').file;", ""],
  [
    "const bufferList = descriptorList.map(value => Buffer.from(descriptor.FileDescriptorProto.encode(value).finish()));",
    "const bufferList = [];",
  ],
  [
    "of getAllHandledReflectionObjects(root, '')) {",
    "of getAllHandledReflectionObjects(root, '')) {\n        if (!(obj instanceof Protobuf.Service)) continue;",
  ],
  ["(0, util_1.addCommonProtos)();", ""],
];

/** Cuts the clients' descriptions down, and what their loader makes of them. */
export const cutDescriptions: Plugin = {
  name: "cut-descriptions",
  setup({ onLoad }) {
    onLoad(
      { filter: /[\\/]@google-cloud[\\/][^\\/]+[\\/]build[\\/]protos[\\/]protos\.json$/ },
      async ({ path }) => ({
        contents: JSON.stringify(cutDown(JSON.parse(await readFile(path, "utf8")) as Description)),
        loader: "json",
      }),
    );
    onLoad({ filter: /[\\/]@grpc[\\/]proto-loader[\\/]build[\\/]src[\\/]index\.js$/ }, async ({ path }) => ({
      contents: edited(path, await readFile(path, "utf8"), LOADER_CUTS),
      loader: "js",
    }));
  },
};
