import { CreateSchedule, Recurrence, TableZoneRules } from "@punctual/core";
import { MemorySender } from "@punctual/core/memory";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { expect } from "chai";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseParts } from "../src/container.js";
import { canShow, run, shown } from "./support/cli.js";
import { freshDatabase } from "./support/database.js";
import { sharedPlatform } from "./support/platform.js";

const on = async (url: string, args: readonly string[], env = {}) =>
  run(args, { env: { PUNCTUAL_DATABASE_URL: url, ...env } });

interface Status {
  readonly migrations: readonly { readonly name: string; readonly at: string | null }[];
  readonly pending: number;
}

describe("punctual migrate", () => {
  it("goes up, says where it is, and goes down, in JSON", async () => {
    const url = await freshDatabase();
    const before = JSON.parse((await on(url, ["migrate", "status", "--json"])).out) as Status;
    expect(before.pending).to.equal(before.migrations.length).and.be.greaterThan(1);
    const names = before.migrations.map(({ name }) => name);
    const up = await on(url, ["migrate", "up", "--json"]);
    expect(JSON.parse(up.out)).to.deep.equal({ direction: "up", migrations: names });
    const after = JSON.parse((await on(url, ["migrate", "status", "--json"])).out) as Status;
    expect(after.pending).to.equal(0);
    const down = await on(url, ["migrate", "down", "--yes", "--json"]);
    expect(JSON.parse(down.out)).to.deep.equal({ direction: "down", migrations: names.slice(-1) });
  });

  it("logs in by a package, as the program does", async () => {
    const url = new URL(await freshDatabase());
    const folder = await mkdtemp(join(tmpdir(), "punctual-login-"));
    const login = join(folder, "login.mjs");
    await writeFile(login, "export const openLogin = ({ OWN_PASSWORD: own }) => async () => own;");
    const env = { PUNCTUAL_DATABASE_LOGIN: login, OWN_PASSWORD: decodeURIComponent(url.password) };
    try {
      const twice = await on(url.href, ["migrate", "up"], env);
      expect(twice).to.include({ code: 2 });
      expect(twice.err).to.include("holds a password");
      url.password = "";
      expect((await on(url.href, ["migrate", "up"], env)).out).to.match(/^up {2}0001-tables$/m);
      expect((await on(url.href, ["migrate", "status"], { ...env, OWN_PASSWORD: "guess" })).code).not.to.equal(0);
      const gone = await on(url.href, ["migrate", "up"], { PUNCTUAL_DATABASE_LOGIN: "no-such-login" });
      expect(gone).to.include({ code: 2 });
      expect(gone.err).to.include("The login no-such-login cannot be used");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("goes up to a name, and down to one, in text", async () => {
    const url = await freshDatabase();
    expect(await on(url, ["migrate", "up", "--to", "0001-tables"])).to.deep.equal({
      ...{ code: 0, out: "up  0001-tables\n", err: "" },
    });
    expect((await on(url, ["migrate", "status"])).out).to.match(/^0001-tables +\d{4}-.*\n0002-\S+ +to be run$/m);
    const asked = await on(url, ["migrate", "down"]);
    expect(asked).to.include({ code: 2, out: "" });
    expect(asked.err).to.include("add --yes");
    expect((await on(url, ["migrate", "down", "--to", "0001-tables", "--yes"])).out).to.equal("down  0001-tables\n");
    const wrong = await on(url, ["migrate", "up", "--to", "9999-gone"]);
    expect(wrong.code).to.equal(2);
    expect(wrong.err).to.match(/\/to: .*\(unknown_migration\)/);
  });

  it(`asks before it goes down${canShow ? "" : " (skipped: no util-linux script)"}`, async function () {
    if (!canShow) return this.skip();
    const url = await freshDatabase();
    await migrateUp({ ...POSTGRES_DEFAULTS, url });
    const env = { PUNCTUAL_DATABASE_URL: url };
    const no = shown("migrate down", { env, input: "n\n" });
    expect(no.code).to.equal(1);
    expect(no.text).to.include("[y/N]").and.include("nothing was done");
    const yes = shown("migrate down", { env, input: "y\n" });
    expect(yes.code).to.equal(0);
    expect(yes.text).to.match(/down {2}\d{4}-/);
    return undefined;
  });

  it("ends with 2 without a database, and with 6 where it is away, its password untold", async () => {
    const none = await run(["migrate", "up"]);
    expect(none.code).to.equal(2);
    expect(none.err).to.include("PUNCTUAL_DATABASE_URL");
    const away = await on("postgres://me:hush@127.0.0.1:1/x", ["migrate", "up"]);
    expect(away).to.deep.equal({ code: 6, out: "", err: "punctual: The database cannot be reached (ECONNREFUSED)\n" });
  });
});

describe("punctual tz recompute", () => {
  const migrated = async () => {
    const url = await freshDatabase();
    const config = { ...POSTGRES_DEFAULTS, url };
    await migrateUp(config);
    return { url, config };
  };

  it("tells what would move, moves it, and moves nothing a second time", async () => {
    const { url, config } = await migrated();
    const { stores, unitOfWork, ids, clock } = await databaseParts(config);
    const old = new TableZoneRules({ version: "2000a", zones: { "Europe/Berlin": [[null, 0]] }, links: {} });
    const senders = new Map([["http", new MemorySender(clock)]]);
    const create = new CreateSchedule({ unitOfWork, recurrence: new Recurrence(old), ids, senders });
    const input = {
      ...{ type: "x", timeZone: "Europe/Berlin", when: { at: "2090-01-10T09:00:00" } },
      destination: { url: "https://example.com/" },
    };
    const { schedule } = await create.run({ tenant: "main", input });
    await stores.close();

    const dry = await on(url, ["tz", "recompute", "--dry-run"]);
    expect(dry.code).to.equal(0);
    expect(dry.out).to.match(/Europe\/Berlin +2090-01-10T09:00:00.000Z +2090-01-10T08:00:00.000Z$/m);
    expect(dry.err).to.match(/^1 event would move, of 1 schedule, by the zone data \d{4}[a-z]\n$/);
    const done = JSON.parse((await on(url, ["tz", "recompute", "--json"])).out) as { moved: object[] };
    expect(done).to.deep.include({ schedules: 1, dryRun: false });
    expect(done.moved[0]).to.include({ scheduleId: schedule.id, to: "2090-01-10T08:00:00.000Z" });
    expect(done.moved).to.have.length(1);
    expect((await on(url, ["tz", "recompute"])).err).to.match(/^0 events moved, of 1 schedule, /);
    expect((await on(url, ["tz", "recompute", "--tenant", "other"])).err).to.match(/ of 0 schedules, /);
  });

  it("ends with 4 where the database was never migrated", async () => {
    const { code, err } = await on(await freshDatabase(), ["tz", "recompute"]);
    expect(code).to.equal(4);
    expect(err).to.include("punctual migrate up");
  });
});

describe("punctual doctor", () => {
  interface Report {
    readonly ok: boolean;
    readonly checks: readonly { readonly name: string; readonly state: string; readonly fix?: string }[];
  }
  const statesOf = (out: string) =>
    Object.fromEntries((JSON.parse(out) as Report).checks.map(({ name, state }) => [name, state]));
  const machine = { Node: "ok", "time zone data": "ok" };

  it("finds everything in order", async () => {
    const url = await freshDatabase();
    await migrateUp({ ...POSTGRES_DEFAULTS, url });
    const env = { PUNCTUAL_URL: (await sharedPlatform()).url };
    const { code, out } = await on(url, ["doctor", "--json"], env);
    expect(statesOf(out)).to.deep.equal({
      ...{ ...machine, database: "ok", tables: "ok", clock: "ok", connections: "ok", vacuum: "ok" },
      ...{ "open transactions": "ok", API: "ok", access: "ok" },
    });
    expect([code, (JSON.parse(out) as Report).ok]).to.deep.equal([0, true]);
    const text = await on(url, ["doctor"], env);
    expect(text.out.match(/^✓ /gm)).to.have.length(10);
  });

  it("skips what is not configured, and says why", async () => {
    const { code, out } = await run(["doctor"]);
    expect(code).to.equal(0);
    expect(out).to.match(/^- database: PUNCTUAL_DATABASE_URL is not set$/m);
    expect(out).to.match(/^- access: /m);
  });

  it("ends with 1 and says what to do where something is wrong", async () => {
    const url = await freshDatabase();
    const { code, out } = await on(url, ["doctor"], { PUNCTUAL_URL: "http://127.0.0.1:1" });
    expect(code).to.equal(1);
    expect(out).to.match(/^✓ database: PostgreSQL /m);
    expect(out).to.match(/^✗ tables: .*not been migrated.*\n {4}punctual migrate up$/m);
    expect(out).to.match(/^✗ API: .*\(ECONNREFUSED\)\n {4}is it running\?/m);
  });

  it("tells a database that is away from one that is not told of", async () => {
    const { code, out } = await on("postgres://me:hush@127.0.0.1:1/x", ["doctor", "--json"]);
    expect(code).to.equal(1);
    expect(statesOf(out)).to.include({ ...machine, database: "failed", tables: "skipped", clock: "skipped" });
    expect(out).not.to.include("hush");
  });
});
