import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { Unavailable } from "@punctual/core";

const run = promisify(execFile);

/** Whom a program runs as; empty means as ourselves. */
export interface OsUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: there it gets a user of its own, who is made if missing. */
export async function serverUser(name = "postgres"): Promise<OsUser> {
  if (process.getuid?.() !== 0) return {};
  const known = await lookUp(name);
  if (known !== null) return known;
  const made = await run("useradd", ["--system", "--user-group", "--no-create-home", name]).catch(
    (cause: unknown) => cause,
  );
  const user = await lookUp(name); // also if another process was quicker
  if (user !== null) return user;
  throw new Unavailable(`PostgreSQL does not run as root, and no user ${name} could be made for it`, { cause: made });
}

async function lookUp(name: string): Promise<OsUser | null> {
  try {
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, name])).stdout)),
    );
    return { uid, gid };
  } catch {
    return null;
  }
}

/** Fails, and names the first folder on the way that is closed, unless `user` can enter `folder`. */
export async function mustEnter(user: OsUser, folder: string): Promise<void> {
  const way = [folder];
  for (let parent = dirname(folder); parent !== way[0]; parent = dirname(parent)) way.unshift(parent);
  const script = 'for folder; do cd "$folder" || { echo "$folder"; exit; }; done';
  const { stdout } = await run("/bin/sh", ["-c", script, "sh", ...way], { ...user, cwd: "/" });
  const closed = stdout.trimEnd();
  if (closed === "") return;
  const who = user.uid === undefined ? "this user" : `the user of PostgreSQL (uid ${user.uid})`;
  throw new Unavailable(`PostgreSQL cannot use ${folder}: ${who} may not enter ${closed}`);
}
