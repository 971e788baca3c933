import pg from "pg";
import { Ours } from "./database/ours.js";
import { Pending } from "./database/pending.js";
import { onServer, SERVER_SETTINGS } from "./database/server.js";
import { percentile, whole } from "./figures.js";
import type { Options } from "./options.js";
import { printTable, publish } from "./report.js";
import { judge, rounded, type Verdict } from "./verdict.js";

const PER_TICK = 20;
const LEASE_MS = 300_000;
const PENDING = 20_000;
/** So long after the end of the snapshot its effect must be over. */
const RECOVERY_S = 60;
/** What is compared are two stretches of this length: the last one before the snapshot, and the last of the recovery. */
const WINDOW_S = 20;
const TARGET = 1.2;

interface Sample {
  readonly at: number;
  readonly ms: number;
}

/** What a transaction that is held open does to claims, and how soon it is over when it ends. */
export async function held({ seconds = 120 }: Options): Promise<Verdict> {
  return onServer(async (server) => {
    const url = await server.database("ours");
    const ours = await Ours.open(url);
    try {
      const source = await Pending.open(ours);
      await source.fill(PENDING);
      ours.lookAfter();
      const load = new Load(ours, source);
      await load.runFor(2 * WINDOW_S);
      const from = performance.now();
      const holder = await hold(url);
      await load.runFor(seconds);
      const { oldestSnapshotMs } = await ours.store.backlog();
      await holder.end();
      const until = performance.now();
      await load.runFor(RECOVERY_S);
      await load.stop();

      const window = (start: number) => load.between(start, start + WINDOW_S * 1_000);
      const before = window(from - WINDOW_S * 1_000);
      const starts = Array.from({ length: Math.floor(seconds / WINDOW_S) }, (_, index) => index * WINDOW_S * 1_000);
      const during = starts.map((start) => window(from + start));
      const after = Array.from({ length: RECOVERY_S / WINDOW_S }, (_, index) =>
        window(until + index * WINDOW_S * 1_000),
      );
      const rows = [
        { name: "before", times: before },
        ...during.map((times, index) => ({ name: `held, from ${index * WINDOW_S} s`, times })),
        ...after.map((times, index) => ({ name: `over, from ${index * WINDOW_S} s`, times })),
      ].map(({ name, times }) => ({
        ...{ name, claims: times.length },
        ...{ p50: percentile(times, 0.5), p99: percentile(times, 0.99) },
      }));
      printTable([
        ["snapshot", "claims", "p50 ms", "p99 ms"],
        ...rows.map(({ name, claims, p50, p99 }) => [name, whole(claims), `${rounded(p50)}`, `${rounded(p99)}`]),
      ]);
      console.log(`The heartbeat saw a snapshot of ${whole(oldestSnapshotMs / 1_000)} s at its end`);
      const ratios = {
        "p99 recovered": percentile(after.at(-1) ?? [], 0.99) / percentile(before, 0.99),
        "p99 held": percentile(during.at(-1) ?? [], 0.99) / percentile(before, 0.99),
      };
      const verdict = judge("bloat", ratios, { "p99 recovered": { atMost: TARGET } });
      return publish(verdict, { seconds, oldestSnapshotMs, rows, settings: SERVER_SETTINGS }, "bloat-held");
    } finally {
      await ours.close();
    }
  });
}

/** A session that sees the database as it is now, until it ends. */
async function hold(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: "holder" });
  await client.connect();
  await client.query("begin isolation level repeatable read");
  await client.query("select count(*) from events");
  return client;
}

/** Events come at a steady pace and are claimed and finished; how long each claim takes is noted. */
class Load {
  readonly #ours: Ours;
  readonly #source: Pending;
  readonly #samples: Sample[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #running: Promise<void> | null = null;
  #failed: { readonly error: unknown } | null = null;

  constructor(ours: Ours, source: Pending) {
    this.#ours = ours;
    this.#source = source;
    this.#timer = setInterval(() => {
      this.#running ??= this.#tick()
        .catch((error: unknown) => void (this.#failed ??= { error }))
        .finally(() => (this.#running = null));
    }, 20);
  }

  async runFor(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1_000;
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (this.#failed !== null) throw this.#failed.error;
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  between(from: number, until: number): number[] {
    return this.#samples.filter(({ at }) => from <= at && at < until).map(({ ms }) => ms);
  }

  async #tick(): Promise<void> {
    const { store, plan } = this.#ours;
    await this.#source.due(PER_TICK);
    const at = performance.now();
    const { claims } = await store.claimDue({ limit: 1_000, leaseMs: LEASE_MS }, plan);
    this.#samples.push({ at, ms: performance.now() - at });
    await store.finish(claims.map((claim) => ({ claim, outcome: { state: "COMPLETED" } })));
  }
}
