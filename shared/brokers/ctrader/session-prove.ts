import { type Failure, fail, type Result, succeed } from "../../platform/result.ts";
import type { ProbeEvidence } from "../token-issuer.ts";
import type { CtraderCallFailure } from "./channel.ts";
import { USUAL_MONEY_DIGITS } from "./money.ts";
import type { HeldToken } from "./session.ts";
import { accountsHere, chooseAccount } from "./session-account.ts";
import type { Connection } from "./session-connection.ts";
import type { SessionCore } from "./session-core.ts";
import { authorise, listAccounts } from "./session-login.ts";
import { troubleOf } from "./session-trouble.ts";

type Proof = Result<ProbeEvidence, CtraderCallFailure>;

/** See `CtraderSession.prove`. A token without the session's account is a good token that can trade nothing here. */
export async function prove(core: SessionCore, held: HeldToken): Promise<Proof> {
  const { bell, timings, deps } = core;
  const until = deps.timers.now() + timings.patienceMs;
  for (let isLast = false; ; ) {
    const connection = await bell.until(
      () => (hasApplication(core.connection) ? core.connection : undefined),
      Math.max(0, until - deps.timers.now()),
    );
    if (connection === undefined) return fail("BROKER_UNREACHABLE");
    const proof = await connection.inTurn(() => proveOn(core, connection, held));
    if (proof.ok || isLast || deps.timers.now() >= until) return proof;
    if (!(await mayTryAgain(core, connection, proof))) return proof;
    // An end is no try: the next connection may still come in time.
    isLast = connection.end === undefined;
  }
}

function hasApplication(connection: Connection | undefined): boolean {
  return connection?.isLiving() === true && connection.isApplication;
}

async function mayTryAgain(
  core: SessionCore,
  connection: Connection,
  failure: Failure<CtraderCallFailure>,
): Promise<boolean> {
  if (connection.end !== undefined) return true;
  const trouble = troubleOf(failure);
  const isAboutConnection = trouble.action === "application" || trouble.action === "session-lost";
  if (isAboutConnection) core.note(connection, trouble);
  // Right after a reconnect the broker may not find the way to an account once.
  const isPassing = trouble.brokerCode === "CANT_ROUTE_REQUEST";
  if (isPassing) await core.bell.until<never>(() => undefined, core.timings.againMs);
  return isAboutConnection || isPassing;
}

async function proveOn(core: SessionCore, connection: Connection, held: HeldToken): Promise<Proof> {
  // An answer for this token from before would prove nothing of it now.
  connection.listed = undefined;
  const listed = await listAccounts(connection, held);
  if (!listed.ok) return listed;
  const { ctidTraderAccount, permissionScope } = listed.value;
  const here = accountsHere(ctidTraderAccount, core.options);
  const chosen = chooseAccount(ctidTraderAccount, core.options, core.account);
  if (chosen.kind === "missing") return succeed({ accounts: here.length, latencyMs: 0, tradable: [] });
  const { account } = chosen;
  const failed = await authorise(core, connection, { held, account });
  if (failed !== undefined) return failed;
  const askedAt = core.deps.timers.now();
  const { ctidTraderAccountId } = account;
  const read = await connection.ask("ProtoOATraderReq", { ctidTraderAccountId });
  if (!read.ok) return read;
  const latencyMs = core.deps.timers.now() - askedAt;
  const { balance, moneyDigits = USUAL_MONEY_DIGITS, balanceVersion, accessRights } = read.value.trader;
  core.book.setBalance(balance, moneyDigits, balanceVersion);
  const isOpenToTrade = (accessRights ?? "FULL_ACCESS") === "FULL_ACCESS";
  const tradable = here.filter((one) => isOpenToTrade || one.lastFour !== account.lastFour);
  return succeed({
    accounts: here.length,
    latencyMs,
    tradable: permissionScope === "SCOPE_VIEW" ? [] : tradable.map((one) => one.lastFour),
  });
}
