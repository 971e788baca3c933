import { Conflict } from "@punctual/core";
import { expect } from "chai";
import { migrateUp } from "../../src/migrate.js";
import { checkSchema, SCHEMA_VERSION } from "../../src/schema-version.js";
import { freshDatabase } from "../support/database.js";
import { seed, states } from "../support/seed.js";
import { afterwards, allWork, migratedStores, openStores, refusalOf, refusals } from "../support/stores.js";

describe("programs and schemas of different versions", () => {
  const codeOf = async (check: Promise<void>) => {
    const error: unknown = await check.catch((reason: unknown) => reason);
    return error instanceof Conflict ? error.code : error;
  };

  it("an empty database is behind, whoever uses it is told what to do, and it works once that is done", async () => {
    const database = await freshDatabase();
    afterwards(async () => database.drop());
    const stores = openStores(database.url);

    expect(await codeOf(checkSchema(stores.pool))).to.equal("schema_behind");
    expect(await refusals(stores, { but: ["checkSchema"] })).to.deep.equal(
      new Set(["The database has not been migrated: run `punctual migrate up`"]),
    );
    await migrateUp(stores.config);

    await allWork(stores);
  });

  it("an older schema is behind", async () => {
    const { pool, admin } = await migratedStores();
    await admin.query("update schema_version set version = $1", [SCHEMA_VERSION - 1]);
    expect(await codeOf(checkSchema(pool))).to.equal("schema_behind");
  });

  it("a newer schema that no longer serves this program is ahead, and one that does is fine", async () => {
    const { pool, admin } = await migratedStores();
    const set = async (oldest: number) =>
      admin.query("update schema_version set version = $1, oldest_program = $2", [SCHEMA_VERSION + 2, oldest]);

    await set(SCHEMA_VERSION + 1);
    expect(await codeOf(checkSchema(pool))).to.equal("schema_ahead");
    await set(SCHEMA_VERSION);
    expect(await codeOf(checkSchema(pool))).to.equal(undefined);
  });

  it("a column that the schema lacks is told as a migration that was not run", async () => {
    const { admin, claim, change } = await migratedStores();
    await seed(admin, { events: 1 });
    await admin.query("alter table events drop column unheard");
    for (const call of [claim, async () => change(async ({ events }) => events.list({ limit: 1 }))]) {
      expect((await refusalOf(call())).message).to.contain("run `punctual migrate up`");
    }
  });

  it("two programs work side by side while and after a migration only adds", async () => {
    const old = await migratedStores({ applicationName: "old" });
    const { admin, database } = old;
    await seed(admin, { schedules: 4, events: 200 });
    let working = true;
    const drain = async ({ claim, events, change }: typeof old | ReturnType<typeof openStores>) => {
      let finished = 0;
      for (;;) {
        const claims = await claim(7);
        await events.begin(claims, 600_000);
        await events.finish(claims.map((held) => ({ claim: held, outcome: { state: "COMPLETED" } })));
        await change(async ({ schedules }) => {
          const [schedule] = await schedules.list({ limit: 1 });
          if (schedule) await schedules.save({ ...schedule, revision: schedule.revision + 1 });
        });
        finished += claims.length;
        if (claims.length === 0 && !working) return finished;
      }
    };

    const byOld = drain(old);
    await admin.query(`
      set lock_timeout = '2s';
      alter table events add column colour text, add column size integer not null default 7;
      alter table event_history add column colour text, add column size integer not null default 7;
      alter table schedules add column colour text, add column size integer not null default 7;
      update schema_version set version = version + 1`);
    await seed(admin, { schedules: 4, events: 200 });
    const byNew = drain(openStores(database.url, { applicationName: "new" }));
    working = false;

    expect((await byOld) + (await byNew)).to.equal(400);
    expect(await states(admin)).to.deep.equal({ COMPLETED: 400 });
    await checkSchema(old.pool);
    await allWork(old);
  });
});
