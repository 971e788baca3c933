import { randomUUID } from "node:crypto";
import { Conflict, type NewEvent, type Schedule } from "@punctual/core";
import { expect } from "chai";
import { type AtCommit, Proxy } from "../support/proxy.js";
import { seed, states } from "../support/seed.js";
import { afterwards, allGivenBack, migratedDatabase, openAdmin, openStores, refusalOf } from "../support/stores.js";

const ROUNDS = 50;
/** Whoever sends the COMMIT cannot tell the two apart. */
const CUTS: readonly AtCommit[] = ["cut after", "cut before"];

describe("a commit of which nobody knows whether it went through", () => {
  const setup = async () => {
    const database = await migratedDatabase();
    const proxy = await Proxy.to(database.url);
    const admin = openAdmin(database.url);
    const stores = openStores(proxy.url, { poolSize: 3 });
    afterwards(async () => proxy.close());
    const cutting = async (round: number, work: () => Promise<unknown>) => {
      proxy.atCommit = CUTS[round % 2] ?? "pass";
      await refusalOf(work());
      proxy.atCommit = "pass";
      return CUTS[round % 2] === "cut after";
    };
    return { ...stores, admin, proxy, cutting };
  };

  it("leaves claims held or free, never twice", async () => {
    const stores = await setup();
    const { admin, claim, cutting } = stores;
    await seed(admin, { events: 2 * ROUNDS });

    for (let round = 0; round < ROUNDS; round++) {
      const before = (await states(admin)).PROCESSING ?? 0;
      const went = await cutting(round, async () => claim(2));
      expect((await states(admin)).PROCESSING ?? 0).to.equal(before + (went ? 2 : 0));
    }

    expect(await claim()).to.have.length(ROUNDS);
    await admin.query("update events set wake_at = now() - interval '1 second' where fence = 1");
    const again = await claim();
    expect(again.map(({ fence }) => fence)).to.deep.equal(Array.from({ length: 2 * ROUNDS }, () => 2));
    allGivenBack(stores);
  });

  it("hands a series on once", async () => {
    const stores = await setup();
    const { admin, events, cutting } = stores;
    const { scheduleIds } = await seed(admin, { events: ROUNDS });
    const { rows } = await admin.query<{ destination_id: string }>("select destination_id from schedules");
    const successor = (ordinal: number): NewEvent => ({
      ...{ id: randomUUID(), tenant: "main", scheduleId: scheduleIds[0] ?? "", type: "report.due", ordinal },
      ...{ destinationId: rows[0]?.destination_id ?? "", origin: "manual", key: `manual/${ordinal}` },
      local: { dateTime: "2030-01-01T00:00:00", timeZone: "Etc/UTC", offset: "+00:00", fold: 0 },
      ...{ note: null, dueAt: new Date("2030-01-01"), tzdata: "2026a", state: "PENDING", reason: null },
      ...{ leads: false, parked: false },
    });
    const successors = new Map(Array.from({ length: ROUNDS + 1 }, (_, ordinal) => [ordinal, successor(ordinal)]));
    const claim = async () =>
      events.claimDue({ limit: 1, leaseMs: 600_000 }, ({ event }) => {
        const next = successors.get(event.ordinal);
        return { verdict: { kind: "take" }, successors: next === undefined ? [] : [next] };
      });

    for (let round = 0; round < ROUNDS; round++) await cutting(round, claim);
    for (let round = 0; round < ROUNDS / 2; round++) await claim();

    const added = await admin.query("select ordinal from events where due_at = '2030-01-01' order by 1");
    expect(added.rows).to.deep.equal(Array.from({ length: ROUNDS }, (_, index) => ({ ordinal: index + 1 })));
    allGivenBack(stores);
  });

  it("leaves events finished or held, and a second report is told `lost` or has finished them", async () => {
    const stores = await setup();
    const { admin, claim, events, cutting } = stores;
    await seed(admin, { events: ROUNDS });
    const held = await claim();
    const { begun } = await events.begin(held, 600_000);

    for (const [round, { claim: ref, now, attemptNumber: number }] of begun.entries()) {
      const attempt = {
        number,
        startedAt: now,
        durationMs: 5,
        status: 200,
        error: null,
        detail: null,
        timings: null,
        responseExcerpt: null,
      };
      const finish = async () => events.finish([{ claim: ref, outcome: { state: "COMPLETED" }, attempt }]);
      const went = await cutting(round, finish);
      expect(await finish()).to.deep.equal({ lost: went ? [ref] : [] });
    }

    expect(await states(admin)).to.deep.equal({ COMPLETED: ROUNDS });
    const { rows } = await admin.query("select event_id from attempts");
    expect(new Set(rows.map(({ event_id }: { event_id: string }) => event_id)).size).to.equal(ROUNDS);
    expect(rows).to.have.length(ROUNDS);
    allGivenBack(stores);
  });

  it("leaves all of a unit of work or nothing, and the same again ends in a conflict or does it", async () => {
    const stores = await setup();
    const { admin, change, cutting } = stores;
    const { scheduleIds } = await seed(admin, { events: 1 });
    const get = async () => change(async ({ schedules }) => there(await schedules.get(scheduleIds[0] ?? "")));

    for (let round = 0; round < ROUNDS; round++) {
      const schedule = await get();
      const save = async () =>
        change(async ({ schedules, audit }) => {
          await schedules.save({ ...schedule, type: `round.${round}`, revision: schedule.revision + 1 });
          await audit.record({ subject: schedule.id, action: "change", actor: "test", note: `${round}` });
        });
      const went = await cutting(round, save);
      expect((await get()).revision).to.equal(schedule.revision + (went ? 1 : 0));
      const again = await save().catch((error: unknown) => error);
      if (went) expect(again).to.be.instanceOf(Conflict).with.property("code", "stale_revision");
      else expect(again).to.equal(undefined);
    }

    expect((await get()).revision).to.equal(1 + ROUNDS);
    const { rows } = await admin.query("select note from audit_log group by note");
    expect(rows).to.have.length(ROUNDS);
    allGivenBack(stores);
  });
});

function there(schedule: Schedule | null): Schedule {
  if (schedule === null) throw new Error("It is not there");
  return schedule;
}
