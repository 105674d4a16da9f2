/** Stopping trading and letting it go on from the terminal. */
import type { ConfigurationInvalid } from "../../../shared/config/configuration-invalid.ts";
import { reportClosing, reportKill } from "../../../shared/console/control-report.ts";
import { holdLine } from "../../../shared/console/trading-text.ts";
import { fail, type Result } from "../../../shared/platform/result.ts";
import { killNotice, stillHaltedText } from "../../../shared/trading/control/notices.ts";
import { scopeText } from "../../../shared/trading/control/scopes.ts";
import { EVERYTHING } from "../../../shared/trading/trading-state.ts";
import { type OutputOptions, withApp } from "../app-commands.ts";
import type { OpenedApp } from "../open-app.ts";
import { tellFailure } from "../tell-failure.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";

export interface KillOptions extends OutputOptions {
  readonly reason?: string;
}

export interface ResumeOptions extends KillOptions {
  readonly phrase?: string;
}

export interface CloseOptions extends KillOptions {
  readonly yes?: boolean;
  readonly includingOthers?: boolean;
}

const ACTOR = { kind: "terminal" } as const;
const RECEIPT_WITHIN_MS = 10_000;

/**
 * 1 where it is halted, and the brokers have not confirmed within ten seconds; 130 where its owner does not wait for
 * that. It needs no running stack, and no
 * configuration that can be used: then it halts by what the records name.
 */
export function runKill(world: World, scope: string, { reason, json }: KillOptions): Promise<ExitCode> {
  const doWithout = ({ message }: ConfigurationInvalid) =>
    world.terminal.complain(
      `${message}\nIt is halted all the same, without the accounts and bots of this file.`,
    );
  return withApp(world, { isStackNeeded: false, doWithout }, async ({ app }) => {
    const { timers } = app.options;
    const control = await app.control();
    const startedMs = timers.now();
    const killed = await control.kill({ scope, actor: ACTOR, why: reason ?? "from the terminal" });
    if (!killed.ok) return tellFailure(world.terminal, killed);
    const { id } = killed.value.kill;
    if (json !== true) {
      const what = scopeText(killed.value.kill.scope);
      world.terminal.print(`Halted: ${what}. Waiting for the brokers' word…`);
    }
    const seen = await Promise.race([control.watchKill(id, RECEIPT_WITHIN_MS), left(world.interruption)]);
    if (seen === "left") {
      world.terminal.complain("Left before the brokers' word. The halt holds.");
      return 130;
    }
    if (!seen.ok) return tellFailure(world.terminal, seen);
    const seconds = ((timers.now() - startedMs) / 1_000).toFixed(2);
    const { title, lines } = killNotice(seen.value);
    print(world, json, reportKill(seen.value), () =>
      [title, ...lines, ...(seen.value.isOpen ? [] : [`Seen here after ${seconds} s.`])].join("\n"),
    );
    return seen.value.isOpen ? 1 : 0;
  });
}

/** Resolves at Ctrl-C. */
function left(interruption: AbortSignal): Promise<"left"> {
  return new Promise((resolve) => {
    if (interruption.aborted) resolve("left");
    interruption.addEventListener("abort", () => resolve("left"), { once: true });
  });
}

export function runReduce(world: World, scope: string, { reason, json }: KillOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async ({ app }) => {
    const wish = { scope, actor: ACTOR, why: reason ?? "from the terminal" };
    const reduced = await (await app.control()).reduce(wish);
    if (!reduced.ok) return tellFailure(world.terminal, reduced);
    const { state } = reduced.value;
    print(world, json, reduced.value, () =>
      state === "halted"
        ? `It is halted already, which is stricter: ${scopeText(reduced.value.scope)}.`
        : `Only closes now: ${scopeText(reduced.value.scope)}.`,
    );
    return 0;
  });
}

/** 130 where its owner leaves at a question. */
export function runResume(world: World, scope: string, options: ResumeOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async (opened) => {
    const control = await opened.app.control();
    const known = await control.scopeOf(scope);
    if (!known.ok) return tellFailure(world.terminal, known);
    const refused = await tellHold(world, opened, { scope: known.value.scope, json: options.json });
    if (refused !== undefined) return refused;
    const phrase = options.phrase ?? (await ask(world, `Type ${known.value.phrase}`));
    if (typeof phrase !== "string") return phrase.exitCode;
    const reason = options.reason ?? (await ask(world, "Why is it safe to go on?"));
    if (typeof reason !== "string") return reason.exitCode;
    const resumed = await control.resume({ scope, actor: ACTOR, phrase, reason });
    return report(world, options, resumed, ({ stillHalted = [] }) =>
      [`Trades again: ${scopeText(known.value.scope)}.`, ...stillHalted.map(stillHaltedText)].join("\n"),
    );
  });
}

/** What is stopped, before anything is asked; the exit code where nothing is, or where it is too early. */
async function tellHold(
  { terminal }: World,
  { app }: OpenedApp,
  { scope, json }: { readonly scope: string; readonly json: boolean | undefined },
): Promise<ExitCode | undefined> {
  const hold = await (await app.control()).holdOf(scope);
  if (hold === undefined) {
    const others = scope === EVERYTHING ? (await app.services.trading()).holds : [];
    const code = tellFailure(terminal, fail("TRADING_ACTIVE"));
    for (const other of others) {
      terminal.complain(`${holdLine(other)}. To let it go on: openbell resume ${other.scope}`);
    }
    return code;
  }
  const { state, who, why, waitSeconds: seconds } = hold;
  if (json !== true) terminal.print(`${holdLine({ scope, state, who: who.kind, why })}.`);
  return seconds > 0 ? tellFailure(terminal, fail("RESUME_TOO_SOON", { seconds })) : undefined;
}

export function runClose(world: World, scope: string, options: CloseOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async (opened) => {
    const control = await opened.app.control();
    const known = await control.scopeOf(scope);
    if (!known.ok) return tellFailure(world.terminal, known);
    if (options.yes !== true) {
      const { scope: of } = known.value;
      const where = of === EVERYTHING ? "" : ` of ${scopeText(of)}`;
      const whose = options.includingOthers === true ? ", also what is not ours," : " that is ours";
      const answer = await ask(world, `Close every position${where}${whose} at the market? Type yes`);
      if (typeof answer !== "string") return answer.exitCode;
      if (answer.trim().toLowerCase() !== "yes") {
        world.terminal.complain("Nothing was closed.");
        return 1;
      }
    }
    return close(world, opened, { scope, options });
  });
}

async function close(
  world: World,
  { app }: OpenedApp,
  { scope, options }: { readonly scope: string; readonly options: CloseOptions },
): Promise<ExitCode> {
  const closed = await (await app.control()).closeAll({
    ...{ scope, actor: ACTOR, why: options.reason ?? "from the terminal" },
    includesOthers: options.includingOthers === true,
  });
  if (!closed.ok) return tellFailure(world.terminal, closed);
  const told = reportClosing(closed.value);
  print(world, options.json, told, () => {
    const lines = told.accounts.map(({ account, orders, left }) =>
      [`${account}: ${orders} closing`, ...(left === 0 ? [] : [`${left} left alone: not ours`])].join(", "),
    );
    return lines.length === 0 ? "There is no position. It only closes from now on." : lines.join("\n");
  });
  return 0;
}

function report<T>(
  world: World,
  { json }: OutputOptions,
  done: Result<T>,
  forPeople: (value: T) => string,
): ExitCode {
  if (!done.ok) return tellFailure(world.terminal, done);
  print(world, json, done.value, () => forPeople(done.value));
  return 0;
}

/** What a person types, or the next line of a pipe. */
export async function ask(world: World, question: string): Promise<string | { readonly exitCode: ExitCode }> {
  const answer = await world.terminal.askPin(question, world.interruption);
  if (answer.kind === "pin") return answer.pin.reveal();
  world.terminal.complain("Nothing was changed.");
  return { exitCode: answer.kind === "ended" ? 1 : 130 };
}

/** Prints what was done, for people or for programs. */
export function print(
  { terminal }: World,
  json: boolean | undefined,
  value: unknown,
  forPeople: () => string,
): void {
  terminal.print(json === true ? JSON.stringify(value, undefined, 2) : forPeople());
}
