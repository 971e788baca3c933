import { parseArgs } from "node:util";

/** What the command line asks for; a bench has its own defaults for what is left out. */
export interface Options {
  readonly rounds?: number;
  readonly events?: number;
  readonly pending?: number;
  /** How long `bloat --held` holds its snapshot, and how long events fall due in `lateness`. */
  readonly seconds?: number;
  /** How long the sink of `deliver` takes to answer; left out, it answers at once. */
  readonly answer?: number;
  /** Also runs the settings of each side that were found to be slower. */
  readonly tune: boolean;
  /** Of `bloat`: with a snapshot that is held open. */
  readonly held: boolean;
}

/** Null if it cannot be understood. */
export function parseOptions(args: readonly string[]): Options | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string" },
        events: { type: "string" },
        pending: { type: "string" },
        seconds: { type: "string" },
        answer: { type: "string" },
        tune: { type: "boolean", default: false },
        held: { type: "boolean", default: false },
      },
    });
    const numbers = (["rounds", "events", "pending", "seconds", "answer"] as const).flatMap((name) => {
      const text = values[name];
      return text === undefined ? [] : [[name, Number(text.replaceAll("_", ""))] as const];
    });
    if (numbers.some(([, value]) => !Number.isSafeInteger(value) || value < 1)) return null;
    return { tune: values.tune, held: values.held, ...Object.fromEntries(numbers) };
  } catch {
    return null;
  }
}
