import { InvalidInput, Unavailable } from "@punctual/core";
import { MemoryFailpoints } from "@punctual/core/memory";
import { expect } from "chai";
import type pg from "pg";
import { POSTGRES_DEFAULTS } from "../../src/config.js";
import { migrateDown, migrateUp, migrationStatus } from "../../src/migrate.js";
import { MIGRATIONS } from "../../src/migrations/index.js";
import { realClock } from "../support/clock.js";
import { freshDatabase } from "../support/database.js";
import { seed } from "../support/seed.js";
import { afterwards, allWork, openAdmin, openStores, until } from "../support/stores.js";

const NAMES = MIGRATIONS.map(({ name }) => name);
const FIRST = NAMES[0] ?? "";

describe("migrations", () => {
  const setup = async () => {
    const database = await freshDatabase();
    afterwards(async () => database.drop());
    const config = { ...POSTGRES_DEFAULTS, url: database.url, applicationName: "migrating" };
    return { config, admin: openAdmin(database.url) };
  };

  it("go up from empty, down to empty, and up again to the same", async () => {
    const { config, admin } = await setup();

    expect(await migrateUp(config)).to.deep.equal(NAMES);
    const made = await shapeOf(admin);
    await seed(admin, { events: 3 });
    expect(await migrateDown(config, { to: FIRST })).to.deep.equal([...NAMES].reverse());
    const left = await tablesOf(admin);
    expect(await migrateUp(config)).to.deep.equal(NAMES);

    expect(left).to.deep.equal(["migrations"]);
    expect(await shapeOf(admin)).to.deep.equal(made);
    expect(made.length).to.be.greaterThan(100);
    await allWork(openStores(config.url));
  });

  it("do nothing where nothing is to be done", async () => {
    const { config, admin } = await setup();
    await migrateUp(config);
    const made = await shapeOf(admin);

    expect(await migrateUp(config)).to.deep.equal([]);
    expect(await shapeOf(admin)).to.deep.equal(made);
    await migrateDown(config, { to: FIRST });
    expect(await migrateDown(config)).to.deep.equal([]);
  });

  it("take back the last one alone if not told how far", async () => {
    const { config } = await setup();
    await migrateUp(config);
    expect(await migrateDown(config)).to.deep.equal(NAMES.slice(-1));
  });

  it("each run once where several go up at the same time", async () => {
    const { config, admin } = await setup();

    const done = await Promise.all(Array.from({ length: 4 }, async () => migrateUp(config)));

    expect(done.flat()).to.deep.equal(NAMES);
    const { rows } = await admin.query<{ name: string }>("select name from migrations order by id");
    expect(rows.map(({ name }) => name)).to.deep.equal(NAMES);
  });

  it("may take longer than any statement of the program may, and so may others wait for them", async () => {
    const { config, admin } = await setup();
    const hasty = { ...config, statementTimeoutMs: 100 };
    const blocker = await admin.connect();
    await blocker.query("begin; create table audit_log ()"); // the name is waited for
    const names = (run: Promise<readonly string[]>) => run.catch((error: unknown) => [String(error)]);

    const both = [names(migrateUp(hasty)), names(migrateUp(hasty))];
    const early = await Promise.race([...both, realClock.sleep(2_500).then(() => "they go on")]);
    await blocker.query("rollback");
    blocker.release();

    expect(early).to.equal("they go on");
    expect((await Promise.all(both)).flat()).to.deep.equal(NAMES);
  });

  for (const which of ["the one that migrates", "the one that keeps others away", "all of them"] as const) {
    it(`are done or not at all where a connection ends in the middle: ${which}`, async () => {
      const { config, admin } = await setup();
      const blocker = await admin.connect();
      await blocker.query("begin; create table audit_log ()");

      const migrating = migrateUp(config).catch((error: unknown) => error);
      await until("it waits", async () => (await killed(admin, "wait_event_type = 'Lock'", false)) > 0);
      const waits = "coalesce(wait_event_type, '') = 'Lock'";
      await killed(
        admin,
        { "the one that migrates": waits, "the one that keeps others away": `not ${waits}`, "all of them": "true" }[
          which
        ],
      );
      await blocker.query("rollback");
      blocker.release();
      const ended = await migrating;

      const tables = await tablesOf(admin);
      if (ended instanceof Error) {
        expect(ended).to.be.instanceOf(Unavailable);
        expect(tables.filter((name) => name !== "migrations")).to.deep.equal([]);
      } else expect(ended).to.deep.equal(NAMES);
      expect(await migrateUp(config)).to.deep.equal(ended instanceof Error ? NAMES : []);
      await allWork(openStores(config.url));
    });
  }

  it("are not begun where the process ends before, and hold nothing then", async () => {
    const { config, admin } = await setup();
    const failpoints = new MemoryFailpoints();
    failpoints.arm("migration.mid", () => {
      throw new Error("crashed here");
    });

    const error: unknown = await migrateUp(config, { failpoints }).catch((reason: unknown) => reason);

    expect(error).to.have.property("message", "crashed here");
    expect((await tablesOf(admin)).filter((name) => name !== "migrations")).to.deep.equal([]);
    expect(await migrateUp(config)).to.deep.equal(NAMES);
  });

  it("tell how far they are", async () => {
    const { config, admin } = await setup();
    expect(await migrationStatus(config)).to.deep.equal(
      // Who knows the first alone would take a callback for an occurrence.
      NAMES.map((name) => ({ name, at: null, kind: name === "0002-delivery" ? "contract" : "expand" })),
    );

    await migrateUp(config);
    await admin.query("insert into migrations (name) values ('9999-of-a-later-program')");

    const [first, ...rest] = await migrationStatus(config);
    expect(first?.name).to.equal(FIRST);
    expect(first?.at).to.be.instanceOf(Date);
    expect(rest.at(-1)).to.include({ name: "9999-of-a-later-program", kind: null });
    expect(await migrateUp(config)).to.deep.equal([]);
  });

  it("refuse a name that they do not know, and do nothing", async () => {
    const { config, admin } = await setup();
    for (const run of [migrateUp, migrateDown]) {
      const error: unknown = await run(config, { to: "0099-nobody" }).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(InvalidInput);
    }
    expect((await tablesOf(admin)).filter((name) => name !== "migrations")).to.deep.equal([]);
  });
});

async function tablesOf(admin: pg.Pool): Promise<readonly string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
      order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Everything that is there, by its definition. */
async function shapeOf(admin: pg.Pool): Promise<readonly string[]> {
  const { rows } = await admin.query<{ line: string }>(`
    select format('%s.%s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
      pg_get_expr(adbin, adrelid)) as line
    from pg_attribute a join pg_class c on c.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid <> 0
    union all select format('%s %s', oid::regclass, reloptions) from pg_class
      where relnamespace = 'public'::regnamespace and reloptions is not null
    order by 1`);
  return rows.map(({ line }) => line);
}

/** How many connections of a migration there are of that kind; ends them, if not said otherwise. */
async function killed(admin: pg.Pool, which: string, ends = true): Promise<number> {
  const { rows } = await admin.query(
    `select ${ends ? "pg_terminate_backend(pid, 5000)" : "pid"} from pg_stat_activity
      where datname = current_database() and application_name = 'migrating' and ${which}`,
  );
  return rows.length;
}
