import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Unavailable } from "@punctual/core";
import { atExit } from "./at-exit.js";
import { mustEnter, type OsUser } from "./os-user.js";
import { LOCALE } from "./postgres-server.js";

const run = promisify(execFile);

/** A database cluster and the password of its role `postgres`. */
export interface DataFolder {
  readonly data: string;
  readonly password: string;
}

interface Making {
  readonly initdb: string;
  readonly user: OsUser;
  readonly durable: boolean;
}

/** Opens the cluster in `folder`, which is made if there is none: the data in `data/`, and beside it `password`. */
export async function openDataFolder(folder: string, making: Making): Promise<DataFolder> {
  try {
    await mkdir(folder, { recursive: true });
    const root = await realpath(folder); // a server is recognised by the name that it was given, see running.ts
    await mustEnter(making.user, root);
    const paths = { data: join(root, "data"), passwordFile: join(root, "password") };
    if (!existsSync(paths.data)) await create(root, paths, making);
    return { data: paths.data, password: (await readFile(paths.passwordFile, "utf8")).trim() };
  } catch (cause) {
    if (cause instanceof Unavailable) throw cause;
    throw new Unavailable(`PostgreSQL cannot keep its data in ${folder}: ${reasonOf(cause)}`, { cause });
  }
}

async function create(
  root: string,
  { data, passwordFile }: { data: string; passwordFile: string },
  { initdb, user, durable }: Making,
): Promise<void> {
  await writeFile(passwordFile, `${randomBytes(18).toString("base64url")}\n`, { mode: 0o600 });
  // Made beside it and then renamed, so that a `data` is always whole.
  const unfinished = await mkdtemp(join(root, "initdb-"));
  try {
    for (const path of [unfinished, passwordFile]) await give(path, user);
    const access = ["--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
    const args = [`--pgdata=${unfinished}`, ...access, ...LOCALE, ...(durable ? [] : ["--no-sync"])];
    const running = run(initdb, args, { ...user, cwd: "/" });
    await running.finally(atExit(() => running.child.kill()));
    await rename(unfinished, data);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function give(path: string, { uid, gid }: OsUser): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/** What a program that failed wrote last, or what a call of the system says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim() : error.message;
}
