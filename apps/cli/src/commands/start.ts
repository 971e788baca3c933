import type { Command } from "commander";
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EXIT } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { type CommonOptions, type Context, runOf } from "../run.js";
import type { Terminal } from "../terminal.js";

const HANDED_ON = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const READY = /is ready after .*?: (https?:\S+)/;

/** `punctual start` */
export function startCommand(program: Command, context: Context): void {
  program
    .command("start")
    .description("run the whole platform in one process on this machine, as `npm start` does")
    .option("--memory", "keep nothing when it stops")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions & { memory?: boolean }>();
      const { terminal } = runOf(context, options);
      await platform(options.memory === true ? ["--memory"] : [], terminal);
    });
}

/** Runs until the platform ends by itself, or by a signal, which it is told of. */
async function platform(args: readonly string[], terminal: Terminal): Promise<void> {
  const program = fileURLToPath(import.meta.resolve("@punctual/standalone/dist/src/main.js"));
  const own = terminal.json || terminal.quiet;
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", own ? "pipe" : "inherit", "inherit"] });
  const handOn = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of HANDED_ON) process.on(signal, handOn);
  try {
    const [code] = await Promise.all([endOf(child), own ? told(child, terminal) : undefined]);
    if (code !== 0) throw new Failure(code as Failure["exitCode"], `the platform ended with ${code}`);
  } finally {
    for (const signal of HANDED_ON) process.off(signal, handOn);
  }
}

async function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Failure(EXIT.failure, `the platform does not start: ${error.message}`)));
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** With `--json` the address, once it listens; with `--quiet` nothing. */
async function told({ stdout, pid }: ChildProcess, terminal: Terminal): Promise<void> {
  if (stdout === null) return;
  for await (const line of createInterface({ input: stdout })) {
    const url = READY.exec(line)?.[1];
    if (terminal.json && url !== undefined) await terminal.print(JSON.stringify({ url, pid }));
  }
}
