/**
 * `npm run stats -- --events 10000000`: what the stats and the stream cost on a database that is as full as that, a tenth
 * of it open and the rest history. Prints milliseconds, median and worst of fifty runs, and the pages that a run touches.
 */
import { FollowEnded } from "@punctual/core";
import { SeededRng } from "@punctual/core/memory";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { POSTGRES_DEFAULTS } from "../../src/config.js";
import { migrateUp } from "../../src/migrate.js";
import { makePool } from "../../src/pool.js";
import { databaseOn, startEmbedded } from "../../src/server/index.js";
import { PostgresUnitOfWork } from "../../src/stores/unit-of-work.js";
import { realClock } from "./clock.js";
import { CROWDED, fillWith } from "./crowd.js";
import { pagesOf, planOf } from "./plans.js";
import { readsOf } from "./reads.js";

const RUNS = 50;
const AN_HOUR = 3_600_000;

const { values } = parseArgs({ options: { events: { type: "string", default: "10000000" } } });
const events = Number(values.events);

const server = await startEmbedded({ durable: false });
try {
  const config = {
    ...POSTGRES_DEFAULTS,
    url: await databaseOn(server, "stats"),
    statementTimeoutMs: AN_HOUR,
  };
  await migrateUp(config);
  const pool = makePool(config);
  const open = Math.floor(events / 10);
  await fillWith(pool, { open, ended: events - open }, say);
  say(await builtAnew());
  await told();
  const unitOfWork = new PostgresUnitOfWork({ pool, config, clock: realClock, rng: new SeededRng(1) });
  const follow = new FollowEnded({ unitOfWork });
  const after = { finishedAt: new Date(Date.now() - AN_HOUR), id: "" };
  await row("GET /v1/stats, its transaction", () => unitOfWork.run(CROWDED, ({ stats }) => stats.read()));
  await row("a poll of GET /v1/stream, both", () => follow.next({ tenant: CROWDED, limit: 100, after }));
  await pool.end();

  async function told(): Promise<void> {
    for (const [name, { text, values: asked }] of Object.entries(readsOf(CROWDED))) {
      const pages = pagesOf(await planOf(pool, text, asked));
      await row(name, () => pool.query(text, [...asked]), pages);
    }
  }

  /** How long the migration that makes it keeps ends waiting. */
  async function builtAnew(): Promise<string> {
    await pool.query("drop index event_history_ends");
    const began = performance.now();
    await pool.query("create index event_history_ends on event_history (tenant, finished_at, id)");
    return `the index of ends is built in ${Math.round(performance.now() - began)} ms`;
  }
} finally {
  await server.stop();
}

async function row(name: string, run: () => Promise<unknown>, pages?: number): Promise<void> {
  const took: number[] = [];
  for (let runs = 0; runs < RUNS; runs++) {
    const began = performance.now();
    await run();
    took.push(performance.now() - began);
  }
  took.sort((one, other) => one - other);
  const [median = 0, worst = 0] = [took[RUNS / 2], took[RUNS - 1]];
  const touched = pages === undefined ? "" : `${pages} pages`;
  say(
    `${name.padEnd(40)} median ${median.toFixed(1).padStart(7)} ms   worst ${worst.toFixed(1).padStart(7)} ms   ${touched}`,
  );
}

function say(line: string): void {
  console.log(line);
}
