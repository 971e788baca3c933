import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** What is written is passed on as it comes, too. */
  readonly tell?: (chunk: string) => void;
}

/** There is no such program. */
export class CommandMissing extends Error {
  override readonly name = "CommandMissing";

  constructor(command: string, cause: unknown) {
    super(`There is no program ${command}`, { cause });
  }
}

/** Runs a program to its end; no shell reads its arguments. */
export async function runCommand(command: string, args: readonly string[], { cwd, tell }: RunOptions): Promise<Ran> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  if (tell !== undefined) child.stdout.setEncoding("utf8").on("data", tell);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(new CommandMissing(command, error)));
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
