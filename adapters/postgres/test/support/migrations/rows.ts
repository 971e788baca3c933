import type pg from "pg";

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

/** What was there before a migration, and how a row of it is written. */
export type Tables = ReadonlyMap<string, readonly Column[]>;

const COLUMNS = `
  select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and c.relname not in ('migrations', 'schema_version')
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
  order by c.oid, a.attnum`;

/** The tables in the order in which they were made, with the columns that are written. */
export async function tablesOf(pool: pg.Pool): Promise<Tables> {
  return Map.groupBy((await pool.query<Column>(COLUMNS)).rows, ({ table }) => table);
}

/** Writes rows into each table as programs that know these columns alone would. The same number makes the same ids everywhere. */
export async function fill(pool: pg.Pool, tables: Tables, from: number, count: number): Promise<void> {
  for (const [table, columns] of tables) {
    const names = columns.map(({ column }) => `"${column}"`).join(", ");
    const values = columns.map(({ type }) => valueOf(type)).join(", ");
    await pool.query(`insert into ${table} (${names}) select ${values} from generate_series($1::int, $2::int) n`, [
      ...[from, from + count - 1],
    ]);
  }
}

/** What stands in these columns, as one text for each table. */
export async function contentOf(pool: pg.Pool, tables: Tables): Promise<Readonly<Record<string, string>>> {
  const content: Record<string, string> = {};
  for (const [table, columns] of tables) {
    const names = columns.map(({ column }) => `"${column}"`).join(", ");
    const text = `select count(*) || ' ' || coalesce(md5(string_agg(r::text, ',' order by r::text)), '') as content
      from (select ${names} from ${table}) r`;
    content[table] = (await pool.query<{ content: string }>(text)).rows[0]?.content ?? "";
  }
  return content;
}

function valueOf(type: string): string {
  if (type === "uuid") return "lpad(n::text, 32, '0')::uuid";
  if (type === "text") return "'text-' || n";
  if (type === "boolean") return "true";
  if (type === "json" || type === "jsonb") return "'{}'";
  if (type === "date" || type.startsWith("timestamp")) return "now()";
  if (["smallint", "integer", "bigint", "double precision"].includes(type)) return type === "smallint" ? "1" : "n";
  throw new Error(`Nobody has said what a ${type} is filled with`);
}
