import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ProjectConfig } from "./config.js";
import { RUNNER } from "./runner.js";

export interface Run {
  /** Where monitor and engine listen. */
  readonly address: string;
  readonly project: string;
  readonly stack: string;
  /** Where Pulumi.yaml is, where the program runs, and what of that folder it is. */
  readonly root: string;
  readonly folder: string;
  readonly entry: string;
  readonly config: ProjectConfig;
  readonly dryRun: boolean;
  readonly limitMs: number;
}

export interface Ran {
  /** None if it was stopped, as it took too long. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is loaded before the runner: neither it nor the program is another for it. */
const BEFORE = ["leash.js", "compiled.js", "traces.js"].map(
  (file) => `--import=${new URL(file, import.meta.url).href}`,
);

/** Runs a program in a process of its own, by the command line and the environment that Pulumi's host of Node programs uses. */
export async function runProgram(run: Run): Promise<Ran> {
  const { address, project, stack, root, folder, entry, config, dryRun, limitMs } = run;
  const args = [
    ...[`--monitor=${address}`, `--engine=${address}`, `--project=${project}`, `--stack=${stack}`],
    ...["--organization=acme", `--root-directory=${root}`, `--pwd=${folder}`, "--parallel=16"],
    ...(dryRun ? ["--dry-run"] : []),
  ];
  const child = spawn(process.execPath, [...BEFORE, RUNNER, ...args, entry], {
    // Nothing of this process's own, so that a plan is the same whoever makes it.
    env: {
      // Programs are compiled before.
      PULUMI_NODEJS_TYPESCRIPT: "false",
      PULUMI_CONFIG: JSON.stringify(config.values),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.secrets),
    },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const [exitCode, stdout, stderr] = await Promise.all([ended, all(child.stdout), all(child.stderr)]);
  return { exitCode, stdout, stderr };
}

async function all(stream: Readable): Promise<string> {
  return (await text(stream)).trimEnd();
}
