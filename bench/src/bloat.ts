import { Ours } from "./database/ours.js";
import { loops } from "./database/parallel.js";
import { Pending } from "./database/pending.js";
import { onServer, SERVER_SETTINGS } from "./database/server.js";
import { whole } from "./figures.js";
import type { Options } from "./options.js";
import { printTable, publish } from "./report.js";
import { judge, rounded, type Verdict } from "./verdict.js";

const PENDING = 100_000;
const BATCH = 1_000;
const LOOPS = 2;
const LEASE_MS = 300_000;
const TARGET = 3;

interface Size {
  readonly name: string;
  readonly bytes: number;
}

/** How much larger table and indexes are than need be, after as many claims as a day may bring. */
export async function bloat({ events = 2_000_000, pending = PENDING }: Options): Promise<Verdict> {
  return onServer(async (server) => {
    const ours = await Ours.open(await server.database("ours"));
    try {
      const source = await Pending.open(ours);
      await source.due(pending);
      await ours.pool.query("vacuum analyze events");
      ours.lookAfter();
      const start = performance.now();
      await cycles(ours, source, events);
      const seconds = (performance.now() - start) / 1_000;

      const before = await sizes(ours);
      await ours.pool.query("reindex table events");
      const indexes = await sizes(ours);
      await ours.pool.query("vacuum full events");
      const anew = new Map([...indexes, ...(await sizes(ours)).slice(0, 1)].map(({ name, bytes }) => [name, bytes]));
      const found = before.map(({ name, bytes }) => ({ name, before: bytes, anew: anew.get(name) ?? 0 }));
      console.log(`${whole(events)} events claimed, begun and finished, ${whole(events / seconds)}/s`);
      printTable([
        ["relation", "kB", "made anew", "times"],
        ...found.map(({ name, before, anew }) => [
          name,
          whole(before / 1_024),
          whole(anew / 1_024),
          `${rounded(before / anew)}`,
        ]),
      ]);
      const times = Object.fromEntries(found.map(({ name, before, anew }) => [name, before / anew]));
      return publish(judge("bloat", times, { events_wake: { atMost: TARGET } }), {
        ...{ events, pending, seconds, sizes: found, vacuums: await vacuums(ours), settings: SERVER_SETTINGS },
      });
    } finally {
      await ours.close();
    }
  });
}

/** As many come as go. */
async function cycles({ store, plan }: Ours, source: Pending, events: number): Promise<void> {
  let left = events;
  await loops(LOOPS, async () => {
    while (left > 0) {
      left -= BATCH;
      const { claims } = await store.claimDue({ limit: BATCH, leaseMs: LEASE_MS }, plan);
      await source.due(claims.length);
      const { begun } = await store.begin(claims, LEASE_MS);
      await store.finish(begun.map(({ claim }) => ({ claim, outcome: { state: "COMPLETED" } })));
    }
  });
}

/** The table, then its indexes. */
async function sizes({ pool }: Ours): Promise<Size[]> {
  const { rows } = await pool.query<Size>(
    `select relname as name, pg_relation_size(oid) as bytes from pg_class where oid = 'events'::regclass
     union all (select indexrelid::regclass::text, pg_relation_size(indexrelid) from pg_index
       where indrelid = 'events'::regclass order by 1)`,
  );
  return rows;
}

async function vacuums({ pool }: Ours): Promise<number> {
  const text = "select autovacuum_count as count from pg_stat_user_tables where relid = 'events'::regclass";
  return (await pool.query<{ count: number }>(text)).rows[0]?.count ?? Number.NaN;
}
