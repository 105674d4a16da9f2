import { z } from "zod";

/** `host:port` of a stand-in on this machine; only for tests and rehearsals. */
const address = z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, { error: "must be host:port" });

/** Text of digits and nothing else: what `Number` makes of an empty or a blank text is no number. */
const whole = (digits: RegExp, error: string) => z.string().regex(digits, { error }).transform(Number);

const etradeHostsSchema = z.strictObject({
  apiBaseUrl: z.url(),
  dataBaseUrl: z.url(),
  authorizeUrl: z.url(),
});

const ctraderHostsSchema = z.strictObject({
  socket: z.strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    /** PEM of the authority that the simulator's certificate is from. */
    ca: z.string().exactOptional(),
  }),
  authorizeUrl: z.url(),
  tokenUrl: z.url(),
});

/** Told apart by the socket, so that a fault is told of the field it is in. */
const hostsSchema = z.unknown().transform((given, context) => {
  const isSocket = typeof given === "object" && given !== null && "socket" in given;
  const parsed = (isSocket ? ctraderHostsSchema : etradeHostsSchema).safeParse(given);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues)
    context.addIssue({ code: "custom", path: [...path], message });
  return z.NEVER;
});

const environmentSchema = z.object({
  /** The Google Cloud project. */
  OPENBELL_PROJECT: z.string().min(1),
  /** The page's address, e.g. `https://my-project.web.app`, without a slash at the end. */
  OPENBELL_PUBLIC_URL: z.string().refine(isOrigin, {
    error: "must be an address like https://my-project.web.app, without a slash at the end",
  }),
  /** The owner's Telegram chat. */
  OPENBELL_CHAT_ID: whole(/^-?[1-9]\d{0,14}$/, "must be the number of a chat"),
  /** The bot's name without `@`. */
  OPENBELL_BOT_USERNAME: z.string().min(1),
  /** The owner's configuration, shipped with the code. */
  OPENBELL_CONFIG: z.string().min(1).default("openbell.yaml"),
  OPENBELL_BUILD: z.string().min(1).default("unknown"),
  /** Proxies of ours before the console: Firebase Hosting and Cloud Run. */
  OPENBELL_TRUSTED_PROXY_HOPS: whole(/^[0-5]$/, "must be a number from 0 to 5").default(2),
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

/** Without these a rehearsal would reach the real broker and the real messenger. */
const NEEDED_IN_SANDBOX = ["OPENBELL_TELEGRAM_ROOT", "OPENBELL_BROKER_HOSTS"] as const;

/** What a rehearsal calls simulated has to be so. */
const REAL_BROKER = /\b(etrade|ctrader|ctraderapi|spotware)\.com\b/i;

/** The environment cannot be used; the message names every fault at once, without values. */
export class EnvironmentInvalid extends Error {
  override readonly name = "EnvironmentInvalid";

  constructor(faults: readonly string[]) {
    super(`The environment is not usable: ${faults.join("; ")}.`);
  }
}

type Source = Readonly<Record<string, string | undefined>>;

/** What the environment says of this deployment; an empty variable counts as missing. Throws {@link EnvironmentInvalid}. */
export function readCloudEnvironment(source: Source): CloudEnvironment {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  const faults = [...(parsed.success ? [] : faultsOf(parsed.error, given)), ...profileFaults(given)];
  if (!parsed.success || faults.length > 0) throw new EnvironmentInvalid(faults);
  return parsed.data;
}

function faultsOf(error: z.ZodError, given: Source): readonly string[] {
  return error.issues.map(({ path, message }) => {
    const isMissing = path.length === 1 && given[String(path[0])] === undefined;
    return `${path.join(".")} ${isMissing ? "is missing" : message}`;
  });
}

/** A deployment that is in earnest has no stand-ins; a rehearsal has at least those that keep it harmless. */
function profileFaults(given: Source): readonly string[] {
  if (given.OPENBELL_PROFILE === "sandbox") {
    const missing = NEEDED_IN_SANDBOX.filter((name) => given[name] === undefined);
    const isReal = REAL_BROKER.test(given.OPENBELL_BROKER_HOSTS ?? "");
    return [
      ...missing.map((name) => `${name} is missing, which the sandbox profile needs`),
      ...(isReal ? ["OPENBELL_BROKER_HOSTS names a real broker, which the sandbox profile may not"] : []),
    ];
  }
  const isPlain = given.OPENBELL_PUBLIC_URL?.startsWith("http:") === true;
  const foreign = STAND_INS.filter((name) => given[name] !== undefined);
  return [
    ...(isPlain ? ["OPENBELL_PUBLIC_URL must begin with https:"] : []),
    ...foreign.map((name) => `${name} is set, which only the sandbox profile may`),
  ];
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
