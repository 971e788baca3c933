import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Unavailable } from "@punctual/core";

const run = promisify(execFile);
const STOP_POLLS = 500;

/** The setting by which a server knows the process that started it. PostgreSQL takes any that has a dot in its name. */
export const OWNER = "punctual.owner";

/**
 * Makes sure that no server runs on `data`. One whose owner lives is left alone, and that is an error. One that was left
 * behind, because its owner was killed, is stopped. No process is signalled that is not the server of this very folder.
 */
export async function stopLeftBehind(data: string): Promise<void> {
  const pid = await pidOf(data);
  const found = pid === null ? null : await inspect(pid);
  if (pid === null || found === null) return;
  if (!isServerOf(data, found)) {
    // Another program has the number by now. PostgreSQL itself looks at the number alone and would not start.
    if (!/^\S*postgres\b/.test(found.command)) await rm(join(data, "postmaster.pid"), { force: true });
    return;
  }
  const owner = new RegExp(`${OWNER}=(\\d+)`).exec(found.command)?.[1];
  // The system gives a child whose parent has died to another one.
  if (owner === undefined || Number(owner) === found.parent) throw inUse(data, pid);
  try {
    process.kill(pid, "SIGINT");
  } catch (cause) {
    if (await inspect(pid))
      throw new Unavailable(`The PostgreSQL left behind on ${data} is not ours to stop`, { cause });
  }
  for (let poll = 0; poll < STOP_POLLS; poll += 1) {
    const still = await inspect(pid);
    if (still === null || !isServerOf(data, still)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Unavailable(`The PostgreSQL left behind on ${data} (process ${pid}) does not stop`);
}

/** The answer to a second start. */
export function inUse(data: string, pid?: number): Unavailable {
  return new Unavailable(`Another PostgreSQL runs on ${data}${pid === undefined ? "" : ` (process ${pid})`}`);
}

async function pidOf(data: string): Promise<number | null> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : null;
}

interface Found {
  readonly parent: number;
  readonly command: string;
}

function isServerOf(data: string, { command }: Found): boolean {
  return command.includes(` -D ${data} `);
}

async function inspect(pid: number): Promise<Found | null> {
  try {
    if (process.platform !== "linux") {
      const { stdout } = await run("ps", ["-ww", "-o", "ppid=,command=", "-p", String(pid)]);
      const [, parent, command] = /^\s*(\d+)\s+(.*)$/m.exec(stdout) ?? [];
      return command === undefined ? null : { parent: Number(parent), command: `${command} ` };
    }
    // Not every image has `ps`.
    const [command, stat] = await Promise.all(
      ["cmdline", "stat"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8")),
    );
    const parent = /^.*\) \S (\d+)/s.exec(stat ?? "")?.[1];
    return { parent: Number(parent), command: (command ?? "").replaceAll("\0", " ") };
  } catch {
    return null;
  }
}
