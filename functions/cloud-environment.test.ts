import { expect, test } from "vitest";
import { EnvironmentInvalid, readCloudEnvironment } from "./cloud-environment.ts";

const CLOUD = {
  OPENBELL_PROJECT: "my-project",
  OPENBELL_PUBLIC_URL: "https://my-project.web.app",
  OPENBELL_CHAT_ID: "4242424242",
  OPENBELL_BOT_USERNAME: "my_bot",
};
const HOSTS = {
  apiBaseUrl: "http://127.0.0.1:1",
  dataBaseUrl: "http://127.0.0.1:1",
  authorizeUrl: "http://127.0.0.1:1/authorize",
};
const SANDBOX = {
  ...CLOUD,
  OPENBELL_PROFILE: "sandbox",
  OPENBELL_PUBLIC_URL: "http://127.0.0.1:8080",
  OPENBELL_TELEGRAM_ROOT: "http://127.0.0.1:2",
  OPENBELL_BROKER_HOSTS: JSON.stringify({ "etrade-production": HOSTS }),
};

function faultsIn(environment: Readonly<Record<string, string | undefined>>): string {
  try {
    readCloudEnvironment(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentInvalid);
    return (error as Error).message;
  }
  return "none";
}

test("a deployment names its project, page, chat and bot; all else has defaults", () => {
  expect(readCloudEnvironment({ ...CLOUD, HOME: "/home/node", OPENBELL_BUILD: "" })).toEqual({
    OPENBELL_PROJECT: "my-project",
    OPENBELL_PUBLIC_URL: "https://my-project.web.app",
    OPENBELL_CHAT_ID: 4_242_424_242,
    OPENBELL_BOT_USERNAME: "my_bot",
    OPENBELL_CONFIG: "openbell.yaml",
    OPENBELL_BUILD: "unknown",
    OPENBELL_TRUSTED_PROXY_HOPS: 2,
    OPENBELL_PROFILE: "cloud",
  });
});

test("a rehearsal says where its stand-ins are", () => {
  const stores = { FIRESTORE_EMULATOR_HOST: "127.0.0.1:8081", OPENBELL_TRUSTED_PROXY_HOPS: "0" };

  expect(readCloudEnvironment({ ...SANDBOX, ...stores })).toMatchObject({
    OPENBELL_PROFILE: "sandbox",
    OPENBELL_TRUSTED_PROXY_HOPS: 0,
    FIRESTORE_EMULATOR_HOST: "127.0.0.1:8081",
    OPENBELL_BROKER_HOSTS: { "etrade-production": HOSTS },
  });
});

test("every fault is named at once", () => {
  expect(faultsIn({ OPENBELL_CHAT_ID: "me", PUBSUB_EMULATOR_HOST: "nowhere" })).toBe(
    "The environment is not usable: OPENBELL_PROJECT is missing; OPENBELL_PUBLIC_URL is missing; " +
      "OPENBELL_CHAT_ID must be the number of a chat; OPENBELL_BOT_USERNAME is missing; " +
      "PUBSUB_EMULATOR_HOST must be host:port; " +
      "PUBSUB_EMULATOR_HOST is set, which only the sandbox profile may.",
  );
});

test.each([
  ["OPENBELL_PROJECT", ""],
  ["OPENBELL_CHAT_ID", ""],
  ["OPENBELL_CHAT_ID", " "],
  ["OPENBELL_CHAT_ID", "0"],
  ["OPENBELL_CHAT_ID", "1e3"],
  ["OPENBELL_CHAT_ID", "CANARY"],
  ["OPENBELL_PUBLIC_URL", "https://my-project.web.app/"],
  ["OPENBELL_PUBLIC_URL", "https://my-project.web.app/CANARY"],
  ["OPENBELL_PUBLIC_URL", "ftp://my-project.web.app"],
  ["OPENBELL_PUBLIC_URL", "http://my-project.web.app"],
  ["OPENBELL_PUBLIC_URL", "my-project.web.app"],
  ["OPENBELL_TRUSTED_PROXY_HOPS", "6"],
  ["OPENBELL_TRUSTED_PROXY_HOPS", " "],
  ["OPENBELL_PROFILE", "CANARY"],
])("%s cannot be %j, and the fault does not repeat the value", (name, value) => {
  const faults = faultsIn({ ...CLOUD, [name]: value });

  expect(faults).toContain(name);
  expect(faults).not.toContain("CANARY");
});

test.each([
  ["FIRESTORE_EMULATOR_HOST", "127.0.0.1:8081"],
  ["PUBSUB_EMULATOR_HOST", "127.0.0.1:8085"],
  ["OPENBELL_SECRET_MANAGER_HOST", "127.0.0.1:8086"],
  ["OPENBELL_TELEGRAM_ROOT", "http://127.0.0.1:8087"],
  ["OPENBELL_BROKER_HOSTS", SANDBOX.OPENBELL_BROKER_HOSTS],
])("only a rehearsal may set %s", (name, value) => {
  expect(faultsIn({ ...SANDBOX, [name]: value })).toBe("none");
  expect(faultsIn({ ...CLOUD, [name]: value })).toBe(
    `The environment is not usable: ${name} is set, which only the sandbox profile may.`,
  );
});

test.each(["OPENBELL_TELEGRAM_ROOT", "OPENBELL_BROKER_HOSTS"])(
  "a rehearsal without %s, which would reach the real one, is refused",
  (name) => {
    expect(faultsIn({ ...SANDBOX, [name]: undefined })).toBe(
      `The environment is not usable: ${name} is missing, which the sandbox profile needs.`,
    );
  },
);

test.each(["https://api.etrade.com", "https://APISB.etrade.com", "https://openapi.ctrader.com"])(
  "a rehearsal that names the real broker %s is refused: what it calls simulated would be real",
  (apiBaseUrl) => {
    const hosts = JSON.stringify({ "etrade-production": { ...HOSTS, apiBaseUrl } });

    expect(faultsIn({ ...SANDBOX, OPENBELL_BROKER_HOSTS: hosts })).toBe(
      "The environment is not usable: OPENBELL_BROKER_HOSTS names a real broker, which the sandbox profile may not.",
    );
  },
);

test.each([
  ["CANARY", "is not JSON"],
  ["[]", "OPENBELL_BROKER_HOSTS"],
  ['{"etrade-production":{"apiBaseUrl":"CANARY"}}', "OPENBELL_BROKER_HOSTS.etrade-production.apiBaseUrl"],
  ['{"ctrader-demo":{"socket":{"host":"CANARY"}}}', "OPENBELL_BROKER_HOSTS.ctrader-demo.socket.port"],
])("broker hosts that read %s are refused", (text, fault) => {
  const faults = faultsIn({ ...SANDBOX, OPENBELL_BROKER_HOSTS: text });

  expect(faults).toContain(fault);
  expect(faults).not.toContain("CANARY");
});
