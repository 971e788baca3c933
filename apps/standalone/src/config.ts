import { z } from "zod";

/** What the platform on a laptop is told. */
export interface StandaloneConfig {
  readonly host: string;
  readonly port: number;
  /** Where the data stay between runs; null keeps them in memory, for one run. */
  readonly dataDir: string | null;
}

const environment = z.object({
  PUNCTUAL_HOST: z.string().min(1).default("127.0.0.1"),
  PUNCTUAL_PORT: z.coerce.number().int().min(0).max(65_535).default(7_700),
  PUNCTUAL_DATA: z.string().min(1).default(".punctual"),
});

/** Thrown where the program was told something that it cannot do: all of it, in one message. */
export class BadConfig extends Error {}

export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): StandaloneConfig {
  const unknown = args.filter((one) => one !== "--memory").map((one) => `${one} is no option; there is --memory`);
  const read = environment.safeParse(env);
  const wrong = read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  if (!read.success || unknown.length > 0) throw new BadConfig([...unknown, ...wrong].join("\n"));
  const { PUNCTUAL_HOST: host, PUNCTUAL_PORT: port, PUNCTUAL_DATA: dataDir } = read.data;
  return Object.freeze({ host, port, dataDir: args.includes("--memory") ? null : dataDir });
}
