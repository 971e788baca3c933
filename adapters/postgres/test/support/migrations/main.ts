/**
 * `npm run migrations`: reads what each migration does, and holds it to what it says of itself; then runs each up, down and up
 * on a real server with rows in all tables. With `expand` the rows stay as they are, and those of programs that know the
 * tables as they were before can still be written.
 */
import { parseArgs } from "node:util";
import { POSTGRES_DEFAULTS } from "../../../src/config.js";
import { migrateDown, migrateUp } from "../../../src/migrate.js";
import { makePool } from "../../../src/pool.js";
import { databaseOn, startEmbedded } from "../../../src/server/index.js";
import { refusalsOf } from "./judge.js";
import { contentOf, fill, tablesOf } from "./rows.js";
import { told } from "./told.js";

const { values } = parseArgs({ options: { rows: { type: "string", default: "10000" } } });
const rows = Number(values.rows);
let wrong = 0;

const server = await startEmbedded({ durable: false });
try {
  const config = { ...POSTGRES_DEFAULTS, url: await databaseOn(server, "migrations") };
  const pool = makePool({ ...config, statementTimeoutMs: 600_000 });
  let next = 1;
  for (const { name, ...judged } of told()) {
    const refusals = refusalsOf(judged);
    line(refusals.length === 0, `${name} is what it says: ${judged.kind}`, refusals.join("\n        ") || "read");

    const before = await tablesOf(pool);
    await fill(pool, before, next, rows);
    if (before.size > 0) next += rows;
    const content = JSON.stringify(await contentOf(pool, before));
    const same = async () => JSON.stringify(await contentOf(pool, before)) === content;

    const upMs = await timed(async () => migrateUp(config, { to: name }));
    const kept = await same();
    const after = await tablesOf(pool);
    const downMs = await timed(async () => migrateDown(config, { to: name }));
    const back = JSON.stringify([...(await tablesOf(pool))]) === JSON.stringify([...before]);
    const keptBack = await same();
    await migrateUp(config, { to: name });
    const again = JSON.stringify([...(await tablesOf(pool))]) === JSON.stringify([...after]);
    const what = `up in ${upMs} ms, down in ${downMs} ms, on ${before.size} tables of up to ${next - 1} rows`;
    line(kept && keptBack && back && again, `${name} goes up, down and up, and the rows stay`, what);

    if (judged.kind === "contract") continue;
    const refused = await fill(pool, before, next, 10).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : "refused"),
    );
    next += 10;
    line(refused === null, `${name} lets the release before write`, refused ?? `${before.size} tables`);
  }
  await pool.end();
} finally {
  await server.stop();
}
process.exitCode = wrong === 0 ? 0 : 1;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
}

function line(held: boolean, what: string, seen: string): void {
  if (!held) wrong++;
  console.log(`${held ? "held  " : "BROKEN"}  ${what.padEnd(60)}  ${seen}`);
}
