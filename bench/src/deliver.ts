import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Graphile } from "./database/graphile.js";
import type { GraphileSettings } from "./database/graphile-runners.js";
import { metered, type MeteredSide } from "./database/metered.js";
import { Ours } from "./database/ours.js";
import { alternate, best, ratios } from "./database/rounds.js";
import { serverCpuMs } from "./database/server-cpu.js";
import { onServer, SERVER_SETTINGS } from "./database/server.js";
import { median, whole } from "./figures.js";
import type { Options } from "./options.js";
import type { Bare, BareSettings } from "./processes/bare.js";
import { Child } from "./processes/child.js";
import type { PunctualSettings } from "./processes/container.js";
import type { GraphileProcess } from "./processes/graphile.js";
import type { Received, Sink, SinkOrders } from "./processes/sink.js";
import { startPunctual } from "./processes/start-punctual.js";
import { printTable, publish } from "./report.js";
import { judge, rounded, type Verdict } from "./verdict.js";

const MINUTE = 60_000;
const TARGET = 0.6;

/**
 * The first of each is what was found to be best; `--tune` runs the others too. Ours are the program's own defaults: neither
 * more places, nor another number of connections, nor a larger young generation spares as much as a tenth of the CPU time, and
 * fewer places make smaller claims.
 */
const OURS: readonly PunctualSettings[] = [
  { places: 1_000, limit: 500, flushMs: 5, poolSize: 10, connections: 128, semiSpaceMb: 16 },
  { places: 1_000, limit: 500, flushMs: 5, poolSize: 10, connections: 128, semiSpaceMb: 64 },
  { places: 1_000, limit: 500, flushMs: 5, poolSize: 10, connections: 64, semiSpaceMb: 16 },
  { places: 400, limit: 500, flushMs: 5, poolSize: 10, connections: 128, semiSpaceMb: 16 },
  { places: 3_000, limit: 1_000, flushMs: 5, poolSize: 10, connections: 128, semiSpaceMb: 16 },
  { places: 3_000, limit: 1_000, flushMs: 20, poolSize: 10, connections: 128, semiSpaceMb: 16 },
];
const BARE: readonly BareSettings[] = [
  { concurrent: 64 },
  { concurrent: 128 },
  { concurrent: 32 },
  { concurrent: 256 },
];
/** Where it is the sink that takes its time, what counts is how many requests are under way: as many as ours. */
const AS_MANY: readonly BareSettings[] = [{ concurrent: OURS[0]?.connections ?? 0 }];
const GRAPHILE: readonly GraphileSettings[] = [
  { localQueue: 1_000, concurrentJobs: 50, poolSize: 10, runners: 3 },
  { localQueue: 500, concurrentJobs: 100, poolSize: 20, runners: 1 },
  { localQueue: 500, concurrentJobs: 24, poolSize: 20, runners: 1 },
];

/** How long it takes until all that is due has been delivered, with everything that belongs to it. */
export async function deliver({ rounds = 5, events = 20_000, answer = 0, tune }: Options): Promise<Verdict> {
  return onServer(async (server) => {
    const sink = new Child<Sink>("sink", { answerMs: answer } satisfies SinkOrders);
    const ours = await Ours.open(await server.database("ours"));
    const graphile = await Graphile.open(await server.database("graphile"));
    const ending: { end(): Promise<void> }[] = [sink];
    try {
      const bench: Bench = { events, sink, url: await sink.ask("open"), ours, graphile, ending };
      const chosen = <T>(all: readonly T[]) => (tune ? all : all.slice(0, 1));
      const series = await ours.schedules(events, 0, Date.now() - 2 * MINUTE);
      await ours.add(series.map(({ event }) => event));
      await ours.pool.query("create table seed as select * from events");

      const own = await Promise.all(chosen(OURS).map(async (settings) => oursSide(bench, settings)));
      const bare = chosen(answer === 0 ? BARE : AS_MANY).map((settings) => bareSide(bench, settings));
      const peers = chosen(GRAPHILE).map((settings) => graphileSide(bench, settings));
      const sides = [...own, ...bare, ...peers];
      const rates = await alternate(sides, rounds, events);

      const fastest = (some: readonly MeteredSide[]) =>
        best(
          rates,
          some.map(({ name }) => name),
        );
      const [mine, client, peer] = [fastest(own), fastest(bare), fastest(peers)];
      printTable([
        ["side", "delivered/s", `to ${client}`, "CPU µs an event: it", "PostgreSQL", "sink"],
        ...sides.map((side) => [
          side.name,
          whole(median(rates.get(side.name)!)),
          `${rounded(median(ratios(rates, side.name, client)))}`,
          ...Object.values(side.costs()).map(whole),
        ]),
      ]);
      const found = {
        deliver: median(ratios(rates, mine, client)),
        "to graphile-worker": median(ratios(rates, mine, peer)),
      };
      return publish(judge("deliver", found, { deliver: { atLeast: TARGET } }), {
        ...{ rounds, events, answerMs: answer, settings: SERVER_SETTINGS, rates: Object.fromEntries(rates) },
        costs: Object.fromEntries(sides.map((side) => [side.name, side.costs()])),
      });
    } finally {
      for (const one of ending) await one.end();
      await Promise.all([ours.close(), graphile.close()]);
    }
  });
}

/** What all sides share. */
interface Bench {
  readonly events: number;
  readonly sink: Child<Sink>;
  readonly url: string;
  readonly ours: Ours;
  readonly graphile: Graphile;
  /** Processes that must end with the bench. */
  readonly ending: { end(): Promise<void> }[];
}

/** Schedules are there before the round, and so are their events, all of them due. */
async function oursSide(bench: Bench, settings: PunctualSettings): Promise<MeteredSide> {
  const { events, sink, url, ours, ending } = bench;
  const { places, limit, flushMs, poolSize, connections, semiSpaceMb } = settings;
  const child = await startPunctual(ours, url, settings);
  ending.push(child);
  const side = {
    name: `ours (${places} places, limit ${limit}, flush ${flushMs} ms, ${poolSize} + ${connections} connections, ${semiSpaceMb} MB)`,
    prepare: async () => {
      await ours.empty();
      await ours.pool.query("insert into events select * from seed");
      await ours.pool.query("vacuum analyze events, event_history, attempts");
      await ours.pool.query("checkpoint");
      await sink.ask("empty");
    },
    run: async () => child.ask("deliver", events),
    check: async () => {
      const { troubles, lost, postponed } = await child.ask("rest");
      if (troubles.length > 0) throw new Error(troubles.join("\n"));
      if (postponed > 0) console.log(`${whole(postponed)} times an event found no place, and was claimed once more`);
      const { rows } = await ours.pool.query<Record<string, number>>(COUNTS);
      const { requests, ids, signed } = await sink.ask("received");
      const counted = { requests, ids, signed, ...rows[0], lost };
      const expected = { requests: events, ids: events, signed: events, completed: events, attempts: events };
      same(counted, { ...expected, open: 0, lost: 0 });
    },
  };
  return metered(side, meters(bench, child), events);
}

const COUNTS = `
  select (select count(*)::int from event_history where state = 'COMPLETED') as completed,
    (select count(*)::int from attempts where number = 1 and status = 200) as attempts,
    (select count(*)::int from events) as open`;

function bareSide(bench: Bench, settings: BareSettings): MeteredSide {
  const { events, sink, url, ending } = bench;
  const child = new Child<Bare>("bare", { ...settings, url });
  ending.push(child);
  const side = {
    name: `undici alone (${settings.concurrent} at once)`,
    prepare: async () => sink.ask("empty"),
    run: async () => child.ask("deliver", events),
    check: async () => allCame(await sink.ask("received"), events),
  };
  return metered(side, meters(bench, child), events);
}

function graphileSide(bench: Bench, settings: GraphileSettings): MeteredSide {
  const { events, sink, url, graphile, ending } = bench;
  const { localQueue, concurrentJobs, poolSize, runners } = settings;
  const jobs = Array.from({ length: events }, () => ({ id: randomUUID(), message: "hello world" }));
  const child = new Child<GraphileProcess>("graphile", { ...settings, url, database: graphile.url });
  ending.push(child);
  const side = {
    name: `graphile-worker (${runners} of localQueue ${localQueue}, ${concurrentJobs} jobs, ${poolSize} connections)`,
    prepare: async () => {
      await graphile.empty();
      await graphile.add(jobs);
      await graphile.settle();
      await sink.ask("empty");
    },
    run: async () => child.ask("deliver", events),
    check: async () => {
      await child.ask("rest");
      allCame(await sink.ask("received"), events);
      same({ left: await graphile.left() }, { left: 0 });
    },
  };
  return metered(side, meters(bench, child), events);
}

function meters({ ours, sink }: Bench, child: Child<never>) {
  return {
    process: async () => (await child.usage()).cpuMs,
    postgres: async () => serverCpuMs(ours.pool),
    sink: async () => (await sink.usage()).cpuMs,
  };
}

function allCame({ requests, ids }: Received, events: number): void {
  same({ requests, ids }, { requests: events, ids: events });
}

function same(counted: object, expected: object): void {
  if (isDeepStrictEqual(counted, expected)) return;
  throw new Error(`Expected ${JSON.stringify(expected)}, found ${JSON.stringify(counted)}`);
}
