import { spawn, spawnSync } from "node:child_process";
import { expect, test, vi } from "vitest";
import { startProcessGroup } from "./process-group.ts";

/** A process with a child, like gcloud and its Java. Prints both ids and stays. */
const WITH_CHILD = `
const { spawn } = require("node:child_process");
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
console.log("ids " + process.pid + " " + child.pid);
setInterval(() => {}, 1000);
`;
const command = [process.execPath, "-e", WITH_CHILD];

function idsIn(output: string): number[] {
  return (/ids (\d+) (\d+)/.exec(output)?.slice(1) ?? []).map(Number);
}

/** Whether the process runs; one that ended and waits for its parent does not. */
function isAlive(id: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(id)], { encoding: "utf8" });
  return /^[^Z\s]/.test(stdout);
}

test("stopping ends the command and its children", async () => {
  const group = startProcessGroup(command, process.env);
  await vi.waitFor(() => expect(idsIn(group.output()).length).toBe(2), { timeout: 10_000 });
  const ids = idsIn(group.output());
  expect(ids.map(isAlive)).toEqual([true, true]);

  await group.stop();
  await group.stop();

  expect(ids.map(isAlive)).toEqual([false, false]);
});

test("a command that ends by itself ends its group, and what it printed is kept", async () => {
  const group = startProcessGroup(["sh", "-c", "echo out; echo err >&2; exit 3"], process.env);

  await group.ended;

  expect(
    group
      .output()
      .split("\n")
      .filter(Boolean)
      .sort((a, b) => a.localeCompare(b)),
  ).toEqual(["err", "out"]);
});

test("a command that is not there ends at once, saying so", async () => {
  const group = startProcessGroup(["no-such-command-here"], process.env);

  await group.ended;

  expect(group.output()).toContain("not found");
});

test.each(["SIGINT", "SIGKILL"] as const)("nothing outlives a parent that ended by %s", async (signal) => {
  const parent = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `
    import { startProcessGroup } from ${JSON.stringify(new URL("process-group.ts", import.meta.url).href)};
    const group = startProcessGroup(${JSON.stringify(command)}, process.env);
    setInterval(() => {
      if (group.output() === "") return;
      process.stdout.write(group.output());
      process.kill(process.pid, ${JSON.stringify(signal)});
    }, 20);
    `,
  ]);
  let output = "";
  parent.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });

  await new Promise((resolve) => parent.once("exit", resolve));

  await vi.waitFor(() => expect(idsIn(output).length).toBe(2), { timeout: 10_000 });
  await vi.waitFor(() => expect(idsIn(output).map(isAlive)).toEqual([false, false]), { timeout: 10_000 });
});
