import { Logger, run, type Task } from "graphile-worker";

export interface GraphileSettings {
  /** How many jobs one statement fetches for the tasks of a process. */
  readonly localQueue: number;
  readonly concurrentJobs: number;
  readonly poolSize: number;
  /** Workers of this kind, each with a pool of its own. */
  readonly runners: number;
  /** How often it looks for jobs that have come due; it is told of those alone that are due when they are added. */
  readonly pollMs?: number;
}

/** The one kind of job there is. */
export const TASK = "task";

/** Its log, a line for each job, goes nowhere. */
export const logger = new Logger(() => () => undefined);

/** Starts graphile-worker; what it answers stops it, and waits for what is still to be written. */
export async function startRunners(url: string, settings: GraphileSettings, task: Task): Promise<() => Promise<void>> {
  const { localQueue, concurrentJobs, poolSize, pollMs } = settings;
  const worker = {
    connectionString: url,
    concurrentJobs,
    maxPoolSize: poolSize,
    ...(pollMs !== undefined && { pollInterval: pollMs }),
    ...(localQueue > 0 && { localQueue: { size: localQueue } }),
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  };
  const options = { preset: { worker }, taskList: { [TASK]: task }, noHandleSignals: true, logger };
  const runners = await Promise.all(Array.from({ length: settings.runners }, async () => run(options)));
  return async () => {
    for (const runner of runners) await runner.stop();
  };
}
