import { makeWorkerUtils, type WorkerUtils } from "graphile-worker";
import pg from "pg";
import { type GraphileSettings, logger, startRunners, TASK } from "./graphile-runners.js";
import { batches, inParallel } from "./parallel.js";

export interface Job {
  readonly id: number | string;
  /** Left out, it is due at once. */
  readonly runAt?: Date;
}

/** graphile-worker on a database of its own. */
export class Graphile {
  readonly url: string;
  readonly #pool: pg.Pool;
  readonly #utils: WorkerUtils;

  private constructor(url: string, pool: pg.Pool, utils: WorkerUtils) {
    this.url = url;
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

  async add(jobs: readonly Job[], { size = 5_000, lanes = 1 } = {}): Promise<void> {
    await inParallel(batches(jobs, size), lanes, async (batch) =>
      this.#utils.addJobs(
        batch.map(({ runAt, ...payload }) => ({ identifier: TASK, payload, ...(runAt !== undefined && { runAt }) })),
      ),
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
    const stop = await startRunners(this.url, settings, async () => {
      if (++done === jobs) resolve();
    });
    await promise;
    return stop;
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
