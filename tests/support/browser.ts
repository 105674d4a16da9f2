/**
 * A real browser for tests. On Linux (x64) it is the Chromium that npm installed, unpacked once per version
 * into the system's temporary folder; elsewhere the Chrome of the machine.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

const run = promisify(execFile);

/** Starts a headless browser. The caller closes it. Throws when no browser can be started. */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== "linux" || process.arch !== "x64") return chromium.launch({ channel: "chrome" });
  const home = await unpackChromium();
  // The package's own flags switch the web's security rules off; these tests are about those rules.
  const options = {
    executablePath: join(home, "chromium"),
    args: ["--no-sandbox"],
    headless: true,
    env: { ...definedEnvironment(), ...(await fontEnvironment(home)) },
  };
  try {
    return await chromium.launch(options);
  } catch {
    // A bare machine lacks some shared libraries (NSS, expat); the package carries them.
    const libraries = join(home, "al2023", "lib");
    return chromium.launch({ ...options, env: { ...options.env, LD_LIBRARY_PATH: libraries } });
  }
}

/**
 * Unpacks into a private folder and moves it into place in one step, so that test files that start together
 * never see half a browser.
 */
async function unpackChromium(): Promise<string> {
  const entry = import.meta.resolve("@sparticuz/chromium");
  const manifest = join(dirname(fileURLToPath(entry)), "..", "package.json");
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  const home = join(tmpdir(), `openbell-chromium-${version}-${userInfo().uid}`);
  if (existsSync(home)) return home;

  const staging = await mkdtemp(join(tmpdir(), "openbell-chromium-"));
  const script = `import chromium from ${JSON.stringify(entry)}; await chromium.executablePath();`;
  // The package unpacks its shared libraries only where it believes to be on AWS.
  const env = { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" };
  await run(process.execPath, ["--input-type=module", "--eval", script], { env });
  try {
    await rename(staging, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
    await rm(staging, { recursive: true, force: true });
  }
  return home;
}

/** Points at the package's fonts where the system has none. */
async function fontEnvironment(home: string): Promise<{ FONTCONFIG_PATH?: string }> {
  if (existsSync("/etc/fonts/fonts.conf")) return {};
  const folder = join(home, "fontconfig");
  await mkdir(folder, { recursive: true });
  const config = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(home, "fonts")}</dir><cachedir>${join(folder, "cache")}</cachedir></fontconfig>`;
  await writeFile(join(folder, "fonts.conf"), config);
  return { FONTCONFIG_PATH: folder };
}

function definedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
