import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { describeEmulated } from "./describe-emulated.ts";
import { type Emulator, startFirestoreEmulator, startPubsubEmulator } from "./emulators.ts";

/** The processes that have the emulator's port on their command line. */
function processesOf(emulator: Emulator): string[] {
  const port = emulator.host.split(":").at(-1) ?? "";
  const { stdout } = spawnSync("ps", ["-A", "-o", "stat=,args="], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes(port) && !line.startsWith("Z"));
}

describeEmulated("the emulators' life", () => {
  test.each([
    ["Firestore", startFirestoreEmulator],
    ["Pub/Sub", startPubsubEmulator],
  ])("a stopped %s emulator leaves no process behind", async (_name, start) => {
    const emulator = await start();
    expect(processesOf(emulator).some((line) => line.includes("java"))).toBe(true);

    await emulator.stop();
    await emulator.stop();

    expect(processesOf(emulator)).toEqual([]);
    await expect(fetch(`http://${emulator.host}/`)).rejects.toThrow();
  });
});
