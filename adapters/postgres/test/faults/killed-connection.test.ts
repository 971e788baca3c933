import { Unavailable } from "@punctual/core";
import { expect } from "chai";
import type pg from "pg";
import { seed, states, wholeTables } from "../support/seed.js";
import { allGivenBack, allWork, migratedStores, refusalOf, type Stores, take, until } from "../support/stores.js";

const NAME = "victim";

describe("a connection that the server ends", () => {
  const setup = async () => {
    const stores = await migratedStores({ applicationName: NAME, poolSize: 3 });
    await seed(stores.admin, { events: 30 });
    const held = await stores.claim(10);
    await stores.events.begin(held, 60_000);
    const finish = async () => stores.events.finish(held.map((claim) => ({ claim, outcome: { state: "COMPLETED" } })));
    return { ...stores, finish, before: await wholeTables(stores.admin) };
  };

  it("in the middle of a claim leaves nothing claimed, and the next claim works", async () => {
    const stores = await setup();
    const { failpoints, claim, admin, before } = stores;
    failpoints.arm("claim.before_commit", async () => killAll(admin));

    await refusalOf(claim());
    expect(await wholeTables(admin)).to.deep.equal(before);
    failpoints.disarm("claim.before_commit");

    expect(await claim()).to.have.length(20);
    allGivenBack(stores);
  });

  it("in the middle of a finish leaves nothing finished, and the next finish works", async () => {
    const stores = await setup();
    const { failpoints, finish, admin, before } = stores;
    failpoints.arm("finish.before_commit", async () => killAll(admin));

    await refusalOf(finish());
    expect(await wholeTables(admin)).to.deep.equal(before);
    failpoints.disarm("finish.before_commit");

    expect(await finish()).to.deep.equal({ lost: [] });
    expect(await states(admin)).to.deep.equal({ COMPLETED: 10, PENDING: 20 });
    allGivenBack(stores);
  });

  it("in the middle of a unit of work leaves nothing written, and the next one works", async () => {
    const stores = await setup();

    await refusalOf(pause(stores, async () => killAll(stores.admin)));
    expect(await wholeTables(stores.admin)).to.deep.equal(stores.before);

    allGivenBack(stores);
    await pause(stores);
    expect(await parked(stores.admin)).to.equal(20);
  });

  it("while its statement waits is made good: it runs again", async () => {
    const stores = await setup();
    const { finish, claim, admin } = stores;
    for (const [work, done] of [
      [claim, { PROCESSING: 30 }],
      [finish, { COMPLETED: 10, PROCESSING: 20 }],
    ] as const) {
      const blocker = await admin.connect();
      await blocker.query("begin; lock table events");

      const working = work();
      await until("it waits", async () => (await waiting(admin)) === 1);
      await killAll(admin, "wait_event_type = 'Lock'");
      await until("it waits again", async () => (await waiting(admin)) === 1);
      await blocker.query("rollback");
      blocker.release();
      await working;

      expect(await states(admin)).to.deep.equal(done);
    }
    allGivenBack(stores);
  });

  it("between two statements of a unit of work is made good: it runs again", async () => {
    const stores = await setup();
    let left = 1;
    await stores.change(async ({ schedules, events }) => {
      const [schedule] = await schedules.list({ limit: 1 });
      if (left-- > 0) await killAll(stores.admin);
      await events.park(schedule?.id ?? "");
    });
    expect(await parked(stores.admin)).to.equal(20);
    allGivenBack(stores);
  });

  it("while it is idle is not noticed by anyone", async () => {
    const stores = await setup();
    for (let round = 0; round < 3; round++) {
      await killAll(stores.admin);
      await allWork(stores);
    }
  });

  it("time and again, wherever it happens to be, neither loses an event nor finishes one twice", async () => {
    const stores = await migratedStores({ applicationName: NAME, poolSize: 5 });
    await seed(stores.admin, { events: 300 });
    const over = new AbortController();
    let kills = 0;
    // Each time some more are done: so it comes to an end on a slow machine, too.
    const killing = (async () => {
      while (!over.signal.aborted) {
        const { rows } = await stores.admin.query("select from event_history");
        if (rows.length < 15 * kills) continue;
        await killAll(stores.admin, "true", 0);
        kills++;
      }
    })();

    await Promise.all(Array.from({ length: 4 }, async () => drain(stores))).finally(() => over.abort());
    await killing;

    expect(kills).to.be.greaterThan(5);
    expect(await states(stores.admin)).to.deep.equal({ COMPLETED: 300 });
    const { rows } = await stores.admin.query("select id from event_history group by id having count(*) > 1");
    expect(rows).to.deep.equal([]);
  });
});

/** Pauses the one schedule, and does something before the commit. */
async function pause({ change }: Stores, then: () => Promise<void> = async () => undefined): Promise<void> {
  await change(async ({ schedules, events }) => {
    const [schedule] = await schedules.list({ limit: 1 });
    if (schedule === undefined) throw new Error("It is not there");
    await schedules.save({ ...schedule, status: "paused", revision: schedule.revision + 1 });
    await events.park(schedule.id);
    await then();
  });
}

async function parked(admin: pg.Pool): Promise<number> {
  return (await admin.query("select from events where wake_at is null")).rows.length;
}

/** Claims and finishes until nothing is left, whatever is refused on the way. */
async function drain({ events, admin }: Stores & { readonly admin: pg.Pool }): Promise<void> {
  for (;;) {
    try {
      // Short, so that what a killed claim may have taken is offered again.
      const { claims } = await events.claimDue({ limit: 3, leaseMs: 1_000 }, take);
      await events.finish(claims.map((claim) => ({ claim, outcome: { state: "COMPLETED" } })));
    } catch (error) {
      expect(error).to.be.instanceOf(Unavailable);
    }
    const { rows } = await admin.query("select from events limit 1");
    if (rows.length === 0) return;
  }
}

/** Returns when they are gone, or after so long. */
async function killAll(admin: pg.Pool, which = "true", patienceMs = 5_000): Promise<void> {
  await admin.query(
    `select pg_terminate_backend(pid, ${patienceMs}) from pg_stat_activity
      where datname = current_database() and application_name = $1 and ${which}`,
    [NAME],
  );
}

async function waiting(admin: pg.Pool): Promise<number> {
  const { rows } = await admin.query(
    `select from pg_stat_activity
      where datname = current_database() and application_name = $1 and wait_event_type = 'Lock'`,
    [NAME],
  );
  return rows.length;
}
