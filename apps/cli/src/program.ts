import { Command, CommanderError } from "commander";
import { EXIT, EXIT_CODES, type ExitCode } from "./exit-codes.js";
import { conformanceCommand } from "./commands/conformance.js";
import { doctorCommand } from "./commands/doctor.js";
import { eventsCommand } from "./commands/events.js";
import { importCommand } from "./commands/import.js";
import { migrateCommand } from "./commands/migrate.js";
import { nextCommand } from "./commands/next.js";
import { reconcileCommand } from "./commands/reconcile.js";
import { scheduleCommand } from "./commands/schedule.js";
import { simulateCommand } from "./commands/simulate.js";
import { startCommand } from "./commands/start.js";
import { tzCommand } from "./commands/tz.js";
import { failureOf } from "./failure.js";
import type { Context } from "./run.js";

const VERSION = "0.0.0";

const SHORT_HELP = `punctual calls URLs at local times.

  punctual start                                          runs it on this machine
  punctual next "0 9 * * MON-FRI" --zone Europe/Berlin    shows when a rule happens
  punctual schedule create --type hello --zone Europe/Berlin --cron "0 9 * * *" \\
    --url https://example.com/hooks                       makes a schedule

All commands: punctual --help. One of them: punctual schedule create --help.
`;

/** Does what the command line says, and answers what the program ends with. */
export async function runProgram(args: readonly string[], context: Context): Promise<ExitCode> {
  const { stdout, stderr } = context.streams;
  try {
    if (args.length === 0) stdout.write(SHORT_HELP);
    else await programOf(context).parseAsync([...args], { from: "user" });
    return EXIT.ok;
  } catch (error) {
    // Commander has told what was wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { message, details, exitCode } = failureOf(error);
    if (message !== "") stderr.write(`punctual: ${message}\n`);
    for (const detail of details) stderr.write(`  ${detail}\n`);
    return exitCode;
  }
}

function programOf(context: Context): Command {
  const { stdout, stderr } = context.streams;
  const program = new Command("punctual")
    .description("calls URLs at local times, once or again and again")
    .version(VERSION)
    .option("--json", "data as JSON, to stdout")
    .option("-q, --quiet", "no remarks and no progress; of what was made or changed the id alone")
    .option("--no-color", "no colours; NO_COLOR says so, too")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "punctual: ")),
    })
    .showHelpAfterError("  punctual --help shows what there is")
    .exitOverride();
  scheduleCommand(program, context);
  eventsCommand(program, context);
  importCommand(program, context);
  reconcileCommand(program, context);
  nextCommand(program, context);
  simulateCommand(program, context);
  startCommand(program, context);
  migrateCommand(program, context);
  tzCommand(program, context);
  doctorCommand(program, context);
  conformanceCommand(program, context);
  exitCodesCommand(program, context);
  return program;
}

/** `punctual help exit-codes` */
function exitCodesCommand(program: Command, { streams: { stdout } }: Context): void {
  const text = EXIT_CODES.map(({ code, meaning }) => `${String(code).padStart(3)}  ${meaning}\n`).join("");
  const command = program.command("exit-codes").description("show what the program ends with");
  command
    .configureHelp({ formatHelp: () => text })
    .action(
      () => void stdout.write(command.optsWithGlobals().json === true ? `${JSON.stringify(EXIT_CODES)}\n` : text),
    );
}
