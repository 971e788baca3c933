import type { EnvironmentName } from "@punctual/stack-blueprint";

/** How many tasks there are of a service, at the least and at the most. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

export type ServiceName = "api" | "worker";

export interface Size {
  readonly tasks: Range;
  /** In 1,024ths of a processor. */
  readonly cpu: 256 | 512 | 1_024;
  /** Of the program, where it has less to do than what the blueprint gives it is for. */
  readonly memoryMb?: number;
}

const size = (least: number, most: number, cpu: Size["cpu"], memoryMb?: number): Size => ({
  tasks: { least, most },
  cpu,
  ...(memoryMb !== undefined && { memoryMb }),
});

/** At the most, and while deployments have twice as many tasks, their connections fit the usual database. */
export const SIZES: Readonly<Record<EnvironmentName, Readonly<Record<ServiceName, Size>>>> = {
  dev: { api: size(1, 1, 256), worker: size(1, 1, 256, 768) },
  staging: { api: size(2, 2, 256), worker: size(2, 4, 256, 768) },
  production: { api: size(2, 10, 512), worker: size(2, 8, 1_024) },
};

/** Connections of one task. A worker opens one more, on which it listens. */
export const POOL: Readonly<Record<ServiceName, number>> = { api: 5, worker: 10 };

/** The worker's, on which it listens. */
const LISTENING = 1;
/** The command line's, while it migrates. */
const MIGRATING = 3;

/** The connections of all tasks at their most, while both services are replaced and the tables are migrated. */
export function connectionsOfTasks(environment: EnvironmentName): number {
  const { api, worker } = SIZES[environment];
  return 2 * (api.tasks.most * POOL.api + worker.tasks.most * (POOL.worker + LISTENING)) + MIGRATING;
}

/** Beside the program: what takes in its metrics and traces. */
export const COLLECTOR_MB = 256;

/** What Fargate offers, in megabytes. */
const MEMORY: Readonly<Record<Size["cpu"], readonly number[]>> = {
  256: [512, 1_024, 2_048],
  512: [1_024, 2_048, 3_072, 4_096],
  1_024: [2_048, 3_072, 4_096, 5_120, 6_144, 7_168, 8_192],
};

/** The least that Fargate gives a task that needs so much. */
export function memoryOf(cpu: Size["cpu"], neededMb: number): number {
  const fits = MEMORY[cpu].find((offered) => offered >= neededMb);
  if (fits === undefined)
    throw new RangeError(`${String(neededMb)} MB are more than Fargate gives ${String(cpu)} units`);
  return fits;
}
