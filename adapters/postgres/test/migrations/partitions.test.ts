import { expect } from "chai";
import type pg from "pg";
import { keepPartitions, PARTITION_DEFAULTS } from "../../src/partitions.js";
import { seed } from "../support/seed.js";
import { LEASE_MS, migratedStores, refusalOf } from "../support/stores.js";

const TABLES = ["event_history", "attempts"] as const;

describe("keeping partitions", () => {
  const setup = async () => {
    const stores = await migratedStores();
    const { rows } = await stores.admin.query<{ month: Date }>(
      "select date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' as month",
    );
    const now = rows[0]?.month ?? new Date(Number.NaN);
    const nameOf = (table: string, months: number) =>
      `${table}_${at(now, months).toISOString().slice(0, 7).replace("-", "_")}`;
    const partitions = async () =>
      (await Promise.all(TABLES.map(async (one) => partitionsOf(stores.admin, one)))).flat();
    const none = async () => {
      for (const name of await partitions())
        if (!name.endsWith("default")) await stores.admin.query(`drop table ${name}`);
    };
    const make = async (table: string, months: number) =>
      stores.admin.query(
        `create table ${nameOf(table, months)} partition of ${table}
          for values from ('${at(now, months).toISOString()}') to ('${at(now, months + 1).toISOString()}')`,
      );
    return { ...stores, nameOf, partitions, none, make };
  };
  const AHEAD = [0, 1, 2, 3];

  it("makes this month and the three to come, and a second time nothing", async () => {
    const { config, nameOf, partitions, none } = await setup();
    await none();
    const wanted = TABLES.flatMap((table) => AHEAD.map((months) => nameOf(table, months)));

    expect(await keepPartitions(config)).to.deep.equal({ created: wanted, dropped: [] });
    expect(await keepPartitions(config)).to.deep.equal({ created: [], dropped: [] });

    expect((await partitions()).sort()).to.deep.equal([...wanted, "attempts_default", "event_history_default"].sort());
  });

  it("has been done by the migrations", async () => {
    const { config } = await setup();
    expect(await keepPartitions(config)).to.deep.equal({ created: [], dropped: [] });
  });

  it("finds a place for what was finished in a month that has none, and moves it when it is made", async () => {
    const { config, admin, none, nameOf, claim, events, change } = await setup();
    await none();
    await seed(admin, { events: 5 });
    const { begun } = await events.begin(await claim(), LEASE_MS);
    await events.finish(
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
    const found = async () =>
      change(async ({ events }) =>
        Promise.all(begun.map(async ({ event }) => [await events.get(event.id), await events.attempts(event.id)])),
      );
    const counts = async (suffix: (table: string) => string) =>
      Promise.all(TABLES.map(async (table) => countOf(admin, suffix(table))));
    const before = await found();
    expect(await counts((table) => `${table}_default`)).to.deep.equal([5, 5]);
    expect(before.flat(2).every((one) => one !== null)).to.equal(true);

    await keepPartitions(config);

    expect(await counts((table) => `${table}_default`)).to.deep.equal([0, 0]);
    expect(await counts((table) => nameOf(table, 0))).to.deep.equal([5, 5]);
    expect(await found()).to.deep.equal(before);
    expect(before.map(([event]) => (event as { state: string } | null)?.state)).to.deep.equal(
      Array(5).fill("COMPLETED"),
    );
  });

  it("drops months that are older than those that are kept, attempts a month later", async () => {
    const { config, nameOf, make, partitions } = await setup();
    for (const table of TABLES) for (const months of [-1, -4, -5, -6, -7, -30]) await make(table, months);

    const { dropped } = await keepPartitions(config, { monthsAhead: 3, monthsKept: 4 });

    expect([...dropped].sort()).to.deep.equal(
      [
        ...[-5, -6, -7, -30].map((months) => nameOf("event_history", months)),
        ...[-6, -7, -30].map((months) => nameOf("attempts", months)),
      ].sort(),
    );
    expect(await partitions()).not.to.include.members([...dropped]);
    expect(await partitions()).to.include.members([nameOf("event_history", -4), nameOf("attempts", -5)]);
  });

  it("drops nothing where all is kept, and never what is not yet made nor the default", async () => {
    const { config, make, partitions } = await setup();
    for (const table of TABLES) await make(table, -100);
    const before = await partitions();

    expect(await keepPartitions(config, { ...PARTITION_DEFAULTS, monthsKept: null })).to.deep.equal({
      created: [],
      dropped: [],
    });

    expect(await partitions()).to.deep.equal(before);
  });

  it("is safe where several do it at once", async () => {
    const { config, none, make, nameOf, partitions } = await setup();
    await none();
    for (const table of TABLES) await make(table, -30);

    const reports = await Promise.all(Array.from({ length: 4 }, async () => keepPartitions(config)));

    const wanted = TABLES.flatMap((table) => AHEAD.map((months) => nameOf(table, months)));
    expect(reports.flatMap(({ created }) => created).sort()).to.deep.equal([...wanted].sort());
    expect((await partitions()).sort()).to.deep.equal([...wanted, "attempts_default", "event_history_default"].sort());
  });

  it("goes on while others claim and finish", async () => {
    const { config, admin, none, claim, events } = await setup();
    await none();
    await seed(admin, { events: 300 });
    let finished = 0;
    const drain = async () => {
      for (;;) {
        const claims = await claim(10);
        if (claims.length === 0) return;
        const { lost } = await events.finish(claims.map((held) => ({ claim: held, outcome: { state: "COMPLETED" } })));
        finished += claims.length - lost.length;
      }
    };

    const [report] = await Promise.all([keepPartitions(config), drain(), drain()]);

    expect(report.created).to.have.length(8);
    expect(finished).to.equal(300);
    expect(await countOf(admin, "event_history")).to.equal(300);
    expect(await countOf(admin, "event_history_default")).to.equal(0);
  });

  it("gives up where it cannot have its lock, undoes what it began, and can be done again", async () => {
    const { config, admin, none, partitions } = await setup();
    await none();
    const blocker = await admin.connect();
    await blocker.query("begin; lock table event_history_default in access share mode");

    const { message } = await refusalOf(keepPartitions(config));
    expect((await partitions()).filter((name) => name.startsWith("event_history"))).to.deep.equal([
      "event_history_default",
    ]);
    await blocker.query("rollback");
    blocker.release();

    expect(message).to.equal("A lock was not to be had in time");
    expect((await keepPartitions(config)).created).to.have.length(8);
  });
});

function at(month: Date, months: number): Date {
  return new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + months));
}

async function partitionsOf(admin: pg.Pool, table: string): Promise<readonly string[]> {
  const { rows } = await admin.query<{ name: string }>(
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1",
    [table],
  );
  return rows.map(({ name }) => name);
}

async function countOf(admin: pg.Pool, table: string): Promise<number> {
  const { rows } = await admin.query<{ count: number }>(`select count(*) as count from ${table}`);
  return rows[0]?.count ?? Number.NaN;
}
