import type { Failpoint } from "@punctual/core";
import { SystemClock } from "@punctual/adapter-local";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import type { EmbeddedServer } from "@punctual/adapter-postgres/server";
import { AUDIT, READ_ATTEMPTS, READ_AUDIT, READ_ROWS, READ_SCHEDULES } from "./audit.js";
import { check, type Findings } from "./check.js";
import { Dice } from "./dice.js";
import type { AttemptRow, AuditRow, Evidence, EventRow, KnownSchedule } from "./evidence.js";
import { Fleet } from "./fleet.js";
import { Nemesis, type Weights, WEIGHTS, withAdmin } from "./nemesis.js";
import { type Shape, SHAPES, TIMES } from "./orders.js";
import { type Manners, Receiver } from "./receiver.js";
import { recurrence, Workload } from "./workload.js";

export interface MatrixOptions {
  /** Whoever started it ends it. */
  readonly server: EmbeddedServer;
  readonly database: string;
  /** One that `makeDatabase` has made; left out, it is made anew. */
  readonly template?: string;
  readonly seed: number;
  readonly kills: number;
  readonly crashes: number;
  /** So many of the kills come one by one, after the storm. */
  readonly single: number;
  readonly victims?: number;
  readonly deadly?: number;
  readonly shapes?: readonly Shape[];
  readonly places?: readonly Failpoint[];
  readonly mutant?: string | null;
  readonly weights?: Weights;
  readonly manners?: Manners;
  readonly pauseMs?: readonly [number, number];
  readonly stopMs?: readonly [number, number];
  readonly wave?: { readonly schedules: number; readonly seconds: number; readonly everyMs: number };
  readonly say?: (line: string) => void;
}

export interface MatrixReport extends Findings {
  readonly evidence: Evidence;
  readonly kills: number;
  readonly deeds: Nemesis["deeds"];
  readonly stormMs: number;
  readonly drainMs: number;
}

/** Mostly for longer than a lease. */
const STOP_MS = [TIMES.leaseMs / 2, TIMES.leaseMs * 2] as const;
const WAVE = { schedules: 24, seconds: 12, everyMs: 10_000 };
/** What is open so long after the last event came due stays open. */
const DRAIN_MS = 40_000;

/** One run: schedules, victims and their killers; then quiet; then the questions. */
export async function runMatrix(options: MatrixOptions): Promise<MatrixReport> {
  const { server, database, seed, victims = 5, deadly = 0.9, mutant = null, shapes = SHAPES, say } = options;
  const wave = options.wave ?? WAVE;
  const url =
    options.template === undefined
      ? await makeDatabase(server, database)
      : await copyDatabase(server, database, options.template);
  const clock = new SystemClock();
  const receiver = new Receiver(clock, seed, options.manners);
  await receiver.open();
  const workload = new Workload({ url, receiver: receiver.url, seed, ...wave });
  const places = options.places === undefined ? {} : { places: options.places };
  const fleet = new Fleet({ url, seed, size: victims, mutant, deadly, shapes, ...places });
  const { weights = WEIGHTS, pauseMs = [150, 600], stopMs = STOP_MS, crashes, single } = options;
  const kills = options.kills - single;
  const dice = new Dice(seed, "nemesis");
  const nemesis = new Nemesis({ dice, clock, fleet, receiver, server, url, weights, kills, crashes, pauseMs, stopMs });
  const over = new AbortController();
  try {
    const from = performance.now();
    await workload.wave();
    fleet.fill();
    const waves = (async () => {
      for (;;) {
        await clock.sleep(wave.everyMs, over.signal);
        if (over.signal.aborted) return;
        await workload.wave();
        say?.(`${fleet.kills} kills, ${fleet.lives.length} victims, ${receiver.requests.length} requests`);
      }
    })();
    const storm = (async () => {
      await nemesis.run(over.signal);
      receiver.killNext = null;
      await fleet.makeClean();
      await nemesis.single(single, over.signal);
    })();
    await Promise.race([storm, waves]); // the waves end by themselves only if they fail
    over.abort();
    await Promise.all([storm, waves]);
    const stormMs = performance.now() - from;

    receiver.well = true;
    const killed = fleet.kills;
    await drained(url, clock, fleet.isBroken ? 0 : wave.seconds * 1_000 + DRAIN_MS);
    await fleet.close();
    const drainMs = performance.now() - from - stormMs;

    const evidence = {
      ...(await read(url)),
      acknowledged: workload.acknowledged,
      refused: workload.refused,
      requests: receiver.requests,
      lives: fleet.lives,
      downs: nemesis.downs,
      cuts: nemesis.cuts,
    };
    const { deeds } = nemesis;
    return { ...check(evidence, recurrence.zones), evidence, kills: killed, deeds, stormMs, drainMs };
  } finally {
    over.abort();
    fleet.destroy();
    await receiver.close();
    await workload.close();
  }
}

/** A database with all its tables, and the trigger that watches them. Answers its URL. */
export async function makeDatabase(server: EmbeddedServer, database: string): Promise<string> {
  await withAdmin(server.url, async (admin) => admin.query(`create database ${database}`));
  const url = withDatabase(server.url, database);
  await migrateUp({ ...POSTGRES_DEFAULTS, url });
  await withAdmin(url, async (admin) => admin.query(AUDIT));
  return url;
}

async function copyDatabase(server: EmbeddedServer, database: string, template: string): Promise<string> {
  await withAdmin(server.url, async (admin) => admin.query(`create database ${database} template ${template}`));
  return withDatabase(server.url, database);
}

/** Until nothing is open any more, or it has waited long enough: then that is found out below. */
async function drained(url: string, clock: SystemClock, mostMs: number): Promise<void> {
  await withAdmin(url, async (admin) => {
    const end = clock.monotonic() + mostMs;
    while (clock.monotonic() < end) {
      const { rows } = await admin.query<{ open: number }>("select count(*)::int as open from events");
      if (rows[0]?.open === 0) return;
      await clock.sleep(200);
    }
  });
}

async function read(url: string): Promise<Pick<Evidence, "schedules" | "rows" | "attempts" | "audit">> {
  return withAdmin(url, async (admin) => ({
    schedules: (await admin.query<KnownSchedule>(READ_SCHEDULES)).rows,
    rows: (await admin.query<EventRow>(READ_ROWS)).rows,
    attempts: (await admin.query<AttemptRow>(READ_ATTEMPTS)).rows,
    audit: (await admin.query<AuditRow>(READ_AUDIT)).rows,
  }));
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
