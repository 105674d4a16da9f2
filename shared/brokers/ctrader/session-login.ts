/** The steps of a session that concern who may come in. */
import type { Failure, Result } from "../../platform/result.ts";
import { succeed } from "../../platform/result.ts";
import type { CtraderCallFailure } from "./channel.ts";
import { unpackGrant } from "./oauth/token.ts";
import type { ProtoOAGetAccountListByAccessTokenRes } from "./protocol/open-api.generated.ts";
import type { HeldToken, SessionAccount } from "./session.ts";
import { chooseAccount } from "./session-account.ts";
import type { Connection } from "./session-connection.ts";
import type { SessionCore } from "./session-core.ts";
import { NO_TOKEN, type SessionTrouble, troubleOf } from "./session-trouble.ts";

/** A keeper that takes longer to refresh a token is asked again later. */
const KEEPER_LIMIT_MS = 30_000;
/** One token from the store, one from the keeper, and one that may have come in between. */
const MOST_TOKENS = 3;

/** Authorises the application; the broker's "already" is a success. */
export async function loginApplication(
  { options: { application } }: SessionCore,
  connection: Connection,
): Promise<SessionTrouble | undefined> {
  const { clientId, clientSecret } = application;
  const body = { clientId, clientSecret: clientSecret.reveal() };
  const answer = await connection.ask("ProtoOAApplicationAuthReq", body);
  const trouble = answer.ok ? undefined : troubleOf(answer);
  if (trouble !== undefined && trouble.action !== "already-done") return trouble;
  connection.isApplication = true;
  return undefined;
}

/**
 * Authorises the account with the stored token. One that the broker refused, or said to be no longer valid, is
 * handed to its keeper once, and tried again at most every half poll.
 */
export async function loginAccount(
  core: SessionCore,
  connection: Connection,
): Promise<SessionTrouble | undefined> {
  let tokenTrouble = NO_TOKEN;
  let held = await bounded(core, connection, () => core.deps.tokens.current());
  for (let tried = 0; tried < MOST_TOKENS && held !== undefined; tried += 1) {
    const { generation }: HeldToken = held;
    if (core.refused?.generation === generation) {
      if (!core.told.has(generation)) {
        core.told.add(generation);
        const next = await bounded(core, connection, () => core.deps.tokens.refused(generation));
        held = next?.generation === generation ? undefined : next;
        continue;
      }
      if (core.deps.timers.now() - core.refused.at < core.timings.tokenPollMs / 2) {
        return core.refused.trouble;
      }
    }
    const trouble = await loginInTurn(core, connection, held);
    if (trouble === undefined) return undefined;
    if (trouble.action !== "token") return trouble;
    tokenTrouble = trouble;
    core.refused = { generation, at: core.deps.timers.now(), trouble };
  }
  // A proof may have brought a token meanwhile.
  return connection.authorised === undefined ? tokenTrouble : undefined;
}

async function loginInTurn(
  core: SessionCore,
  connection: Connection,
  held: HeldToken,
): Promise<SessionTrouble | undefined> {
  return connection.inTurn(async () => {
    if (connection.authorised !== undefined) return undefined;
    const listed = await listAccounts(connection, held);
    if (!listed.ok) return troubleOf(listed);
    const chosen = chooseAccount(listed.value.ctidTraderAccount, core.options, core.account);
    if (chosen.kind === "missing") {
      const { isOnOtherHost } = chosen;
      return { code: "ACCOUNT_MISSING", action: "fatal", isOnOtherHost };
    }
    const failed = await authorise(core, connection, { held, account: chosen.account });
    return failed === undefined ? undefined : troubleOf(failed);
  });
}

/** The token's accounts, asked once for each token on a connection. */
export async function listAccounts(
  connection: Connection,
  held: HeldToken,
): Promise<Result<ProtoOAGetAccountListByAccessTokenRes, CtraderCallFailure>> {
  const { generation } = held;
  if (connection.listed?.generation === generation) return succeed(connection.listed.answer);
  const accessToken = accessTokenOf(held);
  const answer = await connection.ask("ProtoOAGetAccountListByAccessTokenReq", { accessToken });
  if (answer.ok) connection.listed = { generation, answer: answer.value };
  return answer;
}

/** Authorises the account and writes down that it is; the broker's "already" is a success. */
export async function authorise(
  core: SessionCore,
  connection: Connection,
  { held, account }: { readonly held: HeldToken; readonly account: SessionAccount },
): Promise<Failure<CtraderCallFailure> | undefined> {
  const { ctidTraderAccountId } = account;
  const answer = await connection.ask("ProtoOAAccountAuthReq", {
    ctidTraderAccountId,
    accessToken: accessTokenOf(held),
  });
  if (!answer.ok && troubleOf(answer).action !== "already-done") return answer;
  if (connection.authorised !== undefined) connection.wasAuthorisedAgain = true;
  core.account = account;
  if (core.refused?.generation === held.generation) core.refused = undefined;
  const at = core.deps.timers.now();
  connection.authorised = { account, generation: held.generation, at };
  core.deps.log.info("session-account-authorised", { generation: held.generation });
  core.bell.ring();
  return undefined;
}

function accessTokenOf({ token }: HeldToken): string {
  return unpackGrant(token).accessToken.reveal();
}

/** What the store or the keeper gives; undefined where it fails, takes too long, or the connection ends first. */
async function bounded<T>(
  { bell, deps: { log } }: SessionCore,
  connection: Connection,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  let outcome: { readonly value: T | undefined } | undefined;
  const settle = (value: T | undefined) => {
    outcome = { value };
    bell.ring();
  };
  ask().then(settle, (error: unknown) => {
    log.error("session-tokens-failed", { message: error instanceof Error ? error.message : String(error) });
    settle(undefined);
  });
  const settled = await bell.until(
    () => outcome ?? (connection.isLiving() ? undefined : { value: undefined }),
    KEEPER_LIMIT_MS,
  );
  return settled?.value;
}
