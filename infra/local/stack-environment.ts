import { z } from "zod";
import { ConfigurationInvalid } from "../../shared/config/load-config.ts";

const environmentSchema = z.object({
  /** The page's port; the simulators take the three after it. */
  PORT: z.coerce.number().int().min(0).max(65_532).default(8080),
  /** Where the local state lies. */
  OPENBELL_HOME: z.string().min(1).default(".openbell"),
  /** The owner's configuration; need not exist. */
  OPENBELL_CONFIG: z.string().min(1).default("openbell.yaml"),
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
    throw new ConfigurationInvalid(`The environment is not usable:\n${z.prettifyError(parsed.error)}`);
  }
  const { PORT: port, OPENBELL_HOME: home, OPENBELL_CONFIG: configFile } = parsed.data;
  return { port, home, configFile };
}
