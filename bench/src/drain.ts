import type { Claim, ClaimRef, Ending } from "@punctual/core";
import { Boss, type BossSettings } from "./database/boss.js";
import { Graphile } from "./database/graphile.js";
import type { GraphileSettings } from "./database/graphile-runners.js";
import { Ours } from "./database/ours.js";
import { loops } from "./database/parallel.js";
import { alternate, best, ratios, type Side } from "./database/rounds.js";
import { type BenchServer, onServer, SERVER_SETTINGS } from "./database/server.js";
import { median, whole } from "./figures.js";
import type { Options } from "./options.js";
import { printTable, publish } from "./report.js";
import { judge, rounded, type Verdict } from "./verdict.js";

const MINUTE = 60_000;
const LEASE_MS = 300_000;
const TARGET = 2;

interface OurSettings {
  readonly limit: number;
  readonly loops: number;
  /** Whether each event also begins, and its attempt goes on record: what a delivery takes, and what peers do not do. */
  readonly full: boolean;
}

/** The first of each is what was found to be best; `--tune` runs the others too. */
const OURS: readonly OurSettings[] = [
  { limit: 1_000, loops: 4, full: true },
  { limit: 1_000, loops: 4, full: false },
  { limit: 1_000, loops: 2, full: true },
  { limit: 1_000, loops: 3, full: true },
  { limit: 1_000, loops: 6, full: true },
  { limit: 500, loops: 4, full: true },
  { limit: 2_000, loops: 4, full: true },
];
const GRAPHILE: readonly GraphileSettings[] = [
  { localQueue: 1_000, concurrentJobs: 50, poolSize: 10, runners: 3 },
  { localQueue: 500, concurrentJobs: 24, poolSize: 20, runners: 1 },
  { localQueue: 500, concurrentJobs: 100, poolSize: 20, runners: 1 },
  { localQueue: 1_000, concurrentJobs: 24, poolSize: 20, runners: 1 },
  { localQueue: 2_000, concurrentJobs: 200, poolSize: 10, runners: 1 },
  { localQueue: 500, concurrentJobs: 24, poolSize: 10, runners: 2 },
];
const BOSS: readonly BossSettings[] = [
  { batch: 5_000, loops: 2 },
  { batch: 1_000, loops: 4 },
  { batch: 500, loops: 4 },
  { batch: 2_000, loops: 4 },
  { batch: 1_000, loops: 2 },
];

/** How long it takes until everything that is due is done. */
export async function drain({ rounds = 5, events = 100_000, tune }: Options): Promise<Verdict> {
  const chosen = <T>(all: readonly T[], usual: number) => (tune ? all : all.slice(0, usual));
  return onServer(async (server) => {
    const ours = await oursOn(server, events);
    const graphile = await Graphile.open(await server.database("graphile"));
    const boss = await Boss.open(await server.database("boss"));
    const jobs = Array.from({ length: events }, (_, id) => ({ id, message: "hello world" }));
    try {
      const own = chosen(OURS, 2).map((settings) => ours.side(settings));
      const peers = [
        ...chosen(GRAPHILE, 1).map((settings) => graphileSide(graphile, jobs, settings)),
        ...chosen(BOSS, 1).map((settings) => bossSide(boss, jobs, settings)),
      ];
      const sides = interleaved(own, peers);
      const rates = await alternate(sides, rounds, events);

      const peer = best(
        rates,
        peers.map(({ name }) => name),
      );
      const [full, short] = own.map(({ name }) => name) as [string, string];
      printTable([
        ["side", "events/s", `to ${peer}`],
        ...sides.map(({ name }) => [
          name,
          whole(median(rates.get(name)!)),
          `${rounded(median(ratios(rates, name, peer)))}`,
        ]),
      ]);
      const found = {
        drain: median(ratios(rates, full, peer)),
        "claim and finish alone": median(ratios(rates, short, peer)),
      };
      return publish(judge("drain", found, { drain: { atLeast: TARGET } }), {
        ...{ rounds, events, peer, settings: SERVER_SETTINGS },
        rates: Object.fromEntries(rates),
      });
    } finally {
      await Promise.all([ours.close(), graphile.close(), boss.close()]);
    }
  });
}

/** One of ours, one of theirs, one of ours, … */
function interleaved<T>(ours: readonly T[], theirs: readonly T[]): T[] {
  return Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index) => [
    ...ours.slice(index, index + 1),
    ...theirs.slice(index, index + 1),
  ]).flat();
}

/** A tenth of the events lead a series that goes on; each of the others is all that its schedule has. */
async function oursOn(server: BenchServer, events: number) {
  const ours = await Ours.open(await server.database("ours"));
  const recurring = Math.ceil(events / 10);
  const series = await ours.schedules(events, recurring, Date.now() - 2 * MINUTE);
  await ours.add(series.map(({ event }) => event));
  await ours.pool.query("create table seed as select * from events");

  const side = (settings: OurSettings): Side => ({
    name: `ours, ${settings.full ? "all kept" : "claim and finish"} (${settings.loops} loops of ${whole(settings.limit)})`,
    prepare: async () => {
      await ours.empty();
      await ours.pool.query("insert into events select * from seed");
      await ours.pool.query("vacuum analyze events, event_history, attempts");
      await ours.pool.query("checkpoint");
    },
    run: async () => loops(settings.loops, async () => drainOurs(ours, settings)),
    check: async () => {
      const { rows } = await ours.pool.query<Record<string, number>>(COUNTS);
      const expected = { completed: events, successors: recurring, open: recurring, attempts: events };
      if (!settings.full) expected.attempts = 0;
      if (JSON.stringify(rows[0]) !== JSON.stringify(expected)) {
        throw new Error(`Expected ${JSON.stringify(expected)}, found ${JSON.stringify(rows[0])}`);
      }
    },
  });
  return { side, close: async () => ours.close() };
}

const COUNTS = `
  select (select count(*)::int from event_history where state = 'COMPLETED') as completed,
    (select count(*)::int from events where state = 'PENDING' and leads and ordinal = 2 and wake_at > now()) as successors,
    (select count(*)::int from events) as open,
    (select count(*)::int from attempts where number = 1 and status = 200) as attempts`;

async function drainOurs({ store, plan }: Ours, { limit, full }: OurSettings): Promise<void> {
  for (;;) {
    const { claims, seen } = await store.claimDue({ limit, leaseMs: LEASE_MS }, plan);
    if (seen === 0) return;
    const { lost } = await store.finish(full ? await delivered(store, claims) : claims.map(completed));
    if (lost.length > 0) throw new Error(`${lost.length} claims were lost`);
  }
}

function completed(claim: ClaimRef): Ending {
  return { claim, outcome: { state: "COMPLETED" } };
}

async function delivered(store: Ours["store"], claims: readonly Claim[]): Promise<Ending[]> {
  const { begun } = await store.begin(claims, LEASE_MS);
  return begun.map(({ claim, event, attemptNumber, now }) => ({
    ...completed(claim),
    attempt: {
      number: attemptNumber,
      startedAt: now,
      durationMs: 12.5,
      status: 200,
      error: null,
      detail: null,
      timings: null,
      responseExcerpt: "ok",
    },
    latenessMs: now.getTime() - event.dueAt.getTime(),
  }));
}

type Jobs = readonly { readonly id: number }[];

function graphileSide(graphile: Graphile, jobs: Jobs, settings: GraphileSettings): Side {
  let stopped = async () => {};
  const { localQueue, concurrentJobs, poolSize, runners } = settings;
  return {
    name: `graphile-worker (${runners} of localQueue ${localQueue}, ${concurrentJobs} jobs, ${poolSize} connections)`,
    prepare: async () => {
      await graphile.empty();
      await graphile.add(jobs);
      await graphile.settle();
    },
    run: async () => {
      stopped = await graphile.drain(jobs.length, settings);
    },
    check: async () => {
      await stopped();
      const left = await graphile.left();
      if (left > 0) throw new Error(`graphile-worker left ${left} jobs`);
    },
  };
}

function bossSide(boss: Boss, jobs: Jobs, settings: BossSettings): Side {
  return {
    name: `pg-boss (${settings.loops} loops of ${whole(settings.batch)})`,
    prepare: async () => {
      await boss.empty();
      await boss.add(jobs);
      await boss.settle();
    },
    run: async () => boss.drain(settings),
    check: async () => {
      const done = await boss.count("completed");
      if (done !== jobs.length) throw new Error(`pg-boss completed ${done} of ${jobs.length} jobs`);
    },
  };
}
