import { median } from "../figures.js";
import type { Side } from "./rounds.js";

/** What tells how much CPU time somebody has used so far, in milliseconds. */
export type Meters = Readonly<Record<string, () => Promise<number>>>;

/** A side, and what its rounds take of the machine, whoever else is busy there. */
export interface MeteredSide extends Side {
  /** By the name of a meter, microseconds of CPU time for each event: the median of the rounds that count. */
  costs(): Readonly<Record<string, number>>;
}

/** Reads the meters before and after each run, outside of the time that is measured. */
export function metered(side: Side, meters: Meters, count: number): MeteredSide {
  const names = Object.keys(meters);
  const read = async () => Promise.all(names.map(async (name) => meters[name]!()));
  const costs: number[][] = names.map(() => []);
  let before: readonly number[] = [];
  return {
    name: side.name,
    prepare: async () => {
      await side.prepare();
      before = await read();
    },
    run: async () => side.run(),
    check: async () => {
      const after = await read();
      after.forEach((ms, index) => costs[index]!.push(((ms - before[index]!) * 1_000) / count));
      await side.check();
    },
    costs: () => Object.fromEntries(names.map((name, index) => [name, median(costs[index]!.slice(1))])),
  };
}
