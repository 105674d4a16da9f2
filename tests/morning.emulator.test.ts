/** The whole morning on Google's clients: Firestore and Pub/Sub emulators, the real Secret Manager client. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { acknowledgements } from "../shared/tokens/records.ts";
import { openEmulatedPlatform } from "./support/emulated-platform.ts";
import { aProjectId, describeEmulated } from "./support/emulators/describe-emulated.ts";
import {
  type SecretManagerServer,
  startSecretManagerServer,
} from "./support/secret-manager/secret-manager-server.ts";
import { openTestStack, PRODUCTION, renewByHttp, SANDBOX, signIn, type TestStack } from "./support/stack.ts";

describeEmulated("on Google's adapters", (hosts) => {
  let secretManager: SecretManagerServer;
  let stack: TestStack;

  beforeEach(async () => {
    secretManager = await startSecretManagerServer();
    const place = { hosts, projectId: aProjectId(), secretManager };
    stack = await openTestStack({
      isFlowing: true,
      openPlatform: (parts) => openEmulatedPlatform(place, parts),
    });
  });
  afterEach(async () => {
    await stack.close();
    await secretManager.stop();
  });

  test("a morning runs from the alert to the acknowledgement", async () => {
    await signIn(stack);

    const generation = await renewByHttp(stack);

    const acknowledgement = await stack.app.platform.store.get(acknowledgements, `${PRODUCTION}:worker`);
    expect(acknowledgement).toMatchObject({ generation, version: 1, by: "worker" });
    const message = await stack.owner.waitForMessage((one) => one.text.includes("is active"), 10_000);
    expect(message.text).toContain("E*TRADE production");
  });

  test("after three renewals Secret Manager holds the last two tokens", async () => {
    await signIn(stack);
    for (const generation of [1, 2, 3]) expect(await renewByHttp(stack, SANDBOX)).toBe(generation);

    expect(await stack.app.platform.vault.versions(`token-${SANDBOX}`)).toEqual([2, 3]);
    expect(secretManager.calls).toContain("DestroySecretVersion");
  });
});
