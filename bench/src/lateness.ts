import { randomUUID } from "node:crypto";
import { SystemClock } from "@punctual/adapter-local";
import { Graphile } from "./database/graphile.js";
import type { GraphileSettings } from "./database/graphile-runners.js";
import { Ours } from "./database/ours.js";
import { serverCpuMs } from "./database/server-cpu.js";
import { onServer, SERVER_SETTINGS } from "./database/server.js";
import { median, percentile, whole } from "./figures.js";
import type { Options } from "./options.js";
import { Child } from "./processes/child.js";
import type { PunctualSettings } from "./processes/container.js";
import type { GraphileProcess } from "./processes/graphile.js";
import type { Sink, SinkOrders } from "./processes/sink.js";
import { startPunctual } from "./processes/start-punctual.js";
import { printTable, publish } from "./report.js";
import { judge, type Verdict } from "./verdict.js";

const PER_SECOND = 1_000;
/** Events of the first seconds are not counted: a process that runs for long has long been warm. */
const WARM_UP_S = 5;
/** What is added must be there before the first of it is due. */
const ADDING_MS = 10_000;
const ADDED_PER_MS = 3;
const MB = 1_048_576;
const TARGET_MS = 50;

const OURS: PunctualSettings = {
  ...{ places: 1_000, limit: 500, flushMs: 5, poolSize: 10, connections: 128, semiSpaceMb: 16 },
};
/** The first is what was found to be best; `--tune` runs the others too. */
const GRAPHILE: readonly GraphileSettings[] = [
  { localQueue: 0, concurrentJobs: 10, poolSize: 10, runners: 1, pollMs: 20 },
  { localQueue: 0, concurrentJobs: 10, poolSize: 10, runners: 1, pollMs: 5 },
  { localQueue: 0, concurrentJobs: 24, poolSize: 24, runners: 1, pollMs: 10 },
  { localQueue: 100, concurrentJobs: 50, poolSize: 10, runners: 1, pollMs: 20 },
  { localQueue: 100, concurrentJobs: 50, poolSize: 10, runners: 1, pollMs: 5 },
];

/** How long after its time each event arrives, where a thousand fall due every second. */
export async function lateness({ rounds = 1, seconds = 60, tune }: Options): Promise<Verdict> {
  return onServer(async (server) => {
    const sink = new Child<Sink>("sink", { answerMs: 0 } satisfies SinkOrders);
    const ours = await Ours.open(await server.database("ours"));
    const graphile = await Graphile.open(await server.database("graphile"));
    try {
      const url = await sink.ask("open");
      const sides = [
        oursSide(ours, url),
        ...(tune ? GRAPHILE : GRAPHILE.slice(0, 1)).map((settings) => graphileSide(graphile, url, settings)),
      ];
      const runs = new Map(sides.map((side) => [side, [] as Run[]]));
      for (let round = 0; round < rounds; round++) {
        for (const side of sides) runs.get(side)!.push(await measure(side, { sink, ours, seconds }));
      }
      const found = sides.map((side) => ({ name: side.name, ...summary(runs.get(side)!) }));
      printTable([
        [
          "side",
          "p50 ms",
          "p95 ms",
          "p99 ms",
          "max ms",
          "early",
          "MB at first",
          "at the end",
          "CPU µs an event: it",
          "PostgreSQL",
        ],
        ...found.map(({ name, p50, p95, p99, max, early, before, after, process, postgres }) => [
          name,
          ...[p50, p95, p99, max, early, before / MB, after / MB, process, postgres].map(whole),
        ]),
      ]);
      const [own, ...peers] = found as [(typeof found)[number], ...typeof found];
      const ratios = {
        "p99 ms": own.p99,
        early: own.early,
        "p99 to graphile-worker": own.p99 / Math.min(...peers.map(({ p99 }) => p99)),
      };
      const verdict = judge("lateness", ratios, { "p99 ms": { atMost: TARGET_MS }, early: { atMost: 0 } });
      return publish(verdict, { rounds, seconds, perSecond: PER_SECOND, found, settings: SERVER_SETTINGS });
    } finally {
      await Promise.all([sink.end(), ours.close(), graphile.close()]);
    }
  });
}

interface LateSide {
  readonly name: string;
  /** Adds so many events, due a millisecond apart, and answers their ids in that order. */
  add(count: number, from: number): Promise<readonly string[]>;
  /** A process that delivers them. */
  start(): Promise<Child<Delivering>>;
}

type Delivering = { deliver: (count: number) => Promise<void>; rest: () => Promise<unknown> };

interface Run {
  /** Of each event, in milliseconds; of one that came early it is negative. */
  readonly lateness: readonly number[];
  /** Resident memory of the process, in bytes, when counting began and when it ended. */
  readonly before: number;
  readonly after: number;
  /** Microseconds of CPU time for each event that was counted. */
  readonly process: number;
  readonly postgres: number;
}

interface Bench {
  readonly sink: Child<Sink>;
  readonly ours: Ours;
  readonly seconds: number;
}

async function measure(side: LateSide, { sink, ours, seconds }: Bench): Promise<Run> {
  const warming = WARM_UP_S * PER_SECOND;
  const count = warming + seconds * PER_SECOND;
  const from = Date.now() + ADDING_MS + Math.ceil(count / ADDED_PER_MS);
  const ids = await side.add(count, from);
  if (Date.now() > from - 2_000) throw new Error(`To add ${count} events took too long on this machine`);
  await sink.ask("empty");
  const child = await side.start();
  try {
    const delivered = child.ask("deliver", count);
    await clock.sleep(from + warming - Date.now());
    const usage = async () => ({ ...(await child.usage()), serverMs: await serverCpuMs(ours.pool) });
    const first = await usage();
    await delivered;
    const last = await usage();
    await child.ask("rest");
    const { requests } = await sink.ask("received");
    const arrivals = new Map(await sink.ask("arrivals"));
    if (requests !== count || arrivals.size !== count)
      throw new Error(`Of ${count} came ${arrivals.size}, in ${requests}`);
    // Arrivals are rounded down to whole milliseconds, and due times are whole: what is early stays early, and what is late
    // seems late by up to one millisecond less.
    const lateness = ids.slice(warming).map((id, index) => arrivals.get(id)! - (from + warming + index));
    console.log(`${side.name}: p99 ${whole(percentile(lateness, 0.99))} ms`);
    const each = (ms: number) => (ms * 1_000) / lateness.length;
    return {
      ...{ lateness, before: first.bytes, after: last.bytes },
      ...{ process: each(last.cpuMs - first.cpuMs), postgres: each(last.serverMs - first.serverMs) },
    };
  } finally {
    await child.end();
  }
}

function summary(runs: readonly Run[]) {
  const of = (figure: (run: Run) => number) => median(runs.map(figure));
  const at = (share: number) => of(({ lateness }) => percentile(lateness, share));
  return {
    ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    early: runs.flatMap(({ lateness }) => lateness.filter((ms) => ms < 0)).length,
    before: of(({ before }) => before),
    after: of(({ after }) => after),
    process: of((run) => run.process),
    postgres: of((run) => run.postgres),
  };
}

/** The only event of each schedule. */
function oursSide(ours: Ours, url: string): LateSide {
  return {
    name: "ours",
    add: async (count, from) => {
      await ours.empty();
      const series = await ours.schedules(count, 0, from, (index) => from + index);
      await ours.add(series.map(({ event }) => event));
      await ours.pool.query("vacuum analyze events, event_history, attempts");
      await ours.pool.query("checkpoint");
      return series.map(({ event }) => event.id);
    },
    start: async () => startPunctual(ours, url, OURS),
  };
}

function graphileSide(graphile: Graphile, url: string, settings: GraphileSettings): LateSide {
  const { localQueue, concurrentJobs, poolSize, pollMs } = settings;
  return {
    name: `graphile-worker (localQueue ${localQueue}, ${concurrentJobs} jobs, ${poolSize} connections, poll ${pollMs} ms)`,
    add: async (count, from) => {
      await graphile.empty();
      const jobs = Array.from({ length: count }, (_, index) => ({ id: randomUUID(), runAt: new Date(from + index) }));
      await graphile.add(jobs);
      await graphile.settle();
      return jobs.map(({ id }) => id);
    },
    start: async () => new Child<GraphileProcess>("graphile", { ...settings, url, database: graphile.url }),
  };
}

const clock = new SystemClock();
