import { Logger, makeWorkerUtils, run, type WorkerUtils } from "graphile-worker";
import pg from "pg";
import { batches, inParallel } from "./parallel.js";

export interface GraphileSettings {
  /** How many jobs one statement fetches for the tasks of a process. */
  readonly localQueue: number;
  readonly concurrentJobs: number;
  readonly poolSize: number;
  /** Workers of this kind, each with a pool of its own. */
  readonly runners: number;
}

/** graphile-worker on a database of its own; its log, a line for each job, goes nowhere. */
export class Graphile {
  readonly #url: string;
  readonly #pool: pg.Pool;
  readonly #utils: WorkerUtils;

  private constructor(url: string, pool: pg.Pool, utils: WorkerUtils) {
    this.#url = url;
    this.#pool = pool;
    this.#utils = utils;
  }

  static async open(url: string): Promise<Graphile> {
    const pool = new pg.Pool({ connectionString: url, max: 8 });
    for (const event of ["error", "connect"] as const) pool.on(event, () => undefined); // it insists on listeners
    const utils = await makeWorkerUtils({ pgPool: pool, logger });
    await utils.migrate();
    return new Graphile(url, pool, utils);
  }

  async empty(): Promise<void> {
    await this.#pool.query("truncate graphile_worker._private_jobs");
  }

  async add(jobs: readonly { readonly id: number }[], { size = 5_000, lanes = 1 } = {}): Promise<void> {
    await inParallel(batches(jobs, size), lanes, async (batch) =>
      this.#utils.addJobs(batch.map((payload) => ({ identifier: "noop", payload }))),
    );
  }

  async settle(): Promise<void> {
    await this.#pool.query("vacuum analyze graphile_worker._private_jobs");
    await this.#pool.query("checkpoint");
  }

  /** Runs until the last task has run; what it answers waits for what is still to be written. */
  async drain(jobs: number, settings: GraphileSettings): Promise<() => Promise<void>> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let done = 0;
    const noop = async () => {
      if (++done === jobs) resolve();
    };
    const worker = {
      connectionString: this.#url,
      concurrentJobs: settings.concurrentJobs,
      maxPoolSize: settings.poolSize,
      ...(settings.localQueue > 0 && { localQueue: { size: settings.localQueue } }),
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    };
    const options = { preset: { worker }, taskList: { noop }, noHandleSignals: true, logger };
    const runners = await Promise.all(Array.from({ length: settings.runners }, async () => run(options)));
    await promise;
    return async () => {
      for (const runner of runners) await runner.stop();
    };
  }

  async left(): Promise<number> {
    const text = "select count(*)::int as count from graphile_worker._private_jobs";
    return (await this.#pool.query<{ count: number }>(text)).rows[0]?.count ?? Number.NaN;
  }

  async close(): Promise<void> {
    await this.#utils.release();
    await this.#pool.end();
  }
}

const logger = new Logger(() => () => undefined);
