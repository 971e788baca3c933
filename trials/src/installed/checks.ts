import { Broken, NotAsked } from "./api.js";
import { Interrupted, type Visit } from "./visit.js";

/** Something that must hold; it answers what it saw, and throws `Broken` if it does not, or `NotAsked`. */
export interface Check {
  readonly what: string;
  readonly run: (visit: Visit) => Promise<string>;
}

export interface Told {
  readonly held: boolean;
  readonly interrupted: boolean;
}

export interface CheckOptions {
  /** Whether the rest makes no sense once one did not hold. */
  readonly stopAtFirst: boolean;
  readonly say: (line: string) => void;
}

/** Asks one after the other, with a line for each, and removes what was made, however it ends. */
export async function runChecks(checks: readonly Check[], visit: Visit, options: CheckOptions): Promise<Told> {
  const { say, stopAtFirst } = options;
  const width = Math.max(...checks.map(({ what }) => what.length), GONE.length);
  const line = (sign: string, what: string, seen: string) => say(`${sign.padEnd(6)}  ${what.padEnd(width)}  ${seen}`);
  const broken: string[] = [];
  let interrupted = false;
  for (const { what, run } of checks) {
    if (interrupted || (stopAtFirst && broken.length > 0)) {
      line("-", what, "not asked");
      continue;
    }
    try {
      line("held", what, await run(visit));
    } catch (error) {
      const isBroken = error instanceof Broken;
      if (isBroken) broken.push(what);
      interrupted = error instanceof Interrupted;
      line(isBroken ? "BROKEN" : "-", what, reasonOf(error));
    }
  }
  const { removed, left } = await visit.leave();
  if (left.length > 0) line("BROKEN", GONE, `left behind: ${left.join("; ")}`);
  else if (removed > 0) line("held", GONE, `${String(removed)} removed`);
  return { held: broken.length === 0 && left.length === 0 && !interrupted, interrupted };
}

const GONE = "what was made is gone";

function reasonOf(error: unknown): string {
  if (error instanceof Broken || error instanceof Interrupted) return error.message;
  if (error instanceof NotAsked) return `not asked: ${error.message}`;
  throw error;
}
