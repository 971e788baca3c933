import { expect } from "chai";
import type pg from "pg";
import { ADD_PENDING, ADD_SKIPPED } from "../../src/stores/add-events.js";
import { UPCOMING } from "../../src/stores/event-records.js";
import * as hot from "../../src/stores/hot-statements.js";
import { seed } from "../support/seed.js";
import { migratedStores, TENANT } from "../support/stores.js";

const sql = { ...hot, ADD_PENDING, ADD_SKIPPED };

const EVENTS = 200_000;
const BATCH = 100;

/** One node of a plan, as EXPLAIN gives it. */
interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Loops"?: number;
  readonly Plans?: readonly Node[];
}

describe("the plans of the hot path", () => {
  it("read events, schedules, history and attempts by an index, with old statistics or none", async function () {
    this.timeout(60_000);
    const { admin } = await migratedStores();
    await admin.query("alter table events set (autovacuum_enabled = off)");
    await admin.query("alter table schedules set (autovacuum_enabled = off)");

    // What is empty is read whole, at no cost. What counts is what is chosen when it is full and nobody has looked since.
    await fill(admin);
    expect(wholeReads(await scansOfAll(admin)), "never analysed").to.deep.equal(COUNTING);
    for (const name of ["LOCK_DUE", "LOCK_LATEST"] as const) expect(await typesOf(admin, name)).to.deep.equal(CLAIM);
    await admin.query("analyze");
    const scans = await scansOfAll(admin);
    expect(wholeReads(scans), "full and analysed").to.deep.equal([]);
    for (const name of ["LOCK_DUE", "LOCK_LATEST"] as const) expect(await typesOf(admin, name)).to.deep.equal(CLAIM);
    expect(scans).to.deep.equal(PINNED);
  });

  it("read what is upcoming of a page of schedules by their index", async function () {
    this.timeout(60_000);
    const { admin } = await migratedStores();
    await fill(admin);
    await admin.query("analyze");
    const { rows } = await admin.query<{ id: string }>("select distinct schedule_id as id from events limit 500");

    for (const page of [1, BATCH, 500]) {
      const plan = await planOf(admin, UPCOMING, [rows.slice(0, page).map(({ id }) => id), TENANT]);
      expect(scansOf(plan).join(), `${page} schedules`).to.match(/Index Scan events_schedule$/);
      expect(wholeReads({ UPCOMING: scansOf(plan) })).to.deep.equal([]);
    }
  });
});

/** The earliest first without a sort, and no more of them than are wanted. */
const CLAIM = ["Limit", "LockRows", "Index Scan"];
/** What is counted row by row is few rows: of many the planner's own estimate is taken. */
const COUNTING = ["BACKLOG: Seq Scan events"];

const BY_ID = ["Index Scan events_pkey"];
const BY_PLACE = ["Tid Scan events"];
const HISTORY = ["Index Only Scan event_history_month_pkey", "Seq Scan event_history_default"];
const PINNED: Readonly<Record<keyof typeof sql, readonly string[]>> = {
  LOCK_DUE: ["Index Scan events_wake"],
  LOCK_LATEST: ["Index Scan events_wake"],
  PLANNED_SCHEDULES: ["Bitmap Heap Scan schedules", "Bitmap Index Scan schedules_pkey"],
  LOCK_SCHEDULES: ["Index Scan schedules_pkey"],
  RUNNING: ["Bitmap Heap Scan events", "Bitmap Index Scan events_schedule"],
  RECORD_UNKNOWN: BY_PLACE,
  TAKE: BY_PLACE,
  TAKE_AND_BEGIN: ["Index Scan schedules_pkey", "Seq Scan users", ...BY_PLACE],
  POSTPONE: BY_PLACE,
  END: BY_PLACE,
  ADD_PENDING: HISTORY,
  ADD_SKIPPED: [...HISTORY, "Index Only Scan events_pkey"].sort(),
  BEGIN: [...BY_ID, "Index Scan schedules_pkey", "Seq Scan users"],
  LOCK_HELD: BY_ID,
  FINISH: BY_ID,
  MEET_RESUME: ["Bitmap Heap Scan schedules", "Bitmap Index Scan schedules_pkey", "Index Scan schedules_pkey"],
  SCHEDULES_OF: BY_ID,
  PARK: BY_ID,
  RELEASE: BY_ID,
  GIVE_UP: [...BY_ID, "Index Scan schedules_pkey"],
  EXTEND: BY_ID,
  NEXT_WAKE: ["Index Scan events_wake"],
  BACKLOG: ["Index Scan events_wake", "Index Scan pg_class_oid_index"],
};

/** How each statement reads its tables. */
async function scansOfAll(pool: pg.Pool): Promise<Readonly<Record<string, readonly string[]>>> {
  const values = await valuesOf(pool);
  const all: Record<string, readonly string[]> = {};
  for (const [name, text] of Object.entries(sql)) {
    all[name] = scansOf(await planOf(pool, text, values[name as keyof typeof sql]));
  }
  return all;
}

async function typesOf(pool: pg.Pool, name: keyof typeof sql): Promise<readonly string[]> {
  return nodesOf(await planOf(pool, sql[name], (await valuesOf(pool))[name])).map((node) => node["Node Type"]);
}

/** Where a table is read from one end to the other; a default partition is empty. */
function wholeReads(scans: Awaited<ReturnType<typeof scansOfAll>>): readonly string[] {
  const whole = /^Seq Scan (events|event_history|attempts|schedules)(?!.*default)/;
  return Object.entries(scans).flatMap(([name, one]) =>
    one.filter((scan) => whole.test(scan)).map((scan) => `${name}: ${scan}`),
  );
}

async function planOf(pool: pg.Pool, text: string, values: readonly unknown[]): Promise<Node> {
  const client = await pool.connect();
  try {
    await client.query("begin; set local random_page_cost = 1.1; set local jit = off");
    const { rows } = await client.query<{ "QUERY PLAN": readonly [{ Plan: Node }] }>(
      // Of what counts, one part is meant not to run: that is seen only where it does.
      `explain (format json, costs off, analyze ${text === sql.BACKLOG}) ${text}`,
      [...values],
    );
    return rows[0]?.["QUERY PLAN"][0].Plan ?? { "Node Type": "none" };
  } finally {
    await client.query("rollback");
    client.release();
  }
}

function nodesOf(node: Node): readonly Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** What was read, each way once, whatever the months are called. By id is by id: the index of what is processed is one too. */
function scansOf(plan: Node): readonly string[] {
  const scans = nodesOf(plan)
    .filter((node) => (node["Relation Name"] ?? node["Index Name"]) !== undefined && node["Actual Loops"] !== 0)
    .filter((node) => / Scan$/.test(node["Node Type"]))
    .map((node) =>
      `${node["Node Type"]} ${node["Index Name"] ?? node["Relation Name"]}`
        .replace(/_\d{4}_\d{2}/, "_month")
        .replace("events_processing", "events_pkey"),
    );
  return [...new Set(scans)].sort();
}

async function fill(pool: pg.Pool): Promise<void> {
  await seed(pool, { schedules: 20_000, events: EVENTS, dueInMs: -1_000 });
  await pool.query("update schedules set tenant = 'tenant-' || abs(hashtext(id::text) % 100)");
  await pool.query(`
    with ended as (select * from events limit 50000)
    insert into event_history (id, tenant, schedule_id, type, destination_id, origin, key, ordinal, local_date_time,
      time_zone, utc_offset, fold, due_at, tzdata, state, created_at, finished_at)
    select gen_random_uuid(), tenant, schedule_id, type, destination_id, origin, key, ordinal, local_date_time,
      time_zone, utc_offset, fold, due_at, tzdata, 'COMPLETED', created_at,
      now() + (ordinal % 4) * interval '30 days' from ended`);
  await pool.query(`
    insert into attempts (event_id, tenant, number, started_at, duration_ms, recorded_at)
    select id, tenant, 1, finished_at, 5, finished_at from event_history`);
}

/** What a batch would ask for. */
async function valuesOf(pool: pg.Pool): Promise<Readonly<Record<keyof typeof sql, readonly unknown[]>>> {
  const { rows } = await pool.query<{ id: string; schedule_id: string; place: string }>(
    `select id, schedule_id, ctid::text as place from events order by wake_at limit ${BATCH}`,
  );
  const many = <T>(value: T, length = BATCH) => Array.from({ length }, () => value);
  const uuids = many(0).map((_, n) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`);
  const ids = rows.length === 0 ? uuids : rows.map(({ id }) => id);
  const schedules = rows.length === 0 ? uuids : rows.map(({ schedule_id }) => schedule_id);
  const places = rows.length === 0 ? many("(0,1)") : rows.map(({ place }) => place);
  const held = [ids, many(TENANT), many(1)];
  const now = many(new Date());
  const facts = [
    ...[
      uuids,
      many(TENANT),
      schedules,
      many("report.due"),
      uuids,
      many("rule"),
      uuids,
      many(1),
      many(""),
      many("Etc/UTC"),
    ],
    ...[many("+00:00"), many(0), many(null), many(null), now, many("2026a")],
  ];
  return {
    LOCK_DUE: [BATCH, 0],
    LOCK_LATEST: [BATCH, 0],
    PLANNED_SCHEDULES: [schedules],
    LOCK_SCHEDULES: [schedules],
    RUNNING: [schedules],
    RECORD_UNKNOWN: [places],
    TAKE: [places, 60_000],
    TAKE_AND_BEGIN: [places, 60_000],
    POSTPONE: [places, ids, many(new Date())],
    END: [places, ids, many("SKIPPED"), many("missed")],
    ADD_PENDING: [...facts, many("PENDING"), now, many(false), now, many(null)],
    ADD_SKIPPED: [...facts, many("SKIPPED"), now, many("missed"), now],
    LOCK_HELD: held,
    BEGIN: [ids, 60_000],
    FINISH: [
      ...held,
      ...[many("COMPLETED"), many(null), many(null), many(null), many(1), many(new Date()), many(5), many(200)],
      ...[many(null), many("thanks"), many(null), many(null)],
    ],
    MEET_RESUME: [schedules],
    SCHEDULES_OF: [ids],
    PARK: [ids, schedules],
    RELEASE: held,
    GIVE_UP: [...held, 5],
    EXTEND: [...held, 60_000],
    NEXT_WAKE: [],
    BACKLOG: [],
  };
}
