/** The requests that the broker's door answers itself: applications, tokens, accounts, versions. */
import type { Connection } from "./connection.ts";
import type { AccessView } from "./grants.ts";
import type { Hall } from "./hall.ts";
import type { VenueMessage } from "./venue.ts";
import { REFUSALS, type Refusal } from "./words.ts";

const DOOR_REQUESTS = [
  "ProtoOAApplicationAuthReq",
  "ProtoOAAccountAuthReq",
  "ProtoOAVersionReq",
  "ProtoOAGetAccountListByAccessTokenReq",
  "ProtoOAGetCtidProfileByTokenReq",
  "ProtoOARefreshTokenReq",
  "ProtoOAAccountLogoutReq",
] as const;
type DoorName = (typeof DOOR_REQUESTS)[number];
type DoorMessage = Extract<VenueMessage, { readonly name: DoorName }>;

/** The version that the simulated broker says it is. */
const VERSION = "91";

export function isDoorRequest(message: VenueMessage): message is DoorMessage {
  return (DOOR_REQUESTS as readonly string[]).includes(message.name);
}

interface Asked<M extends VenueMessage = DoorMessage> {
  readonly message: M;
  readonly clientMsgId: string | undefined;
}
type AskedFor<N extends DoorName> = Asked<Extract<DoorMessage, { readonly name: N }>>;

export function answerDoor(hall: Hall, connection: Connection, asked: Asked): void {
  const { message, clientMsgId } = asked;
  const { speaker } = connection;
  const isOpenToAll = message.name === "ProtoOAApplicationAuthReq" || message.name === "ProtoOAVersionReq";
  if (!isOpenToAll && connection.application === undefined) {
    speaker.refuse(REFUSALS.appMissing, clientMsgId);
    return;
  }
  switch (message.name) {
    case "ProtoOAVersionReq":
      speaker.answer({ name: "ProtoOAVersionRes", body: { version: VERSION } }, clientMsgId);
      return;
    case "ProtoOAApplicationAuthReq":
      authoriseApplication(hall, connection, { message, clientMsgId });
      return;
    case "ProtoOAAccountAuthReq":
      authoriseAccount(hall, connection, { message, clientMsgId });
      return;
    case "ProtoOAGetAccountListByAccessTokenReq":
      listAccounts(hall, connection, { message, clientMsgId });
      return;
    case "ProtoOAGetCtidProfileByTokenReq":
      showProfile(hall, connection, { message, clientMsgId });
      return;
    case "ProtoOARefreshTokenReq":
      refreshToken(hall, connection, { message, clientMsgId });
      return;
    case "ProtoOAAccountLogoutReq":
      logOut(hall, connection, { message, clientMsgId });
      return;
    default:
      message satisfies never;
  }
}

function authoriseApplication(
  hall: Hall,
  connection: Connection,
  { message, clientMsgId }: AskedFor<"ProtoOAApplicationAuthReq">,
): void {
  const { clientId, clientSecret } = message.body;
  const found = hall.applications.find((one) => one.clientId === clientId);
  const refusal = refuseApplication();
  if (refusal !== undefined || found === undefined) {
    connection.speaker.refuse(refusal ?? REFUSALS.appUnknown, clientMsgId);
    return;
  }
  connection.application = found;
  connection.speaker.answer({ name: "ProtoOAApplicationAuthRes", body: {} }, clientMsgId);

  function refuseApplication(): Refusal | undefined {
    if (connection.application !== undefined) return REFUSALS.appTwice;
    if (found === undefined) return REFUSALS.appUnknown;
    if (found.clientSecret !== clientSecret) return REFUSALS.appRefused;
    const { appInactive, connectionsLimit } = hall.board.faults();
    if (appInactive) return REFUSALS.appInactive;
    const isFull = connectionsLimit > 0 && hall.connectionsOf(clientId) >= connectionsLimit;
    return isFull ? REFUSALS.tooManyConnections : undefined;
  }
}

/** The token if it is good on this connection, or why it is not. */
function checkToken(
  hall: Hall,
  connection: Connection,
  accessToken: string,
): { readonly access: AccessView } | { readonly refusal: Refusal } {
  const access = hall.grants.access(accessToken, hall.clock.now());
  if (access === undefined || access.clientId !== connection.application?.clientId) {
    return { refusal: REFUSALS.tokenInvalid };
  }
  if (!access.isExpired) return { access };
  const errorCode = hall.board.faults().expiredToken;
  const isOwnWord = errorCode === "OA_AUTH_TOKEN_EXPIRED";
  return { refusal: isOwnWord ? { errorCode, description: "Access token expired" } : REFUSALS.tokenInvalid };
}

function authoriseAccount(
  hall: Hall,
  connection: Connection,
  { message, clientMsgId }: AskedFor<"ProtoOAAccountAuthReq">,
): void {
  const { ctidTraderAccountId, accessToken } = message.body;
  const { sessions, speaker } = connection;
  const { cantRouteOnce, wrongHost, duplicateLogin } = hall.board.faults();
  const checked = checkToken(hall, connection, accessToken);
  const refusal = "refusal" in checked ? checked.refusal : refuseAccount(checked.access);
  if (refusal !== undefined || "refusal" in checked) {
    speaker.refuse(refusal ?? REFUSALS.tokenInvalid, clientMsgId, ctidTraderAccountId);
    return;
  }
  const { id, scope } = checked.access;
  sessions.open(ctidTraderAccountId, { accessId: id, scope });
  speaker.answer({ name: "ProtoOAAccountAuthRes", body: { ctidTraderAccountId } }, clientMsgId);

  function refuseAccount(access: AccessView): Refusal | undefined {
    const account = hall.venue.accounts().find((one) => one.ctidTraderAccountId === ctidTraderAccountId);
    if (account === undefined) return REFUSALS.accountUnknown;
    if (!access.accounts.includes(ctidTraderAccountId)) return REFUSALS.accountForeign;
    if (wrongHost || account.isLive !== (connection.host === "live")) return REFUSALS.noRoute;
    if (cantRouteOnce && !connection.hasRefusedRoute) {
      connection.hasRefusedRoute = true;
      return REFUSALS.noRoute;
    }
    const isTwice = sessions.of(ctidTraderAccountId) !== undefined && duplicateLogin === "refuse";
    return isTwice ? REFUSALS.accountTwice : undefined;
  }
}

function listAccounts(
  hall: Hall,
  connection: Connection,
  { message, clientMsgId }: AskedFor<"ProtoOAGetAccountListByAccessTokenReq">,
): void {
  const { accessToken } = message.body;
  const checked = checkToken(hall, connection, accessToken);
  if ("refusal" in checked) {
    connection.speaker.refuse(checked.refusal, clientMsgId);
    return;
  }
  const { accounts, scope } = checked.access;
  const shown = hall.venue
    .accounts()
    .filter((one) => accounts.includes(one.ctidTraderAccountId))
    .map(({ ctidTraderAccountId, isLive, traderLogin, brokerTitle }) => ({
      ctidTraderAccountId,
      isLive,
      traderLogin,
      brokerTitleShort: brokerTitle,
    }));
  const body = {
    accessToken,
    permissionScope: scope === "trading" ? "SCOPE_TRADE" : "SCOPE_VIEW",
    ctidTraderAccount: shown,
  } as const;
  connection.speaker.answer({ name: "ProtoOAGetAccountListByAccessTokenRes", body }, clientMsgId);
}

function showProfile(
  hall: Hall,
  connection: Connection,
  { message, clientMsgId }: AskedFor<"ProtoOAGetCtidProfileByTokenReq">,
): void {
  const checked = checkToken(hall, connection, message.body.accessToken);
  if ("refusal" in checked) {
    connection.speaker.refuse(checked.refusal, clientMsgId);
    return;
  }
  const userId = 1 + hall.users.findIndex(({ username }) => username === checked.access.user);
  connection.speaker.answer(
    { name: "ProtoOAGetCtidProfileByTokenRes", body: { profile: { userId } } },
    clientMsgId,
  );
}

function refreshToken(
  hall: Hall,
  connection: Connection,
  { message, clientMsgId }: AskedFor<"ProtoOARefreshTokenReq">,
): void {
  const clientId = connection.application?.clientId ?? "";
  const lifeSeconds = hall.board.faults().accessTokenSeconds;
  const facts = { clientId, lifeSeconds };
  const pair = hall.grants.refresh(message.body.refreshToken, facts, hall.clock.now());
  if (hall.losesTokenAnswer()) return;
  if (pair === undefined) {
    connection.speaker.refuse(REFUSALS.tokenInvalid, clientMsgId);
    return;
  }
  const { accessToken, refreshToken: next, expiresInSeconds } = pair;
  const body = { accessToken, tokenType: "bearer", expiresIn: expiresInSeconds, refreshToken: next };
  connection.speaker.answer({ name: "ProtoOARefreshTokenRes", body }, clientMsgId);
}

function logOut(
  hall: Hall,
  { sessions, speaker }: Connection,
  { message, clientMsgId }: AskedFor<"ProtoOAAccountLogoutReq">,
): void {
  const { ctidTraderAccountId } = message.body;
  if (!sessions.end(ctidTraderAccountId)) {
    speaker.refuse(hall.notAuthorized(), clientMsgId, ctidTraderAccountId);
    return;
  }
  speaker.answer({ name: "ProtoOAAccountLogoutRes", body: { ctidTraderAccountId } }, clientMsgId);
  speaker.relay({ name: "ProtoOAAccountDisconnectEvent", body: { ctidTraderAccountId } }, undefined);
}
