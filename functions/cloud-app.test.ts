import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigurationInvalid } from "../shared/config/configuration-invalid.ts";
import { createRecordedLog } from "../shared/platform/local/recorded-log.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { Secret } from "../shared/platform/secret.ts";
import {
  type SecretManagerServer,
  startSecretManagerServer,
} from "../tests/support/secret-manager/secret-manager-server.ts";
import { openCloudApp } from "./cloud-app.ts";
import { EnvironmentInvalid, readCloudEnvironment } from "./cloud-environment.ts";

let folder: ReturnType<typeof makeTemporaryFolder>;
let secretManager: SecretManagerServer;

beforeEach(async () => {
  folder = makeTemporaryFolder();
  secretManager = await startSecretManagerServer();
});
afterEach(async () => {
  await secretManager.stop();
  folder.remove();
});

const ETRADE = {
  apiBaseUrl: "http://broker.example",
  dataBaseUrl: "http://broker.example",
  authorizeUrl: "http://broker.example/authorize",
};
const CTRADER = {
  socket: { host: "broker.example", port: 5035, ca: "a certificate" },
  authorizeUrl: "http://broker.example/grant",
  tokenUrl: "http://broker.example/token",
};
const NAMED = { "etrade-production": ETRADE, "etrade-sandbox": ETRADE, "ctrader-demo": CTRADER };

/** A rehearsal whose stores nobody listens behind, so that a call of them would fail. */
function open(over: Readonly<Record<string, string>> = {}) {
  const environment = readCloudEnvironment({
    OPENBELL_PROFILE: "sandbox",
    OPENBELL_PROJECT: "demo-cloud-app",
    OPENBELL_PUBLIC_URL: "https://page.example",
    OPENBELL_CHAT_ID: "42",
    OPENBELL_BOT_USERNAME: "a_bot",
    OPENBELL_BUILD: "b1",
    OPENBELL_CONFIG: join(folder.path, "openbell.yaml"),
    OPENBELL_TELEGRAM_ROOT: "http://telegram.example",
    OPENBELL_BROKER_HOSTS: JSON.stringify(NAMED),
    OPENBELL_SECRET_MANAGER_HOST: `127.0.0.1:${secretManager.clientOptions.port}`,
    FIRESTORE_EMULATOR_HOST: "127.0.0.1:1",
    PUBSUB_EMULATOR_HOST: "127.0.0.1:1",
    ...over,
  });
  return openCloudApp(environment, createRecordedLog().log);
}

function configure(text: string): void {
  writeFileSync(join(folder.path, "openbell.yaml"), text);
}

test("the app is what environment and configuration say, and nothing is connected for it", async () => {
  configure("owner: { timeZone: Europe/Berlin }");

  const { app, close } = await open();
  await close();

  expect(app.options).toMatchObject({
    profile: "sandbox",
    build: "b1",
    publicUrl: "https://page.example",
    chatId: 42,
    telegramApiRoot: "http://telegram.example",
    config: { owner: { timeZone: "Europe/Berlin" } },
  });
  const [etrade, , ctrader] = app.options.config.connections;
  expect(etrade?.broker === "etrade" && app.options.hosts?.etrade(etrade)).toEqual(ETRADE);
  expect(ctrader?.broker === "ctrader" && app.options.hosts?.ctrader(ctrader)).toEqual(CTRADER);
  expect(secretManager.calls).toEqual([]);
});

test("the vault is Secret Manager, at the stand-in's address", async () => {
  const { app, close } = await open();

  const version = await app.platform.vault.add("token-etrade-production", Secret.of("a-token"));
  await close();

  expect(version).toBe(1);
  expect(secretManager.calls).toContain("AddSecretVersion");
});

test("a configuration that cannot be used is refused at once", async () => {
  configure("connections: nonsense");

  await expect(open()).rejects.toThrow(ConfigurationInvalid);
});

test("a connection without a simulated broker, which would reach the real one, is refused at once", async () => {
  const opened = open({ OPENBELL_BROKER_HOSTS: "{}" });

  await expect(opened).rejects.toThrow(EnvironmentInvalid);
  await expect(opened).rejects.toThrow(
    "etrade-production; OPENBELL_BROKER_HOSTS does not name etrade-sandbox",
  );
});

test("a connection whose simulated broker is another broker's is refused at once", async () => {
  const mixed = { ...NAMED, "ctrader-demo": ETRADE };

  await expect(open({ OPENBELL_BROKER_HOSTS: JSON.stringify(mixed) })).rejects.toThrow(
    "OPENBELL_BROKER_HOSTS has no ctrader at ctrader-demo",
  );
});
