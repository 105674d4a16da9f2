import { createRequire } from "node:module";
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensurePubsub } from "./pubsub-ensure.ts";

type Call = ServerUnaryCall<Readonly<Record<string, unknown>>, object>;

/** What was asked for, in order. The emulator would not show it: it knows no expiry. */
let asked: Readonly<Record<string, unknown>>[];
/** What every creation answers. */
let code: status;
let server: Server;
let emulatorHost: string;

beforeEach(async () => {
  asked = [];
  code = status.OK;
  const json = createRequire(import.meta.url)("@google-cloud/pubsub-api/build/protos/protos.json");
  const types = fromJSON(json, { longs: String, enums: String });
  const answer = (call: Call, done: sendUnaryData<object>): void => {
    asked.push(call.request);
    if (code === status.OK) done(null, call.request);
    else done({ code, details: "told to" });
  };
  server = new Server();
  server.addService(types["google.pubsub.v1.Publisher"] as ServiceDefinition, { CreateTopic: answer });
  server.addService(types["google.pubsub.v1.Subscriber"] as ServiceDefinition, {
    CreateSubscription: answer,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  emulatorHost = `127.0.0.1:${port}`;
});

afterEach(() => {
  server.forceShutdown();
});

const ensure = (retry?: { firstMs: number; longestMs: number }): Promise<void> =>
  ensurePubsub(
    { projectId: "demo", emulatorHost },
    {
      subscriptions: [
        { topic: "changes", subscriber: "worker" },
        { topic: "changes", subscriber: "page" },
      ],
      ...(retry && { retry }),
    },
  );

test("a topic is asked for once, before its subscriptions", async () => {
  await ensure();

  expect(asked.map(({ name }) => name)).toEqual([
    "projects/demo/topics/changes",
    "projects/demo/subscriptions/changes.worker",
    "projects/demo/subscriptions/changes.page",
  ]);
});

test("a subscription that is pushed says where to, and one that is pulled does not", async () => {
  const pushTo = "http://127.0.0.1:1/";
  await ensurePubsub(
    { projectId: "demo", emulatorHost },
    {
      subscriptions: [
        { topic: "changes", subscriber: "page", pushTo },
        { topic: "changes", subscriber: "worker" },
      ],
    },
  );

  const [, pushed, pulled] = asked.map(({ pushConfig }) => pushConfig);
  expect(pushed).toMatchObject({ pushEndpoint: pushTo });
  expect(pulled ?? {}).not.toMatchObject({ pushEndpoint: pushTo });
});

test("a subscription never expires, keeps messages for a week, and waits longer after each rejection", async () => {
  await ensure();

  expect(asked[1]).toMatchObject({
    topic: "projects/demo/topics/changes",
    expirationPolicy: {},
    messageRetentionDuration: { seconds: "604800" },
    retryPolicy: { minimumBackoff: { seconds: "1" }, maximumBackoff: { seconds: "60" } },
  });
});

test("pauses may be parts of a second", async () => {
  await ensure({ firstMs: 250, longestMs: 1_500 });

  expect(asked[1]).toMatchObject({
    retryPolicy: {
      minimumBackoff: { nanos: 250_000_000 },
      maximumBackoff: { seconds: "1", nanos: 500_000_000 },
    },
  });
});

test("what is there already is no error", async () => {
  code = status.ALREADY_EXISTS;

  await ensure();

  expect(asked.length).toBe(3);
});

test("any other refusal throws", async () => {
  code = status.PERMISSION_DENIED;

  await expect(ensure()).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
});
