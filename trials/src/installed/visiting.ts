import { Api } from "./api.js";
import { type Check, runChecks } from "./checks.js";
import { readArguments, type VisitArguments } from "./options.js";
import { Visit } from "./visit.js";

export interface Visiting {
  readonly name: string;
  readonly usage: string;
  readonly stopAtFirst: boolean;
  readonly checks: (args: VisitArguments) => readonly Check[];
}

type Variables = Readonly<Record<string, string | undefined>>;

const INTERRUPTED = 130;

/** Visits the installation that the command line names; answers what the program ends with. */
export async function visiting(
  { name, usage, checks, stopAtFirst }: Visiting,
  args: readonly string[],
  env: Variables,
): Promise<number> {
  const read = readArguments(args);
  const wrong = typeof read === "string" ? read : missingIn(env, read);
  if (typeof read === "string" || wrong !== undefined) {
    console.error(`${String(wrong)}\nUsage: ${usage}`);
    return 2;
  }
  const { url, receiver, tokenEnv = "", secretEnv = "", withinMs } = read;
  const api = new Api({ url, token: env[tokenEnv] });
  const visit = new Visit({ api, receiver, secret: env[secretEnv], withinMs, signal: untilTold() });
  const say = (line: string) => console.log(line);
  const { held, interrupted } = await runChecks(checks(read), visit, { stopAtFirst, say });
  say(JSON.stringify({ trial: name, url, held }));
  return interrupted ? INTERRUPTED : held ? 0 : 1;
}

function missingIn(env: Variables, { tokenEnv, secretEnv }: VisitArguments): string | undefined {
  const missing = [tokenEnv, secretEnv].find((name) => name !== undefined && (env[name] ?? "") === "");
  return missing === undefined ? undefined : `${missing} is not set`;
}

/** Told once it takes away what it has made; told twice it ends at once. */
function untilTold(): AbortSignal {
  const told = new AbortController();
  const end = () => {
    if (told.signal.aborted) process.exit(INTERRUPTED);
    told.abort();
  };
  process.on("SIGINT", end).on("SIGTERM", end);
  return told.signal;
}
