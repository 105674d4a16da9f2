/** An `openbell.yaml` with one account and one bot, every line of it right. */
export const BOTS_YAML = `accounts:
  - connection: ctrader-demo
    mode: paper
    limits:
      grossExposurePercent: 300
      openPositions: 6
      workingOrders: 12
      ordersPerMinute: 20
      dailyNotional: 200000
      dailyLossPercent: 5
      weeklyLossPercent: 10
      drawdownPercent: 15
      minimumBalance: 1000
      restricted: []
bots:
  - id: palm-oil
    strategy: rsi-sentiment
    parameters:
      rsiPeriod: 10
    connection: ctrader-demo
    mode: paper
    instruments: [PALMOIL]
    bars: M5
    everyMinutes: 5
    session: always
    size: { riskPercent: 0.5 }
    limits:
      orderQuantity: 20
      orderNotional: 25000
      dailyNotional: 100000
      positionQuantity: 20
      openPositions: 1
      workingOrders: 2
      tradesPerDay: 50
      ordersPerMinute: 4
      dailyLossPercent: 3
      weeklyLossPercent: 6
      drawdownPercent: 10
      riskPerTradePercent: 1
      rewardToRisk: 1
      stopRequired: true
      collarPercent: 1
      spreadPercent: 0.5
      slippagePercent: 0.3
      quoteAge: 60
      orderTypes: [market, limit]
      duplicateWithin: 30
      repeats: 20
      rejectionsInRow: 5
`;

/** The same with one piece of it written differently. Throws where the piece is not in it exactly once. */
export function botsYaml(piece: string, instead: string): string {
  const parts = BOTS_YAML.split(piece);
  if (parts.length !== 2) throw new Error(`${JSON.stringify(piece)} is there ${parts.length - 1} times.`);
  return parts.join(instead);
}

/** The line that a piece is on. */
export function lineOf(text: string, piece: string): number {
  const at = text.indexOf(piece);
  if (at < 0) throw new Error(`${JSON.stringify(piece)} is not there.`);
  return text.slice(0, at + piece.length - piece.trimStart().length + 1).split("\n").length;
}
