import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../src/program.js";

export const PROGRAM = fileURLToPath(new URL("../../../bin/punctual.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until stdout or stderr holds this, and answers what it found. */
  said(what: RegExp): Promise<RegExpExecArray>;
}

export interface Options {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** The folder that it is started in. */
  readonly cwd?: string;
}

/** The program as a user starts it, with no more of an environment than is said. */
export function start(args: readonly string[], { env = {}, cwd }: Options = {}): Started {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env: { PATH, HOME, ...env }, stdio: "pipe" });
  let [out, err] = ["", ""];
  let heard = () => undefined as void;
  child.stdout.setEncoding("utf8").on("data", (some: string) => ((out += some), heard()));
  child.stderr.setEncoding("utf8").on("data", (some: string) => ((err += some), heard()));
  child.stdin.on("error", () => undefined); // it may have ended before it has read everything
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, out, err }));
  const said = (what: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      heard = () => {
        const found = what.exec(`${out}\n${err}`);
        if (found !== null) resolve(found);
      };
      heard();
      void ended.then(() => reject(new Error(`It ended without saying ${String(what)}: ${out}${err}`)));
    });
  return { child, ended, said };
}

export async function run(args: readonly string[], options: Options = {}): Promise<Ended> {
  const { child, ended } = start(args, options);
  child.stdin?.end(options.input ?? "");
  return ended;
}

/** The same within this process, which takes no time to start: for tables of what goes wrong. */
export async function runHere(args: readonly string[], { env = {}, input = "" }: Options = {}): Promise<Ended> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const [out, err] = [text(stdout), text(stderr)];
  stdin.end(input);
  const { signal } = new AbortController();
  const code = await runProgram(args, { streams: { stdin, stdout, stderr }, env, signal });
  stdout.end();
  stderr.end();
  return { code, out: await out, err: await err };
}

/** A folder for one suite. */
export function folder() {
  let path = "";
  before(async () => {
    path = await mkdtemp(join(tmpdir(), "punctual-cli-"));
  });
  after(async () => rm(path, { recursive: true, force: true }));
  return {
    at: (name: string) => join(path, name),
    put: async (name: string, content: string) => {
      await writeFile(join(path, name), content);
      return join(path, name);
    },
  };
}

/** Whether there is the `script` of util-linux, which runs a program on a terminal. */
export const canShow = spawnSync("script", ["--version"]).status === 0;

/** What the program shows on a terminal, and what it ends with. */
export function shown(args: string, { env = {}, input = "" }: Options = {}) {
  const all = { PATH: process.env.PATH, TERM: "xterm-256color", ...env };
  const command = `${process.execPath} ${PROGRAM} ${args}`;
  const { stdout, status } = spawnSync("script", ["-qec", command, "/dev/null"], {
    ...{ env: all, input, encoding: "utf8" },
  });
  return { text: stdout, code: status };
}
