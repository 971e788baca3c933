import type { MikroORM } from "@mikro-orm/postgresql";
import { expect } from "chai";
import type pg from "pg";
import { makeOrm } from "../../src/orm.js";
import { afterwards, migratedStores } from "../support/stores.js";

/** Made and read without the ORM. */
const NO_OBJECTS = ["migrations", "schema_version"];
/** Its object needs a key, which the table does without. */
const KEYLESS = ["attempts"];

describe("the schema objects", () => {
  const setup = async () => {
    const { pool, admin } = await migratedStores();
    const orm = await makeOrm(pool);
    afterwards(async () => orm.close());
    return { orm, admin };
  };

  it("are the tables that the migrations make, column by column", async () => {
    const { orm, admin } = await setup();
    const objects = Object.fromEntries(
      await Promise.all(
        tablesOf(orm).map(async ({ table, columns }) => [table, await asMade(admin, columns)] as const),
      ),
    );
    const { rows } = await admin.query<{ table: string }>(TABLES);
    const tables = Object.fromEntries(
      await Promise.all(
        rows
          .filter(({ table }) => !NO_OBJECTS.includes(table))
          .map(async ({ table }) => [table, await columnsOf(admin, table)] as const),
      ),
    );

    expect(objects).to.deep.equal(tables);
    expect(Object.values(tables).flat().length).to.be.greaterThan(100);
  });

  it("have the keys that the migrations make", async () => {
    const { orm, admin } = await setup();
    for (const { table, keys } of tablesOf(orm)) {
      const { rows } = await admin.query<{ name: string }>(KEYS, [table]);
      const found = rows.map(({ name }) => name).sort();
      expect(found, table).to.deep.equal(KEYLESS.includes(table) ? [] : [...keys].sort());
    }
  });

  it("leave to the database what it makes itself", async () => {
    const { orm, admin } = await setup();
    const { rows } = await admin.query<{ table: string; name: string }>(GENERATED);
    const unwritten = tablesOf(orm).flatMap(({ table, columns }) =>
      columns.filter(({ written }) => !written).map(({ name }) => ({ table, name })),
    );
    const byName = (one: { name: string }, two: { name: string }) => (one.name < two.name ? -1 : 1);
    expect(unwritten.sort(byName)).to.deep.equal(rows.sort(byName));
    const uses = ["uses_destination", "uses_on_failure", "uses_on_success"];
    expect(rows).to.deep.equal(uses.map((name) => ({ table: "schedules", name })));
  });
});

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly written: boolean;
}

function tablesOf(orm: MikroORM) {
  return [...orm.getMetadata().getAll().values()].map((meta) => ({
    table: meta.tableName,
    keys: meta.getPrimaryProps().flatMap(({ fieldNames }) => fieldNames),
    columns: meta.props.flatMap(({ fieldNames, columnTypes, nullable, persist }) =>
      fieldNames.map((name, index): Column => ({
        ...{ name, type: columnTypes[index] ?? "", nullable: nullable === true, written: persist !== false },
      })),
    ),
  }));
}

/** The columns as the database would make them of these types: it has several words for one type. */
async function asMade(admin: pg.Pool, columns: readonly Column[]): Promise<readonly string[]> {
  const client = await admin.connect();
  try {
    const definitions = columns.map(({ name, type, nullable }) => `"${name}" ${type}${nullable ? "" : " not null"}`);
    await client.query(`create temp table as_made (${definitions.join(", ")})`);
    return await columnsOf(client, "as_made");
  } finally {
    client.release(true);
  }
}

async function columnsOf(client: Pick<pg.Pool, "query">, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ column: string }>(COLUMNS, [table]);
  return rows.map(({ column }) => column);
}

const TABLES = `
  select relname as "table" from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`;

const COLUMNS = `
  select format('%s %s%s', attname, format_type(atttypid, atttypmod), case when attnotnull then ' not null' end) as column
  from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attname`;

const KEYS = `
  select attname as name from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)
  where indrelid = $1::regclass and indisprimary`;

const GENERATED = `
  select table_name as "table", column_name as name from information_schema.columns
  where table_schema = 'public' and is_generated = 'ALWAYS'`;
