import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { atExit } from "../../src/server/at-exit.js";
import { freePort } from "../../src/server/free-port.js";
import { serverUser } from "../../src/server/os-user.js";

const HOST = "127.0.0.1";
const READY = "process up";

/** Where the program lies, if it is there: Debian keeps it where only root looks. */
export function findPgBouncer(path = process.env.PATH ?? ""): string | null {
  const folders = [...path.split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, "pgbouncer")).find((file) => existsSync(file)) ?? null;
}

/** Stands before a server, and lends its few connections out for a transaction at a time. */
export interface PgBouncer {
  /** The way to the same database through it. */
  through(url: string): string;
  stop(): Promise<void>;
}

export async function startPgBouncer(program: string, server: string, connections: number): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password } = new URL(server);
  const port = await freePort(HOST);
  const user = await serverUser(); // it refuses to run as root
  const folder = await mkdtemp(join(tmpdir(), "punctual-pgbouncer-"));
  const [config, users] = [join(folder, "pgbouncer.ini"), join(folder, "users.txt")];
  await writeFile(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  await writeFile(
    config,
    `[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = ${HOST}
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 500
`,
  );
  if (user.uid !== undefined && user.gid !== undefined) {
    for (const path of [folder, config, users]) await chown(path, user.uid, user.gid);
  }
  const child = spawn(program, [config], { ...user, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  const forget = atExit(() => void child.kill("SIGKILL"));
  const stop = async () => {
    await ended(child);
    forget();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  const through = (url: string) => {
    const led = new URL(url);
    led.host = `${HOST}:${port}`;
    return led.href;
  };
  return { through, stop };
}

async function ready(child: ChildProcess): Promise<void> {
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`PgBouncer did not start: ${log.trim()}`)));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-4_000);
      if (log.includes(READY)) resolve();
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  await once(child, "exit");
}
