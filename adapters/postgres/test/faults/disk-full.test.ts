import { execFile } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { migrateUp } from "../../src/migrate.js";
import { serverUser } from "../../src/server/os-user.js";
import { sharedServer } from "../support/database.js";
import { seed, states, wholeTables } from "../support/seed.js";
import { afterwards, allWork, openAdmin, openStores, refusalOf } from "../support/stores.js";

const run = promisify(execFile);
const DATABASE = "punctual_small_disk";

describe("a disk that is full", () => {
  it("stops what needs room and leaves it undone, until there is some", async function () {
    const server = await sharedServer();
    const lack = server.origin === "embedded" ? await mounted() : "the server is not ours to give a small disk";
    if (typeof lack === "string") {
      if (this.test) this.test.title += ` (skipped: ${lack})`;
      return this.skip();
    }
    const root = openAdmin(server.url);
    await root.query(`create tablespace small location '${lack.folder}'`);
    await root.query(`create database ${DATABASE} template template0 tablespace small`);
    afterwards(async () => {
      await root.query(`drop database ${DATABASE} with (force)`);
      await root.query("drop tablespace small");
      await lack.unmount();
    });
    const url = new URL(server.url);
    url.pathname = DATABASE;
    const stores = openStores(url.href);
    await migrateUp(stores.config);
    const admin = openAdmin(url.href);
    await seed(admin, { events: 20 });
    const held = await stores.claim(10);
    const { begun } = await stores.events.begin(held, 600_000);
    const finish = async () =>
      stores.events.finish(
        begun.map(({ claim, now, attemptNumber: number }) => ({
          claim,
          outcome: { state: "COMPLETED" },
          attempt: {
            number,
            startedAt: now,
            durationMs: 5,
            status: 200,
            error: null,
            detail: null,
            timings: null,
            responseExcerpt: null,
          },
        })),
      );
    const before = await wholeTables(admin);
    await fill(stores.pool);

    const { message } = await refusalOf(finish());
    const audit = { subject: "x", action: "y", actor: "z", note: "n".repeat(100_000) };
    await refusalOf(stores.change(async (transaction) => transaction.audit.record(audit)));

    expect(message).to.equal("The database's disk is full");
    expect(await wholeTables(admin)).to.deep.equal(before);
    await admin.query("drop table filler");
    expect(await finish()).to.deep.equal({ lost: [] });
    expect(await stores.claim()).to.have.length(10);
    expect(await states(admin)).to.deep.equal({ COMPLETED: 10, PROCESSING: 10 });
    await allWork(stores);
  });
});

/** Rows as large as pages, until not one more has room. */
async function fill(pool: ReturnType<typeof openAdmin>): Promise<void> {
  await pool.query("create table filler (text text); alter table filler alter column text set storage plain");
  for (const rows of [512, 64, 8, 1]) {
    const more = async () =>
      pool.query("insert into filler select repeat('x', 7000) from generate_series(1, $1)", [rows]);
    while (await more().then(Boolean, () => false));
  }
}

/** A disk of a few megabytes that the server may use, or why there is none. */
async function mounted(): Promise<string | { folder: string; unmount: () => Promise<void> }> {
  const { uid, gid } = await serverUser();
  if (uid === undefined || gid === undefined) return "only root can mount a small disk";
  const folder = await mkdtemp(join(tmpdir(), "punctual-small-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", folder]);
  } catch {
    await rm(folder, { recursive: true });
    return "mounting is not allowed here";
  }
  await chown(folder, uid, gid);
  const unmount = async () => {
    await run("umount", [folder]);
    await rm(folder, { recursive: true });
  };
  return { folder, unmount };
}
