import { execFile } from "node:child_process";
import { chown, copyFile, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EmbeddedServer, startEmbedded } from "@punctual/adapter-postgres/server";
import pg from "pg";

const run = promisify(execFile);
/** Longer than any segment waits to be kept, and shorter than a drill. */
export const ARCHIVE_SECONDS = 3;

/** Where a server, its archive and its base backup lie; on real machines each is another one. */
export interface Places {
  readonly server: string;
  readonly archive: string;
  readonly base: string;
  readonly restored: string;
}

export function placesIn(folder: string): Places {
  const [server, archive, base, restored] = ["server", "archive", "base", "restored"].map((name) => join(folder, name));
  return { server: server ?? "", archive: archive ?? "", base: base ?? "", restored: restored ?? "" };
}

/** A server that keeps every segment of its log, once it is full or some seconds old. */
export async function startArchiving({ server, archive }: Places): Promise<EmbeddedServer> {
  const settings = {
    archive_mode: "on",
    archive_timeout: `${ARCHIVE_SECONDS}`,
    // Under its own name a segment is whole.
    archive_command: `cp "%p" "${archive}/%f.part" && mv "${archive}/%f.part" "${archive}/%f"`,
  };
  await mkdir(archive, { recursive: true });
  const started = await startEmbedded({ durable: true, dataDir: server, settings });
  const { uid, gid } = await stat(join(server, "data"));
  await chown(archive, uid, gid);
  return started;
}

/** Copies the data folder while the server goes on writing to it: what was torn meanwhile is mended from the log. */
export async function backUp(url: string, { server, base }: Places): Promise<void> {
  await mkdir(base, { recursive: true });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_backup_start('drill', true)");
    const without = ["./postmaster.pid", "./postmaster.opts", "./pg_wal/*"].map((path) => `--exclude=${path}`);
    const args = ["-C", join(server, "data"), ...without, "-cf", join(base, "data.tar"), "."];
    await run("tar", args).catch((error: unknown) => {
      // 1 says that a file has changed or gone while it was read, which is to be expected.
      if (!(error instanceof Error && "code" in error && error.code === 1)) throw error;
    });
    const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(true)");
    await writeFile(join(base, "backup_label"), rows[0]?.labelfile ?? "");
    await copyFile(join(server, "password"), join(base, "password"));
  } finally {
    await client.end();
  }
}

/** Ends it without a word, and takes its data away. */
export async function destroy(running: EmbeddedServer, { server }: Places): Promise<void> {
  await running.crash();
  await rm(server, { recursive: true, force: true });
}

/** When the log was kept last, in epoch milliseconds. */
export async function keptUntil({ archive }: Places): Promise<number> {
  const segments = (await readdir(archive)).filter((name) => /^[0-9A-F]{24}$/.test(name));
  const times = await Promise.all(segments.map(async (name) => (await stat(join(archive, name))).mtimeMs));
  return Math.max(...times);
}

/** A server on what was kept, as it was at a time; throws where the log does not reach so far. */
export async function restore({ base, archive, restored }: Places, to: string): Promise<EmbeddedServer> {
  const data = join(restored, "data");
  await mkdir(data, { recursive: true });
  await run("tar", ["-xpf", join(base, "data.tar"), "-C", data]);
  await copyFile(join(base, "password"), join(restored, "password"));
  const { uid, gid } = await stat(join(data, "base"));
  for (const [file, source] of [
    ["backup_label", join(base, "backup_label")],
    ["recovery.signal", null],
  ] as const) {
    const path = join(data, file);
    await (source === null ? writeFile(path, "") : copyFile(source, path));
    await chown(path, uid, gid);
  }
  const settings = {
    restore_command: `cp "${archive}/%f" "%p"`,
    recovery_target_time: to,
    recovery_target_action: "promote",
  };
  return startEmbedded({ durable: true, dataDir: restored, settings });
}
