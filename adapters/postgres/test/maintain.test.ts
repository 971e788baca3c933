import { MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import { POSTGRES_DEFAULTS } from "../src/config.js";
import { EXPIRED, maintain, MaintenanceRounds, removeExpired, tidy } from "../src/maintain.js";
import { migrateUp } from "../src/migrate.js";
import { makePool } from "../src/pool.js";
import { realClock } from "./support/clock.js";
import { freshDatabase } from "./support/database.js";

/** So many rows that came and went. */
const litter = (rows: number) => `
  insert into events (id, tenant, schedule_id, type, destination_id, origin, key, ordinal, local_date_time, time_zone,
    utc_offset, fold, due_at, tzdata, state, created_at, leads, wake_at)
  select gen_random_uuid(), 'main', gen_random_uuid(), 'report.due', gen_random_uuid(), 'rule', 'key', 1, 'then', 'Etc/UTC',
    '+00:00', 0, now(), '2026a', 'PENDING', now(), false, now() + n * interval '1 ms' from generate_series(1, ${rows}) n;
  delete from events; select pg_stat_force_next_flush()`;

/** So many replies that have expired and that have not, each of them a little later than the one before. */
const replies = (expired: number, others: number) => `
  insert into idempotency_keys (tenant, key, fingerprint, status, response, created_at, expires_at)
  select 'main', 'expired ' || n, '', 201, '{}', now(), now() - interval '1 hour' + n * interval '1 ms'
    from generate_series(1, ${expired}) n
  union all select 'main', 'kept ' || n, '', 201, '{}', now(), now() + n * interval '1 hour'
    from generate_series(1, ${others}) n`;

describe("maintenance", () => {
  const setup = async () => {
    const config = { ...POSTGRES_DEFAULTS, url: (await freshDatabase()).url, poolSize: 2 };
    await migrateUp(config);
    const pool = makePool(config);
    const dead = async () => {
      const text = "select pg_stat_get_dead_tuples('events'::regclass) as dead";
      return (await pool.query<{ dead: number }>(text)).rows[0]?.dead;
    };
    const keys = async () => {
      const { rows } = await pool.query<{ key: string }>("select key from idempotency_keys order by expires_at");
      return rows.map(({ key }) => key);
    };
    return { config, pool, dead, keys };
  };

  it("removes what claims have left behind, once that is enough", async () => {
    const { pool, dead } = await setup();
    await pool.query("alter table events set (autovacuum_enabled = off)");
    await pool.query(litter(2_000));
    const few = await tidy(pool);
    await pool.query(litter(10_000));

    const many = await tidy(pool);

    expect([few, many]).to.deep.equal([false, true]);
    expect(await dead()).to.equal(0);
    await pool.end();
  });

  it("removes replies that have expired, the first of them first, so many at once", async () => {
    const { pool, keys } = await setup();
    await pool.query(replies(5, 2));

    const counts = [await removeExpired(pool, 3)];
    const between = await keys();
    counts.push(await removeExpired(pool, 3), await removeExpired(pool, 3));

    expect(between).to.deep.equal(["expired 4", "expired 5", "kept 1", "kept 2"]);
    expect(counts).to.deep.equal([3, 2, 0]);
    expect(await keys()).to.deep.equal(["kept 1", "kept 2"]);
    await pool.end();
  });

  it("neither waits for who adds an expired key anew nor removes what was added", async () => {
    const { pool, keys } = await setup();
    await pool.query(replies(3, 0));
    const other = await pool.connect();
    await other.query(
      "begin; update idempotency_keys set expires_at = now() + interval '1 day' where key = 'expired 1'",
    );

    const meanwhile = await removeExpired(pool);
    await other.query("commit");
    other.release();

    expect([meanwhile, await removeExpired(pool)]).to.deep.equal([2, 0]);
    expect(await keys()).to.deep.equal(["expired 1"]);
    await pool.end();
  });

  it("finds what has expired by an index, not by reading all that has not", async () => {
    const { pool } = await setup();
    await pool.query(replies(100, 20_000));
    await pool.query("analyze idempotency_keys");

    const { rows } = await pool.query<Record<"QUERY PLAN", string>>(`explain ${EXPIRED}`.replace("$1", "1000"));

    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).to.include("Index Scan using idempotency_keys_expiry").and.not.include("Seq Scan");
    await pool.end();
  });

  it("goes on removing until nothing is left that has expired", async () => {
    const { config, pool, keys } = await setup();
    await pool.query(replies(2_500, 1));
    const stop = new AbortController();
    const telemetry = new MemoryTelemetry();
    const clock = { ...realClock, sleep: async () => stop.abort() };

    await maintain({ config, clock, telemetry }, stop.signal);

    expect(await keys()).to.deep.equal(["kept 1"]);
    expect(telemetry.of("trouble")).to.deep.equal([]);
    await pool.end();
  });

  it("makes missing partitions, goes on after trouble, and ends when it is told to", async () => {
    const { config, pool } = await setup();
    await pool.query("drop table attempts_default; create table attempts_default partition of attempts default");
    const [{ name } = { name: "" }] = (
      await pool.query<{ name: string }>(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'attempts'::regclass order by 1 limit 1",
      )
    ).rows;
    await pool.query(`drop table ${name}`);
    const telemetry = new MemoryTelemetry();
    const stop = new AbortController();
    const there = async () =>
      (await pool.query<{ there: boolean }>("select to_regclass($1) is not null as there", [name])).rows[0]?.there;

    const running = maintain({ config, clock: realClock, telemetry }, stop.signal);
    while ((await there()) !== true) await realClock.sleep(20);
    stop.abort();
    await running;

    expect(await there()).to.equal(true);
    expect(telemetry.of("trouble")).to.deep.equal([]);
    await pool.end();
  });

  it("tells of a database that is away, and does not end over it", async () => {
    const { config, pool } = await setup();
    await pool.end();
    const telemetry = new MemoryTelemetry();
    const stop = new AbortController();
    const url = new URL(config.url);
    url.pathname = "nowhere";
    let looked = 0;
    const clock = { ...realClock, sleep: async () => void (++looked === 3 && stop.abort()) };

    await maintain({ config: { ...config, url: url.href }, clock, telemetry }, stop.signal);

    expect(telemetry.of("trouble").map(({ where }) => where)).to.deep.equal(
      Array.from({ length: 3 }, () => "maintenance"),
    );
  });

  it("goes by rounds where no process runs on: expired replies go, vacuums are left to the server", async () => {
    const { config, pool, dead, keys } = await setup();
    await pool.query(replies(3, 1));
    await pool.query(litter(20_000));
    const telemetry = new MemoryTelemetry();
    const rounds = new MaintenanceRounds({ config, clock: realClock, telemetry }, pool);
    await rounds.run(new AbortController().signal);
    const left = await keys();
    await pool.query(replies(1, 0));
    await rounds.run(new AbortController().signal);
    const [after, litterLeft] = [await keys(), await dead()];
    await pool.end();

    expect(left).to.deep.equal(["kept 1"]);
    expect(after, "a minute has not gone by").to.have.length(2);
    expect(litterLeft).to.be.at.least(20_000);
    expect(telemetry.of("trouble")).to.deep.equal([]);
  });
});
