import { parseArgs } from "node:util";
import type { Shape } from "./orders.js";

/** What the command line asks for; a trial has its own defaults for what is left out. */
export interface Options {
  readonly minutes?: number;
  readonly seconds?: number;
  readonly events?: number;
  readonly workers?: number;
  readonly perSecond?: number;
  readonly rounds?: number;
  /** The commit of another release. */
  readonly from?: string;
  readonly shape: Shape;
}

const NUMBERS = ["minutes", "seconds", "events", "workers", "perSecond", "rounds"] as const;

/** Null if it cannot be understood. */
export function parseOptions(args: readonly string[]): Options | null {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ minutes: text, seconds: text, events: text, workers: text, perSecond: text, rounds: text, from: text },
        "two-stages": { type: "boolean", default: false },
      },
    });
    const numbers = NUMBERS.flatMap((name) => {
      const value = values[name];
      return value === undefined ? [] : [[name, Number(value)] as const];
    });
    if (numbers.some(([, value]) => !(value > 0 && value < 1e6))) return null;
    const { from } = values;
    const shape = values["two-stages"] ? "two stages" : "in place";
    return { shape, ...(from !== undefined && { from }), ...Object.fromEntries(numbers) };
  } catch {
    return null;
  }
}
