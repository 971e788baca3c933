import { expect } from "chai";
import type pg from "pg";
import { seed, wholeTables } from "../support/seed.js";
import {
  allGivenBack,
  allWork,
  migratedDatabase,
  migratedStores,
  openAdmin,
  openStores,
  refusalOf,
  refusals,
  until,
} from "../support/stores.js";

describe("stores at a limit", () => {
  /** Holds all tables until it is called off. */
  const blockTables = async (admin: pg.Pool) => {
    const blocker = await admin.connect();
    await blocker.query("begin; lock table events, schedules, schema_version in access exclusive mode");
    return async () => {
      await blocker.query("rollback");
      blocker.release();
    };
  };

  it("of a pool that is in use tell who has waited for too long, and serve everyone afterwards", async () => {
    const stores = await migratedStores({ poolSize: 2, connectTimeoutMs: 300 });
    await seed(stores.admin, { events: 10 });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    stores.failpoints.arm("claim.before_commit", async () => released);
    const claims = [stores.claim(2), stores.claim(2)];
    await until("both connections are held", async () => stores.pool.idleCount === 0 && stores.pool.totalCount === 2);

    const began = performance.now();
    const [messages] = await Promise.all([refusals(stores), refusalOf(stores.claim(2)), refusalOf(stores.claim(2))]);
    const took = performance.now() - began;
    release();
    stores.failpoints.disarm("claim.before_commit");

    expect(messages.size).to.equal(1);
    expect(took).to.be.lessThan(1_200);
    expect((await Promise.all(claims)).flat()).to.have.length(4);
    const all = await Promise.all(Array.from({ length: 30 }, async () => stores.claim(1)));
    expect(all.flat()).to.have.length(6);
    await allWork(stores);
  });

  it("of a lock tell so, and go on when it is free", async () => {
    const stores = await migratedStores({ lockTimeoutMs: 50, statementTimeoutMs: 5_000 });
    await seed(stores.admin, { events: 10 });
    const before = await wholeTables(stores.admin);
    const unblock = await blockTables(stores.admin);

    // What reads the version runs by the server's own limits, as it is asked at the start.
    const messages = await refusals(stores, { but: ["checkSchema"] });
    await unblock();

    expect(messages).to.deep.equal(new Set(["A lock was not to be had in time"]));
    expect(await wholeTables(stores.admin)).to.deep.equal(before);
    await allWork(stores);
  });

  it("of a statement tell so, and go on when it is fast again", async () => {
    const stores = await migratedStores({ lockTimeoutMs: 5_000, statementTimeoutMs: 50 });
    await seed(stores.admin, { events: 10 });
    const before = await wholeTables(stores.admin);
    const unblock = await blockTables(stores.admin);

    const messages = await refusals(stores, { but: ["checkSchema"] });
    await unblock();

    expect(messages).to.deep.equal(new Set(["The database did not answer in time"]));
    expect(await wholeTables(stores.admin)).to.deep.equal(before);
    await allWork(stores);
  });

  it("of a server that only reads tell so, by connections that are not used again", async () => {
    const database = await migratedDatabase();
    const admin = openAdmin(database.url);
    await seed(admin, { events: 10 });
    const before = await wholeTables(admin);
    await admin.query(`alter database ${database.name} set default_transaction_read_only = on`);
    const stores = openStores(database.url, { poolSize: 2 });

    const reading = ["nextWake", "backlog", "checkSchema", "a unit of work", "a unit of work by the ORM"];
    expect(await refusals(stores, { but: reading })).to.deep.equal(
      new Set(["The database is read-only, as one that is no longer the primary"]),
    );
    const write = async () =>
      stores.change(async ({ audit }) => audit.record({ subject: "x", action: "y", actor: "z", note: null }));
    await refusalOf(write());
    await refusalOf(write());
    await refusalOf(write());
    await admin.query(`alter database ${database.name} reset default_transaction_read_only`);

    // The session of an old connection would still be as it began; the pool may keep one that only reads came by.
    expect(await wholeTables(admin)).to.deep.equal(before);
    expect(await stores.claim()).to.have.length(10);
    await write();
    await allWork(stores);
  });

  for (const name of ["claim", "unit of work"] as const) {
    it(`of a ${name} that stalls within its transaction end it, and go on`, async () => {
      const stores = await migratedStores({ idleInTransactionTimeoutMs: 50, applicationName: "stalling" });
      await seed(stores.admin, { events: 10 });
      const before = await wholeTables(stores.admin);
      const ended = async () => {
        const { rows } = await stores.admin.query(
          "select from pg_stat_activity where datname = current_database() and application_name = 'stalling'",
        );
        return rows.length === 0;
      };
      const stall = async () => until("the server has ended the session", ended);
      stores.failpoints.arm("claim.before_commit", stall);

      await refusalOf(
        name === "claim"
          ? stores.claim()
          : stores.change(async ({ audit }) => {
              await audit.record({ subject: "x", action: "y", actor: "z", note: null });
              await stall();
            }),
      );
      stores.failpoints.disarm("claim.before_commit");

      expect(await wholeTables(stores.admin)).to.deep.equal(before);
      allGivenBack(stores);
      await allWork(stores);
    });
  }

  it("of a process that stands still as a whole, and so hears of it only as an answer, tell so", async () => {
    const stores = await migratedStores({ idleInTransactionTimeoutMs: 50 });
    await seed(stores.admin, { events: 10 });
    const before = await wholeTables(stores.admin);
    stores.failpoints.arm("claim.before_commit", () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    });

    await refusalOf(stores.claim());
    stores.failpoints.disarm("claim.before_commit");

    expect(await wholeTables(stores.admin)).to.deep.equal(before);
    expect(await stores.claim()).to.have.length(10);
    allGivenBack(stores);
  });
});
