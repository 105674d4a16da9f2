/**
 * A day of trading by `@reiryoku/ctrader-layer`, used as its README says; what it saw goes to the parent. Started
 * with the authority to trust in NODE_EXTRA_CA_CERTS and its facts as JSON in the first argument.
 */
const { CTraderConnection } = require("@reiryoku/ctrader-layer");

const facts = JSON.parse(process.argv[2]);
const PATIENCE_MS = 10_000;

/** Waits for the first event of a name that `fits`. */
function waitFor(connection, name, fits) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no fitting ${name} came`)), PATIENCE_MS);
    const id = connection.on(name, ({ descriptor }) => {
      if (!fits(descriptor)) return;
      clearTimeout(timer);
      connection.removeEventListener(id);
      resolve(descriptor);
    });
  });
}

async function trade() {
  const connection = new CTraderConnection({ host: facts.host, port: facts.port });
  await connection.open();
  const beating = setInterval(() => connection.sendHeartbeat(), 10_000);
  const { ctidTraderAccountId } = facts;

  await connection.sendCommand("ProtoOAApplicationAuthReq", {
    clientId: facts.clientId,
    clientSecret: facts.clientSecret,
  });
  const list = await connection.sendCommand("ProtoOAGetAccountListByAccessTokenReq", {
    accessToken: facts.accessToken,
  });
  await connection.sendCommand("ProtoOAAccountAuthReq", {
    ctidTraderAccountId,
    accessToken: facts.accessToken,
  });
  const { symbol: symbols } = await connection.sendCommand("ProtoOASymbolsListReq", { ctidTraderAccountId });
  const { symbolId } = symbols.find((one) => one.symbolName === "EURUSD");

  const firstSpot = waitFor(connection, "ProtoOASpotEvent", (spot) => spot.bid && spot.ask);
  await connection.sendCommand("ProtoOASubscribeSpotsReq", { ctidTraderAccountId, symbolId: [symbolId] });
  const spot = await firstSpot;
  const nextSpot = await waitFor(connection, "ProtoOASpotEvent", (one) => one.bid || one.ask);

  const accepted = waitFor(
    connection,
    "ProtoOAExecutionEvent",
    (one) => one.executionType === "ORDER_ACCEPTED",
  );
  const filled = waitFor(connection, "ProtoOAExecutionEvent", (one) => one.executionType === "ORDER_FILLED");
  const protectedBy = waitFor(
    connection,
    "ProtoOAExecutionEvent",
    (one) => one.executionType === "ORDER_ACCEPTED" && one.order.orderType === "STOP_LOSS_TAKE_PROFIT",
  );
  await connection.sendCommand("ProtoOANewOrderReq", {
    ctidTraderAccountId,
    symbolId,
    orderType: 1,
    tradeSide: 1,
    volume: 100_000,
    relativeStopLoss: 1_000,
    clientOrderId: "layer1",
  });
  const events = { accepted: await accepted, filled: await filled, protectedBy: await protectedBy };
  const { positionId } = events.filled.position;

  const closed = waitFor(
    connection,
    "ProtoOAExecutionEvent",
    (one) => one.executionType === "ORDER_FILLED" && one.deal?.closePositionDetail !== undefined,
  );
  await connection.sendCommand("ProtoOAClosePositionReq", {
    ctidTraderAccountId,
    positionId,
    volume: 100_000,
  });
  const closing = await closed;

  const refusal = await connection
    .sendCommand("ProtoOAAccountAuthReq", { ctidTraderAccountId, accessToken: "wrong" })
    .then(
      () => "none",
      (error) => error.errorCode,
    );
  clearInterval(beating);
  connection.close();
  return { list, symbols: symbols.map((one) => one.symbolName), spot, nextSpot, events, closing, refusal };
}

trade().then(
  (seen) => process.send({ seen }, () => process.exit(0)),
  (error) => process.send({ error: String(error?.stack ?? JSON.stringify(error)) }, () => process.exit(1)),
);
