import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

/** What this code calls itself: the package's version, and the commit where it is known. */
export async function readBuild(root: string): Promise<string> {
  const { version } = packageSchema.parse(JSON.parse(await readFile(`${root}/package.json`, "utf8")));
  const commit = await promisify(execFile)("git", ["rev-parse", "--short", "HEAD"], { cwd: root }).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
  return commit === "" ? version : `${version}+${commit}`;
}
