import { Ours } from "./database/ours.js";
import { Pending } from "./database/pending.js";
import { type BenchServer, onServer, SERVER_SETTINGS } from "./database/server.js";
import { median, percentile, whole } from "./figures.js";
import type { Options } from "./options.js";
import { printTable, publish } from "./report.js";
import { judge, rounded, type Verdict } from "./verdict.js";

const FEW = 10_000;
const BATCH = 1_000;
const LEASE_MS = 300_000;
/** What is claimed was added just before, so the pages that a claim reads and writes are in memory on both sides. */
const WARM_UP = 20;
const TARGET = 1.3;

/** How long a claim of a thousand takes among millions that are not due, against among thousands. */
export async function claimScale({ rounds = 100, pending = 10_000_000 }: Options): Promise<Verdict> {
  return onServer(async (server) => {
    const few = await Measured.open(server, FEW);
    const many = await Measured.open(server, pending);
    try {
      for (let round = 0; round < rounds + WARM_UP; round++) {
        for (const side of [few, many]) await side.round(round >= WARM_UP);
      }
      const all = [few, many];
      printTable([
        ["pending", "claims", "median ms", "p95 ms", "first half ms", "second half ms"],
        ...all.map(({ pending, times }) => [
          whole(pending),
          whole(times.length),
          ...[median(times), percentile(times, 0.95), ...halves(times).map(median)].map((ms) => `${rounded(ms)}`),
        ]),
      ]);
      const ratio = median(many.times.map((time, index) => time / few.times[index]!));
      return publish(judge("claim-scale", { "claim-scale": ratio }, { "claim-scale": { atMost: TARGET } }), {
        ...{ rounds, settings: SERVER_SETTINGS },
        times: Object.fromEntries(all.map(({ pending, times }) => [pending, times])),
      });
    } finally {
      await Promise.all([few.close(), many.close()]);
    }
  });
}

function halves(times: readonly number[]): [readonly number[], readonly number[]] {
  const middle = Math.ceil(times.length / 2);
  return [times.slice(0, middle), times.slice(Math.min(middle, times.length - 1))];
}

class Measured {
  readonly pending: number;
  readonly times: number[] = [];
  readonly #ours: Ours;
  readonly #source: Pending;

  private constructor(pending: number, ours: Ours, source: Pending) {
    this.pending = pending;
    this.#ours = ours;
    this.#source = source;
  }

  static async open(server: BenchServer, pending: number): Promise<Measured> {
    const ours = await Ours.open(await server.database(`pending_${pending}`), { poolSize: 1 });
    const source = await Pending.open(ours);
    await source.fill(pending);
    console.log(`${whole(pending)} events are pending in ${await sizes(ours)}`);
    return new Measured(pending, ours, source);
  }

  async round(counts: boolean): Promise<void> {
    const { store, plan } = this.#ours;
    await this.#source.due(BATCH);
    const start = performance.now();
    const { claims } = await store.claimDue({ limit: BATCH, leaseMs: LEASE_MS }, plan);
    const time = performance.now() - start;
    if (claims.length !== BATCH) throw new Error(`Claimed ${claims.length} of ${BATCH}`);
    await store.finish(claims.map((claim) => ({ claim, outcome: { state: "COMPLETED" } })));
    if (counts) this.times.push(time);
  }

  async close(): Promise<void> {
    await this.#ours.close();
  }
}

async function sizes({ pool }: Ours): Promise<string> {
  const { rows } = await pool.query<{ text: string }>(
    `select pg_size_pretty(pg_relation_size('events')) || ', indexes ' || pg_size_pretty(pg_indexes_size('events')) as text`,
  );
  return rows[0]?.text ?? "";
}
