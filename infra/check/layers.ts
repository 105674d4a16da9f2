/**
 * Who may import whom. A file belongs to the first place whose prefix fits; it may import its own place, the
 * places named, and packages. Tests and test support may import anything.
 */
export interface Place {
  readonly prefix: string;
  readonly mayImport: readonly string[];
}

const CONTRACTS = ["shared/errors.ts", "shared/platform/"];

export const PLACES: readonly Place[] = [
  { prefix: "shared/errors.ts", mayImport: [] },
  { prefix: "shared/platform/local/", mayImport: CONTRACTS },
  { prefix: "shared/platform/gcp/", mayImport: CONTRACTS },
  { prefix: "shared/platform/", mayImport: ["shared/errors.ts"] },
  { prefix: "shared/calendar/", mayImport: CONTRACTS },
  { prefix: "shared/config/", mayImport: CONTRACTS },
  { prefix: "shared/audit/", mayImport: CONTRACTS },
  { prefix: "shared/sessions/", mayImport: CONTRACTS },
  {
    prefix: "shared/brokers/etrade/",
    mayImport: [...CONTRACTS, "shared/config/", "shared/calendar/", "shared/brokers/"],
  },
  {
    prefix: "shared/brokers/ctrader/",
    mayImport: [...CONTRACTS, "shared/config/", "shared/calendar/", "shared/brokers/"],
  },
  {
    prefix: "shared/brokers/paper/",
    mayImport: [...CONTRACTS, "shared/config/", "shared/calendar/", "shared/brokers/"],
  },
  { prefix: "shared/brokers/", mayImport: [...CONTRACTS, "shared/config/"] },
  {
    prefix: "shared/sentiment/",
    mayImport: [...CONTRACTS, "shared/config/", "shared/calendar/", "shared/strategies/"],
  },
  { prefix: "shared/strategies/", mayImport: CONTRACTS },
  {
    prefix: "shared/tokens/",
    mayImport: [...CONTRACTS, "shared/config/", "shared/calendar/", "shared/audit/", "shared/brokers/"],
  },
  {
    prefix: "shared/trading/",
    mayImport: [
      ...CONTRACTS,
      "shared/strategies/",
      "shared/config/",
      "shared/calendar/",
      "shared/audit/",
      "shared/brokers/",
      "shared/tokens/",
    ],
  },
  { prefix: "shared/alerts/telegram/", mayImport: [...CONTRACTS, "shared/alerts/"] },
  {
    prefix: "shared/alerts/",
    mayImport: [...CONTRACTS, "shared/config/", "shared/calendar/", "shared/tokens/", "shared/sessions/"],
  },
  {
    prefix: "shared/console/",
    mayImport: [
      ...CONTRACTS,
      "shared/config/",
      "shared/calendar/",
      "shared/brokers/",
      "shared/tokens/",
      "shared/trading/",
      "shared/alerts/",
    ],
  },
  { prefix: "shared/app.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-brokers.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-sockets.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-held.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-ticks.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-control.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-connection-test.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-strategies.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-scan.ts", mayImport: ["shared/"] },
  { prefix: "shared/app-sentiment.ts", mayImport: ["shared/"] },
  { prefix: "functions/", mayImport: ["shared/"] },
  {
    prefix: "infra/sandbox/",
    mayImport: ["shared/", "functions/http/", "infra/local/", "infra/topology.ts"],
  },
  { prefix: "infra/", mayImport: ["shared/", "functions/"] },
  { prefix: "web/make-icons.ts", mayImport: ["tests/support/browser.ts"] },
  {
    prefix: "web/",
    mayImport: ["shared/console/api.ts", "shared/console/trading-api.ts", "shared/console/control-api.ts"],
  },
  { prefix: "bench/", mayImport: ["shared/", "functions/", "infra/", "tests/"] },
];

/** Adapters: only the composition root, its siblings, and what assembles a machine may name them. */
export const ADAPTERS: readonly { readonly prefix: string; readonly mayBeImportedBy: readonly string[] }[] = [
  {
    prefix: "shared/platform/gcp/",
    mayBeImportedBy: [
      "shared/platform/gcp/",
      "shared/app.ts",
      "functions/cloud-app.ts",
      "infra/check/firestore-indexes.ts",
      "bench/tick-fan-out.ts",
    ],
  },
  {
    prefix: "shared/platform/local/",
    mayBeImportedBy: [
      "shared/platform/local/",
      "infra/",
      "bench/",
      "functions/cloud-app.ts",
      "functions/main.ts",
      "functions/worker/main.ts",
    ],
  },
  {
    prefix: "shared/brokers/etrade/",
    mayBeImportedBy: [
      "shared/brokers/etrade/",
      "shared/app-brokers.ts",
      "shared/app-held.ts",
      "infra/local/",
      "bench/",
    ],
  },
  {
    prefix: "shared/brokers/ctrader/protocol/",
    mayBeImportedBy: ["shared/brokers/ctrader/", "infra/sandbox/ctrader/", "infra/check/", "bench/"],
  },
  {
    prefix: "shared/brokers/ctrader/",
    mayBeImportedBy: [
      "shared/brokers/ctrader/",
      "shared/app.ts",
      "shared/app-brokers.ts",
      "shared/app-held.ts",
      "shared/app-connection-test.ts",
      "infra/local/",
      "infra/check/",
      "bench/",
    ],
  },
  {
    prefix: "shared/brokers/paper/",
    mayBeImportedBy: ["shared/brokers/paper/", "shared/app-sockets.ts", "infra/local/", "bench/"],
  },
  {
    prefix: "shared/alerts/telegram/",
    mayBeImportedBy: ["shared/alerts/telegram/", "shared/app.ts", "functions/telegram/"],
  },
];

/** What the core may not do, and the places at the edge that may. */
export const EDGES: readonly {
  readonly name: string;
  readonly pattern: RegExp;
  readonly places: readonly string[];
}[] = [
  {
    name: "reads the machine's clock or sets a timer",
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bTemporal\.Now\b|\bset(?:Timeout|Interval)\(/,
    places: [
      "shared/platform/local/",
      "shared/platform/gcp/",
      "functions/serve.ts",
      "functions/container.ts",
      "functions/worker/main.ts",
      "functions/http/",
      "infra/",
      "web/",
      "bench/",
    ],
  },
  {
    name: "draws from the machine's randomness",
    pattern: /\bMath\.random\(|\brandomBytes\(|\brandomUUID\(|\bgetRandomValues\(/,
    places: [
      "shared/platform/local/",
      "shared/platform/gcp/",
      "functions/http/incident.ts",
      "web/src/main.tsx",
    ],
  },
  {
    name: "reads the environment",
    pattern: /\bprocess\.env\b/,
    places: [
      "infra/local/start.ts",
      "infra/cli/openbell.ts",
      "infra/worker/zone-format.ts",
      "functions/main.ts",
      "functions/worker/main.ts",
      "bench/",
    ],
  },
];
