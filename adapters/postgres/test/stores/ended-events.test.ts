import { type EndPlace, FollowEnded, lifeCycle } from "@punctual/core";
import { expect } from "chai";
import { realClock } from "../support/clock.js";
import { seed } from "../support/seed.js";
import { migratedStores, openStores, TENANT, until } from "../support/stores.js";

const BEGIN: EndPlace = { finishedAt: new Date(0), id: "" };
/** More than what has just begun is given to be seen. */
const LONG_MS = 700;

describe("following ends, while transactions take their time", () => {
  const setup = async (events: number) => {
    const stores = await migratedStores({ poolSize: 12 });
    const { eventIds } = await seed(stores.admin, { schedules: 5, events });
    const reader = openStores(stores.database.url, { applicationName: "reader" });
    const follow = new FollowEnded(reader);
    let after = BEGIN;
    const seen: string[] = [];
    /** What is to be told by now, on behind what was told before. */
    const read = async (limit = 7) => {
      for (;;) {
        const page = await follow.next({ tenant: TENANT, limit, after });
        seen.push(...page.events.map(({ id }) => id));
        after = page.place;
        if (page.complete) return [...seen];
      }
    };
    const readUntil = async (count: number) => {
      for (let polls = 0; polls < 200 && seen.length < count; polls++) {
        await realClock.sleep(25);
        await read();
      }
      return [...seen];
    };
    return { ...stores, ids: eventIds, read, readUntil };
  };
  const complete = { state: "COMPLETED" } as const;

  it("waits for an end that was written and is not committed yet, and tells the later one behind it", async () => {
    const { failpoints, events, claim, read, readUntil } = await setup(2);
    const [slow, quick] = await claim();
    const held = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    failpoints.arm("finish.before_commit", async () => {
      written.resolve();
      await held.promise;
    });
    const ending = events.finish([{ claim: slow ?? fail(), outcome: complete }]);
    await written.promise;
    failpoints.disarm("finish.before_commit");
    await realClock.sleep(5);
    await events.finish([{ claim: quick ?? fail(), outcome: complete }]);
    await realClock.sleep(LONG_MS);

    const meanwhile = await read();
    held.resolve();
    await ending;

    expect(meanwhile).to.deep.equal([]);
    expect(await readUntil(2)).to.deep.equal([slow?.eventId, quick?.eventId]);
  });

  it("waits for a transaction that has written nothing yet, and ends something after all", async () => {
    const { change, events, claim, ids, read, readUntil } = await setup(2);
    const [slow = "", quick = ""] = ids;
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const ending = change(async (transaction) => {
      const event = (await transaction.events.get(slow)) ?? fail();
      begun.resolve();
      await held.promise;
      await transaction.events.replace(lifeCycle.finished(event, "CANCELLED", transaction.now, "cancelled"));
    });
    await begun.promise;
    const claims = await claim();
    const other = claims.find(({ eventId }) => eventId === quick) ?? fail();
    await events.finish([{ claim: other, outcome: complete }]);
    await events.release(claims.filter((one) => one !== other));
    await realClock.sleep(LONG_MS);

    const meanwhile = await read();
    held.resolve();
    // The claim came between: the cancellation is run again, and ends with a time of its own.
    await ending;

    expect(meanwhile).to.deep.equal([]);
    expect((await readUntil(2)).sort()).to.deep.equal([slow, quick].sort());
  });

  it("tells each end once, in order, of many that overlap as they like", async function () {
    this.timeout(60_000);
    const { failpoints, events, claim, admin, ids, readUntil } = await setup(400);
    const claims = await claim();
    let turn = 0;
    // By turns nothing, a moment, and longer than what has just begun is given.
    failpoints.arm("finish.before_commit", () => realClock.sleep([0, 20, 0, 150, 0, 60, LONG_MS][turn++ % 7] ?? 0));
    let next = 0;
    const worker = async () => {
      while (next < claims.length) {
        const batch = claims.slice(next, (next += 8));
        await events.finish(batch.map((one) => ({ claim: one, outcome: complete })));
      }
    };

    const [seen] = await Promise.all([readUntil(ids.length), ...Array.from({ length: 6 }, worker)]);

    const { rows } = await admin.query<{ id: string }>("select id from event_history order by finished_at, id");
    expect(rows).to.have.length(ids.length);
    expect(seen).to.deep.equal(rows.map(({ id }) => id));
  });

  it("is not kept waiting by a vacuum, nor by who is connected and does nothing", async () => {
    const { admin, events, claim, read, readUntil } = await setup(5_000);
    const claims = await claim(1);
    const [idle, vacuum] = [await admin.connect(), await admin.connect()];
    const { rows } = await vacuum.query<{ pid: number }>("select pg_backend_pid() as pid");
    await vacuum.query("set vacuum_cost_delay = '100ms'; set vacuum_cost_limit = 1");
    const cleaning = vacuum.query("vacuum events").catch((error: unknown) => error);
    const running = async () =>
      (await admin.query("select from pg_stat_progress_vacuum where pid = $1", [rows[0]?.pid])).rowCount === 1;
    await until("it cleans", running);
    await realClock.sleep(LONG_MS);
    await events.finish(claims.map((one) => ({ claim: one, outcome: complete })));
    await realClock.sleep(LONG_MS);

    const seen = await read();
    const still = await running();
    await admin.query("select pg_cancel_backend($1)", [rows[0]?.pid]);
    await cleaning;
    idle.release();
    vacuum.release(true);

    expect([seen.length, still]).to.deep.equal([1, true]);
    expect(await readUntil(1)).to.have.length(1);
  });
});

function fail(): never {
  return expect.fail("it is not there");
}
