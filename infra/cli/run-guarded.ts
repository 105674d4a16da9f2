import { faultFields } from "../../functions/http/fault.ts";
import { ConfigurationInvalid } from "../../shared/config/configuration-invalid.ts";
import { ERRORS } from "../../shared/errors.ts";
import { createSystemRandom } from "../../shared/platform/local/system-random.ts";
import { VaultKeyLost } from "../../shared/platform/local/vault-key-lost.ts";
import { type FailureDetail, fail } from "../../shared/platform/result.ts";
import { HomeUnusable } from "../local/home.ts";
import { readStackEnvironment } from "../local/stack-environment.ts";
import { findHome, openLog } from "./open-app.ts";
import { runCommandLine } from "./program.ts";
import { tellFailure } from "./tell-failure.ts";
import type { ExitCode } from "./terminal.ts";
import type { World } from "./world.ts";

/** Runs one command line; what was thrown is told in words, and its stack goes to the log, if there is one. */
export async function runGuarded(argv: readonly string[], world: World): Promise<ExitCode> {
  try {
    return await runCommandLine(argv, world);
  } catch (thrown) {
    return tellThrown(thrown, world);
  } finally {
    world.terminal.close();
  }
}

async function tellThrown(thrown: unknown, world: World): Promise<ExitCode> {
  const { terminal } = world;
  if (thrown instanceof ConfigurationInvalid || thrown instanceof HomeUnusable) {
    terminal.complain(thrown.message);
    return 1;
  }
  if (thrown instanceof VaultKeyLost) {
    terminal.complain(`${thrown.message} (${thrown.code})\n${ERRORS[thrown.code].next}`);
    return 1;
  }
  return tellFailure(terminal, fail("INTERNAL", await noteIncident(thrown, world)));
}

/** Facts that lead to the log line, without what was thrown: its message may quote what a broker sent. */
async function noteIncident(thrown: unknown, { environment }: World): Promise<FailureDetail> {
  const fault = { fault: thrown instanceof Error ? thrown.name : typeof thrown };
  try {
    const home = await findHome(readStackEnvironment(environment).home);
    if (home === undefined) return fault;
    const id = Buffer.from(createSystemRandom().bytes(9)).toString("base64url");
    openLog(home).error("terminal-broken", { id, ...faultFields(thrown) });
    return { id };
  } catch {
    // What broke the command, such as a full disk, may break the log too.
    return fault;
  }
}
