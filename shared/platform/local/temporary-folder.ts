import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new empty folder for one test, and the way to remove it with all it holds. */
export function makeTemporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "openbell-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
