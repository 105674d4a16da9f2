import { z } from "zod";

/** `host:port` of a stand-in on this machine; only for tests and rehearsals. */
const address = z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/);

const hostsSchema = z.strictObject({ apiBaseUrl: z.url(), dataBaseUrl: z.url(), authorizeUrl: z.url() });

const environmentSchema = z.object({
  /** The Google Cloud project. */
  OPENBELL_PROJECT: z.string().min(1),
  /** The page's address, e.g. `https://my-project.web.app`, without a slash at the end. */
  OPENBELL_PUBLIC_URL: z.url().refine((url) => !url.endsWith("/"), { error: "must not end with a slash" }),
  /** The owner's Telegram chat. */
  OPENBELL_CHAT_ID: z.coerce.number().int(),
  /** The bot's name without `@`. */
  OPENBELL_BOT_USERNAME: z.string().min(1),
  /** The owner's configuration, shipped with the code. */
  OPENBELL_CONFIG: z.string().min(1).default("openbell.yaml"),
  OPENBELL_BUILD: z.string().min(1).default("unknown"),
  /** Proxies of ours before the console: Firebase Hosting and Cloud Run. */
  OPENBELL_TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(5).default(2),
  /** `sandbox` only in rehearsals against simulators: it is what allows the addresses below. */
  OPENBELL_PROFILE: z.enum(["cloud", "sandbox"]).default("cloud"),
  FIRESTORE_EMULATOR_HOST: address.optional(),
  PUBSUB_EMULATOR_HOST: address.optional(),
  OPENBELL_SECRET_MANAGER_HOST: address.optional(),
  OPENBELL_TELEGRAM_ROOT: z.url().optional(),
  /** JSON: where the simulated broker of each connection is found. */
  OPENBELL_BROKER_HOSTS: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue("is not JSON");
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), hostsSchema))
    .optional(),
});

export type CloudEnvironment = z.output<typeof environmentSchema>;

const STAND_INS = [
  "FIRESTORE_EMULATOR_HOST",
  "PUBSUB_EMULATOR_HOST",
  "OPENBELL_SECRET_MANAGER_HOST",
  "OPENBELL_TELEGRAM_ROOT",
  "OPENBELL_BROKER_HOSTS",
] as const satisfies readonly (keyof CloudEnvironment)[];

/** The environment cannot be used; the message names every fault at once, without values. */
export class EnvironmentInvalid extends Error {
  override readonly name = "EnvironmentInvalid";
}

/** What the environment says of this deployment. Throws {@link EnvironmentInvalid}. */
export function readCloudEnvironment(source: Readonly<Record<string, string | undefined>>): CloudEnvironment {
  const parsed = environmentSchema.safeParse(source);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new EnvironmentInvalid(`The environment is not usable: ${faults.join("; ")}`);
  }
  const foreign = STAND_INS.filter((name) => parsed.data[name] !== undefined);
  if (parsed.data.OPENBELL_PROFILE === "cloud" && foreign.length > 0) {
    throw new EnvironmentInvalid(`Only the sandbox profile may set ${foreign.join(", ")}.`);
  }
  return parsed.data;
}
