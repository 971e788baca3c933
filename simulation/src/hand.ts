import { MUTANTS } from "./mutants.js";
import { runSeed, type SeedReport } from "./run-seed.js";

/** A process of the crowd: runs the seeds it is given, of the real thing or of one mutant. */
export interface Job {
  readonly from: number;
  readonly seeds: number;
  readonly mutant?: string;
}

export interface JobAnswer {
  readonly seeds: number;
  readonly events: number;
  readonly steps: number;
  readonly counts: SeedReport["counts"] | null;
  readonly failed: readonly SeedReport[];
  /** Seeds that gave another trace when they were run again. */
  readonly unlike: readonly number[];
}

export async function run({ from, seeds, mutant: name }: Job): Promise<JobAnswer> {
  const mutant = MUTANTS.find((one) => one.name === name);
  const failed: SeedReport[] = [];
  const unlike: number[] = [];
  let [events, steps, ran] = [0, 0, 0];
  let counts: SeedReport["counts"] | null = null;
  for (let seed = from; seed < from + seeds; seed++) {
    const report = await runSeed(seed, mutant);
    ran++;
    events += report.events;
    steps += report.steps;
    counts = counts === null ? report.counts : added(counts, report.counts);
    if (report.violations.length > 0) failed.push(report);
    if (mutant !== undefined && failed.length > 0) break;
    // One in a hundred is run twice: hidden chance would make a failing seed worthless.
    if (mutant === undefined && seed % 100 === 0 && (await runSeed(seed)).trace !== report.trace) unlike.push(seed);
  }
  return { seeds: ran, events, steps, counts, failed, unlike };
}

export function added(one: SeedReport["counts"], other: SeedReport["counts"]): SeedReport["counts"] {
  const names = Object.keys(one) as (keyof SeedReport["counts"])[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as SeedReport["counts"];
}

if (process.send !== undefined) {
  process.on("message", (job) => {
    run(job as Job).then(
      (answer) => process.send?.(answer),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
