import { PgBoss } from "pg-boss";
import pg from "pg";
import { batches, inParallel, loops } from "./parallel.js";

export interface BossSettings {
  readonly batch: number;
  readonly loops: number;
}

/** pg-boss on a database of its own, with a queue in a table of its own, and without its housekeeping. */
export class Boss {
  readonly #boss: PgBoss;
  readonly #pool: pg.Pool;
  #queue = "";
  #queues = 0;

  private constructor(boss: PgBoss, pool: pg.Pool) {
    this.#boss = boss;
    this.#pool = pool;
  }

  static async open(url: string): Promise<Boss> {
    const boss = new PgBoss({ connectionString: url, max: 20, supervise: false, schedule: false });
    boss.on("error", (error) => console.error(error));
    await boss.start();
    return new Boss(boss, new pg.Pool({ connectionString: url, max: 1 }));
  }

  /** A new queue: what the one before holds is finished, and is dropped with it. */
  async empty({ partition = true } = {}): Promise<void> {
    if (this.#queue !== "") await this.#boss.deleteQueue(this.#queue);
    await this.#pool.query("truncate pgboss.job");
    this.#queue = `bench${++this.#queues}`;
    await this.#boss.createQueue(this.#queue, { partition });
  }

  async add(jobs: readonly { readonly id: number }[], { size = 10_000, lanes = 1 } = {}): Promise<void> {
    await inParallel(batches(jobs, size), lanes, async (batch) =>
      this.#boss.insert(
        this.#queue,
        batch.map((data) => ({ data })),
      ),
    );
  }

  async settle(): Promise<void> {
    await this.#pool.query("vacuum analyze");
    await this.#pool.query("checkpoint");
  }

  async drain(settings: BossSettings): Promise<void> {
    await loops(settings.loops, async () => {
      for (;;) {
        const jobs = await this.#boss.fetch(this.#queue, { batchSize: settings.batch });
        if (jobs.length === 0) return;
        await this.#boss.complete(
          this.#queue,
          jobs.map(({ id }) => id),
        );
      }
    });
  }

  async count(state: "created" | "completed"): Promise<number> {
    const text = "select count(*)::int as count from pgboss.job where name = $1 and state = $2";
    const { rows } = await this.#pool.query<{ count: number }>(text, [this.#queue, state]);
    return rows[0]?.count ?? Number.NaN;
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false });
    await this.#pool.end();
  }
}
