import { z } from "zod";
import { accountId, accountSchema } from "./account.ts";
import { botSchema } from "./bot.ts";
import { connectionSchema } from "./connection.ts";
import { DEFAULT_ACCOUNTS, DEFAULT_BOTS } from "./default-bots.ts";
import { joinFaults } from "./join-faults.ts";
import { kpisSchema } from "./kpis.ts";
import { timeZoneSchema } from "./time-zone.ts";

/** Of two with one id the second is at fault, at its own line. */
function refuseTwins(kind: string) {
  return (all: readonly { readonly id: string }[], context: z.RefinementCtx) => {
    for (const [index, { id }] of all.entries()) {
      if (all.findIndex((one) => one.id === id) === index) continue;
      context.addIssue({
        code: "custom",
        path: [index, "id"],
        message: `stands for another ${kind} too: write an id of its own`,
      });
    }
  };
}

/**
 * How the owner wants to be served: everything that is neither a secret nor an address of the environment.
 * One schema for the sandbox and the cloud; unknown keys are refused.
 */
export const configSchema = z
  .strictObject({
    owner: z
      .strictObject({
        /** The owner's own zone, shown beside Eastern and Pacific time. */
        timeZone: timeZoneSchema.default("America/New_York"),
      })
      .prefault({}),
    connections: z
      .array(connectionSchema)
      .min(1)
      .superRefine(refuseTwins("connection"))
      .default(() => [...DEFAULT_CONNECTIONS]),
    alerts: z
      .strictObject({
        /** Rungs of the morning ladder: minutes before the open, each rung once, only while not armed. */
        minutesBeforeOpen: z.array(z.int().min(10).max(150).multipleOf(10)).min(1).default([60, 30, 10]),
      })
      .prefault({}),
    tokens: z
      .strictObject({
        /** Logins begun a connection and a New York day, over page and terminal together. */
        loginsPerDay: z.int().min(1).max(20).default(8),
        /** Wrong PINs that close one login. */
        wrongPins: z.int().min(1).max(10).default(5),
        /** A live token unused for so long is used by the keeper. Must be under the broker's idle limit. */
        keepAliveAfterMinutes: z.int().min(5).max(110).default(75),
      })
      .prefault({}),
    /** Every account that a bot trades on, with its limits. */
    accounts: z
      .array(accountSchema)
      .refine((all) => new Set(all.map((one) => accountId(one.connection, one.mode))).size === all.length, {
        error: "has one account twice",
      })
      .optional(),
    bots: z.array(botSchema).superRefine(refuseTwins("bot")).optional(),
    safety: z
      .strictObject({
        /** After a kill or a halt, so many minutes pass before trading can be resumed. */
        holdMinutes: z.int().min(0).max(1_440).default(5),
        /** From which figures on the owner is told. */
        kpis: kpisSchema.prefault({}),
      })
      .prefault({}),
    sentiment: z
      .strictObject({
        /** Minutes for which an answer about an instrument is good. */
        cacheMinutes: z.int().min(1).max(1_440).default(60),
        /** US dollars a New York day that may be spent on asking; then the answer is neutral. */
        dailyCost: z.number().min(0).max(100).default(0.5),
        /** US dollars that one question is counted as. */
        costPerQuestion: z.number().min(0).max(10).default(0.01),
        timeoutSeconds: z.int().min(1).max(60).default(10),
      })
      .prefault({}),
  })
  // A file that names its own connections gets those of the three bots that they serve.
  .transform(({ accounts, bots, ...rest }) => {
    const isServed = ({ connection }: { readonly connection: string }) =>
      rest.connections.some((one) => one.id === connection);
    return {
      ...rest,
      accounts: accounts ?? DEFAULT_ACCOUNTS.filter(isServed),
      bots: bots ?? DEFAULT_BOTS.filter(isServed),
    };
  })
  .superRefine((config, context) => {
    for (const { path, message } of joinFaults(config))
      context.addIssue({ code: "custom", path: [...path], message });
  });

export type Config = z.output<typeof configSchema>;

const DEFAULT_CONNECTIONS = z.array(connectionSchema).parse([
  {
    id: "etrade-production",
    broker: "etrade",
    environment: "production",
    label: "E*TRADE production",
    needed: "every-morning",
  },
  {
    id: "etrade-sandbox",
    broker: "etrade",
    environment: "sandbox",
    label: "E*TRADE sandbox",
    needed: "on-demand",
  },
  {
    id: "ctrader-demo",
    broker: "ctrader",
    environment: "demo",
    label: "cTrader demo",
    needed: "on-demand",
  },
]);
