import { type ClaimRef, Conflict } from "@punctual/core";
import { SeededRng } from "@punctual/core/memory";
import { expect } from "chai";
import { realClock } from "../support/clock.js";
import { seed } from "../support/seed.js";
import { LEASE_MS, migratedDatabase, openAdmin, openStores, take, until } from "../support/stores.js";

const EVENTS = 120;
const SCHEDULES = 4;
const FOR_MS = 2_000;

describe("eight writers of the same events", () => {
  const setup = async () => {
    const database = await migratedDatabase();
    const admin = openAdmin(database.url);
    // Looked for at once: of a deadlock that is waited out for a second there would be few.
    await admin.query(`alter database ${database.name} set deadlock_timeout = '5ms'`);
    const { scheduleIds, eventIds } = await seed(admin, { schedules: SCHEDULES, events: EVENTS });
    const stores = openStores(database.url, { poolSize: 16 });
    /** A session tells what it counted at its end. */
    const deadlocks = async () => {
      await stores.pool.end();
      await until("all sessions have ended", async () => {
        const { rows } = await admin.query(
          "select from pg_stat_activity where datname = current_database() and application_name = 'punctual'",
        );
        return rows.length === 0;
      });
      const { rows } = await admin.query<{ deadlocks: number }>(
        "select deadlocks from pg_stat_database where datname = current_database()",
      );
      return rows[0]?.deadlocks ?? 0;
    };
    return { ...stores, admin, scheduleIds, eventIds, deadlocks };
  };
  type Setup = Awaited<ReturnType<typeof setup>>;

  it("finish, extend, release and begin shuffled batches without one deadlock", async () => {
    const stores = await setup();
    const work = await writing(stores, FOR_MS, []);
    expect(await stores.deadlocks()).to.equal(0);
    expect(work.hot).to.be.greaterThan(100);
  });

  it("do so too while others cancel, pause, resume and edit", async () => {
    const stores = await setup();
    const work = await writing(stores, FOR_MS, [cancel, pause, resume, edit]);
    expect(await stores.deadlocks()).to.equal(0);
    expect(work.hot).to.be.greaterThan(100);
    expect(work.careful).to.be.greaterThan(20);
  });

  it("would be seen to lock each other out if their batches were in no order", async () => {
    const { deadlocks, eventIds, pool } = await setup();
    await Promise.all(
      [1, 2, 3, 4].map(async (seedOf) => {
        const rng = new SeededRng(seedOf);
        for (let round = 0; round < 20; round++) {
          const client = await pool.connect();
          await client.query("begin");
          try {
            for (const id of shuffled(eventIds, rng).slice(0, 10)) {
              await client.query("select from events where id = $1 for update", [id]);
            }
          } catch (error) {
            expect(error).to.have.property("code", "40P01");
          }
          await client.query("rollback");
          client.release();
        }
      }),
    );
    expect(await deadlocks()).to.be.greaterThan(0);
  });

  async function writing(
    stores: Setup,
    ms: number,
    callers: readonly ((stores: Setup, rng: SeededRng) => Promise<unknown>)[],
  ) {
    const end = performance.now() + ms;
    const done = { hot: 0, careful: 0 };
    let held: readonly ClaimRef[] = [];
    const writer = async (seedOf: number) => {
      const rng = new SeededRng(seedOf);
      const { events } = stores;
      const some = () => shuffled(held, rng).slice(0, 40);
      while (performance.now() < end) {
        const acts = [
          async () => events.begin(some(), LEASE_MS),
          async () => events.extend(some(), LEASE_MS),
          async () => events.release(some()),
          async () =>
            events.finish(
              some().map((claim) => ({ claim, outcome: { state: "PENDING", inMs: rng.next() < 0.5 ? 0 : null } })),
            ),
          async () => events.giveUp(some(), 1_000_000),
        ];
        const { claims } = await events.claimDue({ limit: 50, leaseMs: LEASE_MS }, take);
        held = [...held.slice(-2 * EVENTS), ...claims];
        await acts[Math.floor(rng.next() * acts.length)]?.();
        done.hot++;
      }
    };
    const caller = async (act: (typeof callers)[number], seedOf: number) => {
      const rng = new SeededRng(seedOf);
      while (performance.now() < end) {
        await act(stores, rng).catch((error: unknown) => {
          if (!(error instanceof Conflict)) throw error;
        });
        done.careful++;
        await realClock.sleep(5);
      }
    };
    await Promise.all([
      ...Array.from({ length: 8 }, async (_, n) => writer(n + 1)),
      ...callers.map(async (act, n) => caller(act, n + 100)),
    ]);
    return done;
  }

  const oneOf = <T>(things: readonly T[], rng: SeededRng): T => {
    const thing = things[Math.floor(rng.next() * things.length)];
    if (thing === undefined) throw new Error("There is none");
    return thing;
  };

  /** Cancels an event, and puts another in its place. */
  async function cancel({ change, eventIds }: Setup, rng: SeededRng): Promise<void> {
    const id = oneOf(eventIds, rng);
    await change(async ({ events, now }) => {
      const event = await events.get(id);
      if (event === null) return;
      const open = event.state === "PENDING" || event.state === "PROCESSING";
      await events.replace(
        open
          ? {
              ...event,
              state: "CANCELLED",
              reason: "cancelled",
              leads: false,
              wakeAt: null,
              begunAt: null,
              finishedAt: now,
            }
          : { ...event, state: "PENDING", reason: null, wakeAt: now, finishedAt: null, redrives: event.redrives + 1 },
      );
    });
  }

  async function pause(stores: Setup, rng: SeededRng): Promise<void> {
    await toggle(stores, oneOf(stores.scheduleIds, rng), "paused");
  }

  async function resume(stores: Setup, rng: SeededRng): Promise<void> {
    await toggle(stores, oneOf(stores.scheduleIds, rng), "active");
  }

  async function toggle({ change }: Setup, id: string, status: "paused" | "active"): Promise<void> {
    await change(async ({ schedules, events }) => {
      const schedule = await schedules.get(id);
      if (schedule === null) return;
      await schedules.save({ ...schedule, status, revision: schedule.revision + 1 });
      await (status === "paused" ? events.park(id) : events.unpark(id));
    });
  }

  /** Moves what may still be moved. */
  async function edit({ change, scheduleIds }: Setup, rng: SeededRng): Promise<void> {
    const id = oneOf(scheduleIds, rng);
    await change(async ({ schedules, events, now }) => {
      const schedule = await schedules.get(id);
      if (schedule === null) return;
      await schedules.save({
        ...schedule,
        type: `type.${Math.floor(rng.next() * 100)}`,
        revision: schedule.revision + 1,
      });
      const open = await events.replannable(id);
      for (const event of shuffled(open, rng).slice(0, 10)) {
        await events.replace({ ...event, state: "PENDING", begunAt: null, wakeAt: now, dueAt: now });
      }
    });
  }
});

function shuffled<T>(things: readonly T[], rng: SeededRng): readonly T[] {
  return things
    .map((thing) => [rng.next(), thing] as const)
    .sort(([a], [b]) => a - b)
    .map(([, thing]) => thing);
}
