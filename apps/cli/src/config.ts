import { z } from "zod";
import { usage } from "./failure.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_API = "http://127.0.0.1:7700";

/** An unset variable may come as an empty one. */
const left = (value: unknown) => (value === "" ? undefined : value);
/** It is told in messages: a token has its own variable. */
const apiUrl = z
  .url({ protocol: /^https?$/, error: "must be a URL such as https://punctual.example.com" })
  .refine((text) => !/^https?:\/\/[^/?#]*@/i.test(text), { error: "must hold no user and no password" });

const environment = z.object({
  PUNCTUAL_URL: z.preprocess(left, apiUrl.optional()),
  PUNCTUAL_TOKEN: z.preprocess(
    left,
    z
      .string()
      .regex(/^[\x21-\x7e]+$/, { error: "must be one word of printable characters" })
      .optional(),
  ),
  PUNCTUAL_DATABASE_URL: z.preprocess(
    left,
    z
      .url({ protocol: /^postgres(ql)?$/, error: "must be a URL such as postgres://user:password@host:5432/punctual" })
      .optional(),
  ),
  PUNCTUAL_DATABASE_LOGIN: z.preprocess(left, z.string().optional()),
});

/** Every variable that it reads. */
export const READ: readonly string[] = Object.keys(environment.shape);

export interface CliConfig {
  readonly apiUrl?: string | undefined;
  readonly token?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly databaseLogin?: DatabaseLogin | undefined;
}

/** What logs in to the database: a package, or a path. */
export interface DatabaseLogin {
  readonly specifier: string;
  readonly environment: Environment;
}

/** What the environment says. Values are secrets: a message names the variable alone. */
export function loadConfig(env: Environment): CliConfig {
  const read = environment.safeParse(env);
  if (!read.success) {
    throw usage(
      "the environment is not valid",
      read.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`),
    );
  }
  const { PUNCTUAL_URL: url, PUNCTUAL_TOKEN: token, PUNCTUAL_DATABASE_URL: databaseUrl } = read.data;
  const { PUNCTUAL_DATABASE_LOGIN: specifier } = read.data;
  const databaseLogin = specifier === undefined ? undefined : { specifier, environment: env };
  return Object.freeze({ apiUrl: url, token, databaseUrl, databaseLogin });
}

/** The address on the command line, as the environment's is read. */
export function readApiUrl(text: string): string {
  const read = apiUrl.safeParse(text);
  if (!read.success) throw usage(`--api ${read.error.issues[0]?.message ?? "is not valid"}`);
  return read.data;
}
