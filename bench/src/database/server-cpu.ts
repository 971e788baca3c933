import { readdirSync, readFileSync } from "node:fs";
import type pg from "pg";

const TICKS_PER_SECOND = 100; // what Linux tells every program, whatever the kernel counts in

interface Entry {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly ticksOfEnded: number;
}

/** The CPU time that a whole server on this machine has used so far, in milliseconds; not a number where there is no /proc. */
export async function serverCpuMs(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
  try {
    const first = entryOf(rows[0]?.pid ?? 0).parent;
    const all = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => entries(Number(name)));
    const its = all.filter(({ pid, parent }) => pid === first || parent === first);
    const ticks = its.reduce((sum, one) => sum + one.ticks + (one.pid === first ? one.ticksOfEnded : 0), 0);
    return (ticks * 1_000) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

/** None for a process that has ended meanwhile. */
function entries(pid: number): Entry[] {
  try {
    return [entryOf(pid)];
  } catch {
    return [];
  }
}

function entryOf(pid: number): Entry {
  return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/** Reads a line of /proc/<pid>/stat. Behind the name, which may hold spaces and brackets, the fields are counted. */
export function parseStat(line: string): Entry {
  const fields = line
    .slice(line.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return { pid: Number.parseInt(line), parent, ticks: user + system, ticksOfEnded: endedUser + endedSystem };
}
