import { z } from "zod";
import { ConfigurationInvalid } from "../../shared/config/configuration-invalid.ts";

/** The simulators take the seven ports after the page's. */
const HIGHEST_PORT = 65_528;
const WRONG_PORT = { error: `is a whole number from 0 (any free one) to ${HIGHEST_PORT}` };

/** What is empty counts as not set, as shells have it. */
const setting = (initial: string) =>
  z
    .string()
    .default("")
    .transform((text) => text.trim() || initial);

const environmentSchema = z.object({
  /** The page's port; the simulators take the seven after it. */
  PORT: setting("8080").pipe(
    z
      .string()
      .regex(/^\d{1,9}$/, WRONG_PORT)
      .transform(Number)
      .refine((port) => port <= HIGHEST_PORT, WRONG_PORT),
  ),
  /** Where the local state lies. */
  OPENBELL_HOME: setting(".openbell"),
  /** The owner's configuration; need not exist. */
  OPENBELL_CONFIG: setting("openbell.yaml"),
});

export interface StackEnvironment {
  readonly port: number;
  readonly home: string;
  readonly configFile: string;
}

/** What the environment says of the local stack. Throws {@link ConfigurationInvalid}. */
export function readStackEnvironment(environment: NodeJS.ProcessEnv): StackEnvironment {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new ConfigurationInvalid(`The environment is not usable: ${faults.join("; ")}.`);
  }
  const { PORT: port, OPENBELL_HOME: home, OPENBELL_CONFIG: configFile } = parsed.data;
  return { port, home, configFile };
}
