import type { Command } from "commander";
import { databaseOf } from "../database.js";
import { action, type Context } from "../run.js";
import { tableOf } from "../table.js";
import type { Terminal } from "../terminal.js";

interface Bounded {
  readonly to?: string;
}

/** The ORM takes a third of a second to load: only who migrates waits for it. */
const load = async () => import("@punctual/adapter-postgres/migrate");

/** `punctual migrate …` */
export function migrateCommand(program: Command, context: Context): void {
  const group = program.command("migrate").description("bring the tables of PUNCTUAL_DATABASE_URL up to date, or back");

  group
    .command("up")
    .description("run the migrations that are missing")
    .option("--to <name>", "up to this one")
    .action(
      action<Bounded>(context, async (run, { to }) => {
        const config = await databaseOf(run);
        const { migrateUp } = await load();
        await printDone(await migrateUp(config, to === undefined ? {} : { to }), "up", run.terminal);
      }),
    );

  group
    .command("down")
    .description("take back the last migration, and lose what it held")
    .option("--to <name>", "all down to this one")
    .option("--yes", "do it without asking")
    .action(
      action<Bounded & { yes?: boolean }>(context, async (run, { to, yes }) => {
        const config = await databaseOf(run);
        const which = to === undefined ? "the last migration" : `all migrations down to ${to}`;
        if (yes !== true) {
          await run.terminal.confirm(
            `Take back ${which} of ${placeOf(config.url)}, and lose what it held?`,
            run.signal,
          );
        }
        const { migrateDown } = await load();
        await printDone(await migrateDown(config, to === undefined ? {} : { to }), "down", run.terminal);
      }),
    );

  group
    .command("status")
    .description("show which migrations were run")
    .action(
      action(context, async (run) => {
        const config = await databaseOf(run);
        const { migrationStatus } = await load();
        const migrations = await migrationStatus(config);
        const pending = migrations.filter(({ at }) => at === null).length;
        const { terminal } = run;
        if (terminal.json) return terminal.print(JSON.stringify({ migrations, pending }));
        const rows = migrations.map(({ name, at }) => [name, at?.toISOString() ?? "to be run"]);
        await terminal.print(tableOf(["MIGRATION", "RUN AT"], rows, terminal));
        if (pending > 0) terminal.say(`${pending} to be run, by \`punctual migrate up\``);
      }),
    );
}

async function printDone(done: readonly string[], direction: "up" | "down", terminal: Terminal): Promise<void> {
  if (terminal.json) return terminal.print(JSON.stringify({ direction, migrations: done }));
  for (const name of done) await terminal.print(terminal.quiet ? name : `${direction}  ${name}`);
  if (done.length === 0) terminal.say("there is nothing to do");
}

/** The part of a URL that may be shown. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
