/** Switching to paper and back from the terminal. */
import { reportPaper } from "../../../shared/console/control-report.ts";
import { liveText, paperLines } from "../../../shared/trading/control/paper-words.ts";
import { scopeText } from "../../../shared/trading/control/scopes.ts";
import { withApp } from "../app-commands.ts";
import { tellFailure } from "../tell-failure.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";
import { ask, type KillOptions, print, type ResumeOptions } from "./control-commands.ts";

export interface PaperOptions extends KillOptions {
  readonly yes?: boolean;
}

const ACTOR = { kind: "terminal" } as const;

/** 1 where its owner does not say yes, 130 where they leave. */
export function runPaper(world: World, scope: string, options: PaperOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async ({ app }) => {
    const control = await app.control();
    const known = await control.scopeOf(scope);
    if (!known.ok) return tellFailure(world.terminal, known);
    if (options.yes !== true) {
      const what = scopeText(known.value.scope);
      const answer = await ask(world, `Switch what trades live of ${what} to paper? Type yes`);
      if (typeof answer !== "string") return answer.exitCode;
      if (answer.trim().toLowerCase() !== "yes") {
        world.terminal.complain("Nothing was switched.");
        return 1;
      }
    }
    const why = options.reason ?? "from the terminal";
    const switched = await control.switchToPaper({ scope, actor: ACTOR, why });
    if (!switched.ok) return tellFailure(world.terminal, switched);
    print(world, options.json, reportPaper(switched.value), () => paperLines(switched.value).join("\n"));
    return 0;
  });
}

/** 130 where its owner leaves at a question. */
export function runLive(world: World, scope: string, options: ResumeOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async ({ app }) => {
    const control = await app.control();
    const known = await control.scopeOf(scope);
    if (!known.ok) return tellFailure(world.terminal, known);
    const phrase = options.phrase ?? (await ask(world, `Type ${known.value.livePhrase}`));
    if (typeof phrase !== "string") return phrase.exitCode;
    const reason = options.reason ?? (await ask(world, "Why is it safe to go live?"));
    if (typeof reason !== "string") return reason.exitCode;
    const back = await control.backToLive({ scope, actor: ACTOR, phrase, reason });
    if (!back.ok) return tellFailure(world.terminal, back);
    print(world, options.json, back.value, () => liveText(back.value));
    return 0;
  });
}
