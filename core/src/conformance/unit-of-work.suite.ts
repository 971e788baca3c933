import { expect } from "chai";
import { SchedulingError } from "../errors.js";
import { finished } from "../events/life-cycle.js";
import type { Transaction } from "../ports/unit-of-work.js";
import { DAY, HOUR, MINUTE } from "../recurrence/wall.js";
import { aDestination, anAttempt, anEvent, aSchedule, aUser, TENANT } from "./fixtures.js";
import type { StoreHarness } from "./store-harness.js";
import { endOf, openScene, take, there, thrownBy } from "./store-scene.js";

type Scene = Awaited<ReturnType<typeof furnished>>;

const reply = { fingerprint: "POST", status: 201, headers: {}, body: "{}" };

/** One of everything that a tenant can have. */
async function furnished(harness: StoreHarness) {
  const scene = await openScene(harness);
  const { change, addSchedule, add, at, begun, finish, claimed } = scene;
  const schedule = await addSchedule({ key: "mine", labels: { team: "crm" } });
  const user = aUser({ scheduleId: schedule.id });
  const inline = aDestination({ inline: true });
  const unused = aDestination();
  const leading = anEvent(schedule, at(HOUR), { leads: true });
  const parked = anEvent(schedule, at(-HOUR), { parked: true });
  await add(leading, parked);
  await change(async ({ destinations, users, audit, idempotency }) => {
    for (const one of [inline, unused]) await destinations.add(one);
    await users.add(user);
    await audit.record({ action: "schedule.created", subject: schedule.id, actor: "ada", note: null });
    await idempotency.add({ ...reply, key: "mine", expiresAt: at(DAY) });
  });
  const tried = await begun(schedule);
  await finish(tried.claim, { state: "FAILED", reason: "rejected" }, anAttempt(tried));
  const { eventId: held } = await claimed(schedule);

  /** All that the tenant can see, by every method that reads. */
  const everything = () =>
    change(async ({ schedules, events, destinations, users, audit, idempotency }) => ({
      schedules: [
        ...[await schedules.list({ limit: 100 }), await schedules.get(schedule.id), await schedules.getByKey("mine")],
        ...(await schedules.knownKeys(["mine"])),
      ],
      events: [
        ...[await events.list({ limit: 100 }), await events.get(leading.id), await events.attempts(tried.event.id)],
        ...[await events.leader(schedule.id), await events.replannable(schedule.id)],
        ...(await events.upcoming([schedule.id])),
        ...[await events.lastSettled(schedule.id, "wall"), await events.lastSettled(schedule.id, "series")],
      ],
      destinations: [await destinations.list({ limit: 100 }), await destinations.findInline(inline)],
      users: [await users.list({ limit: 100 }), await users.get(user.id)],
      audit: await audit.list(schedule.id, 100),
      replies: [await idempotency.get("mine"), await idempotency.get("another")],
    }));
  return { ...scene, schedule, user, inline, unused, leading, parked, held, tried: tried.event, everything };
}

/** For every method of every store in a transaction: a stranger's call of it, with the names of another tenant's things. */
const STRANGER: {
  readonly [S in Exclude<keyof Transaction, "now">]: {
    readonly [M in keyof Transaction[S]]: (transaction: Transaction, theirs: Scene) => Promise<unknown>;
  };
} = {
  schedules: {
    add: ({ schedules }, { schedule }) => schedules.add([{ ...schedule, key: null, payload: "1" }]),
    get: ({ schedules }, { schedule }) => schedules.get(schedule.id),
    getByKey: ({ schedules }) => schedules.getByKey("mine"),
    knownKeys: async ({ schedules }) => [...(await schedules.knownKeys(["mine"]))],
    save: ({ schedules }, { schedule }) => schedules.save({ ...schedule, payload: "1", revision: 2 }),
    list: ({ schedules }, { destination }) => schedules.list({ limit: 100, destinationId: destination.id }),
  },
  events: {
    add: ({ events }, { schedule, at }) => events.add([anEvent(schedule, at(-2 * HOUR))]),
    get: ({ events }, { leading }) => events.get(leading.id),
    attempts: ({ events }, { tried }) => events.attempts(tried.id),
    sentBefore: async ({ events }, { tried }) => [...(await events.sentBefore(tried.id))],
    list: ({ events }, { schedule }) => events.list({ limit: 100, scheduleId: schedule.id }),
    leader: ({ events }, { schedule }) => events.leader(schedule.id),
    upcoming: async ({ events }, { schedule }) => [...(await events.upcoming([schedule.id]))],
    replannable: ({ events }, { schedule }) => events.replannable(schedule.id),
    lastSettled: ({ events }, { schedule }) => events.lastSettled(schedule.id, "wall"),
    replace: ({ events, now }, { tried }) => events.replace(finished(tried, "CANCELLED", now, "cancelled")),
    withdraw: ({ events }, { leading, held }) => events.withdraw([leading.id, held]),
    park: ({ events }, { schedule }) => events.park(schedule.id),
    unpark: ({ events }, { schedule }) => events.unpark(schedule.id),
  },
  destinations: {
    add: ({ destinations }, { unused }) => destinations.add({ ...unused, method: "PUT" }),
    get: ({ destinations }, { unused }) => destinations.get(unused.id),
    findInline: ({ destinations }, { inline }) => destinations.findInline(inline),
    save: ({ destinations }, { unused }) => destinations.save({ ...unused, method: "PUT", revision: 2 }),
    remove: async ({ destinations }, { unused, destination }) => {
      await destinations.remove(unused.id);
      await destinations.remove(destination.id); // the one in use: a conflict would tell the stranger that it is there
    },
    list: ({ destinations }) => destinations.list({ limit: 100 }),
  },
  users: {
    add: ({ users }, { user }) => users.add({ ...user, firstName: "Eve" }),
    get: ({ users }, { user }) => users.get(user.id),
    save: ({ users }, { user }) => users.save({ ...user, firstName: "Eve", revision: 2 }),
    remove: ({ users }, { user }) => users.remove(user.id),
    list: ({ users }) => users.list({ limit: 100 }),
  },
  audit: {
    record: ({ audit }, { schedule }) =>
      audit.record({ action: "schedule.forged", subject: schedule.id, actor: "eve", note: null }),
    list: ({ audit }, { schedule }) => audit.list(schedule.id, 100),
  },
  idempotency: {
    get: ({ idempotency }) => idempotency.get("mine"),
    add: ({ idempotency }, { at }) => idempotency.add({ ...reply, key: "mine", expiresAt: at(DAY) }),
  },
  ended: {
    settled: async ({ ended }) => void (await ended.settled()),
    page: async ({ ended, now }, { schedule }) => {
      const after = { finishedAt: new Date(0), id: "" };
      return (await ended.page({ limit: 100, after, before: now, scheduleId: schedule.id })).events;
    },
  },
  stats: {
    read: async ({ stats }) => {
      const { finished, open, destinations } = await stats.read();
      const counts = [...Object.values(finished.byState), open.pending, open.processing, destinations.enabled];
      return counts.filter((one) => (typeof one === "number" ? one : one.count) > 0);
    },
  },
};
/** What may be refused: the id is taken, or names nothing that is the stranger's. */
const REFUSED: ReadonlySet<string> = new Set(["add", "save", "replace"]);

/** The promises of `ports/unit-of-work.ts`. */
export function describeUnitOfWork(harness: StoreHarness): void {
  describe(`${harness.name} as a UnitOfWork`, () => {
    const setup = () => furnished(harness);

    afterEach(() => harness.close());

    describe("all or nothing", () => {
      /** Writes by every method that writes, so that everything that can be undone has to be. */
      const writeAll = async (transaction: Transaction, scene: Scene) => {
        const { schedules, events, destinations, users, audit, idempotency, now } = transaction;
        const { schedule, user, inline, unused, leading, held, tried, at } = scene;
        const added = aSchedule({ destinationId: inline.id, key: "another" });
        await schedules.add([added]);
        await events.add([anEvent(added, at(-HOUR), { leads: true })]);
        await schedules.save({ ...schedule, key: "renamed", revision: 2 });
        await events.unpark(schedule.id);
        await events.park(schedule.id);
        await events.replace(finished(there(await events.get(held)), "CANCELLED", now, "cancelled"));
        await events.replace({ ...tried, state: "PENDING", wakeAt: now });
        await events.withdraw([leading.id]);
        await destinations.add(aDestination());
        await destinations.save({ ...inline, method: "PUT", revision: 2 });
        await destinations.remove(unused.id);
        await users.add(aUser({ scheduleId: added.id }));
        await users.save({ ...user, firstName: "Eve", revision: 2 });
        await users.remove(user.id);
        await audit.record({ action: "schedule.changed", subject: schedule.id, actor: "ada", note: null });
        await idempotency.add({ ...reply, key: "another", expiresAt: at(DAY) });
      };

      it("answers what the work answers", async () => {
        const { change } = await setup();

        expect(await change(async () => "done")).to.equal("done");
      });

      it("keeps all that was written: schedule, first event and user (U1, I9)", async () => {
        const { change, at, destination } = await setup();
        const schedule = aSchedule({ destinationId: destination.id, key: "birthday" });
        const user = aUser({ scheduleId: schedule.id });
        const first = anEvent(schedule, at(HOUR), { leads: true });

        await change(async ({ schedules, events, users }) => {
          await schedules.add([schedule]);
          await events.add([first]);
          await users.add(user);
        });

        const found = await change(async ({ schedules, events, users }) => ({
          schedule: await schedules.getByKey("birthday"),
          user: await users.get(user.id),
          leader: (await events.leader(schedule.id))?.id,
        }));
        expect(found).to.deep.equal({ schedule, user, leader: first.id });
      });

      it("keeps nothing of what was written where the work throws (U1)", async () => {
        const scene = await setup();
        const before = await scene.everything();

        await thrownBy(
          scene.change(async (transaction) => {
            await writeAll(transaction, scene);
            throw new Error("changed my mind");
          }),
        );

        expect(await scene.everything()).to.deep.equal(before);
        const { claims } = await scene.claimDue(take);
        expect(claims, "what it had woken is not offered").to.deep.equal([]);
      });

      it("lets what was undone be done (U1)", async () => {
        const scene = await setup();
        await thrownBy(
          scene.change(async (transaction) => {
            await writeAll(transaction, scene);
            throw new Error("changed my mind");
          }),
        );

        await scene.change((transaction) => writeAll(transaction, scene));

        const [mine, renamed] = await scene.change(async ({ schedules }) => [
          await schedules.getByKey("mine"),
          await schedules.getByKey("renamed"),
        ]);
        expect(mine).to.equal(null);
        expect(renamed).to.include({ id: scene.schedule.id, revision: 2 });
      });

      it("throws what the work throws (U1)", async () => {
        const { change } = await setup();
        const bug = new TypeError("a bug");

        const thrown = await thrownBy(
          change(async () => {
            throw bug;
          }),
        );

        expect(thrown).to.equal(bug);
      });

      it("sees within a transaction what it has written", async () => {
        const { change, schedule, at } = await setup();
        const event = anEvent(schedule, at(5 * HOUR));

        const found = await change(async ({ schedules, events }) => {
          await schedules.save({ ...schedule, key: "renamed", revision: 2 });
          await events.add([event]);
          const of = await events.list({ scheduleId: schedule.id, dueFrom: event.dueAt, limit: 10 });
          return [(await schedules.getByKey("renamed"))?.revision, of[0]?.id];
        });

        expect(found).to.deep.equal([2, event.id]);
      });
    });

    describe("tenants", () => {
      for (const [store, methods] of Object.entries(STRANGER)) {
        for (const [method, call] of Object.entries(methods)) {
          it(`keeps ${store}.${method} to its own tenant (U2)`, async () => {
            const scene = await setup();
            const before = await scene.everything();

            const seen = await scene.store.unitOfWork
              .run("stranger", (transaction) => call(transaction, scene))
              .catch((error: unknown) => {
                expect(REFUSED.has(method), `refused: ${String(error)}`).to.equal(true);
                return null;
              });

            expect(seen ?? []).to.deep.equal([]);
            expect(await scene.everything()).to.deep.equal(before);
            expect(await scene.claim(), "nothing was woken or added").to.deep.equal([]);
          });
        }
      }

      it("lets two tenants have the same key (U2)", async () => {
        const { store, change, schedule } = await setup();
        const destination = aDestination({ tenant: "stranger" });
        const theirs = aSchedule({ tenant: "stranger", destinationId: destination.id, key: "mine" });

        const found = await store.unitOfWork.run("stranger", async ({ destinations, schedules }) => {
          await destinations.add(destination);
          await schedules.add([theirs]);
          return schedules.getByKey("mine");
        });

        expect(found).to.deep.equal(theirs);
        expect(await change(({ schedules }) => schedules.getByKey("mine"))).to.deep.equal(schedule);
      });

      it("writes everything into its own tenant, whatever the thing says (U2)", async () => {
        const { change, store, at } = await setup();
        const destination = aDestination({ tenant: "stranger" });
        const schedule = aSchedule({ tenant: "stranger", destinationId: destination.id });
        const event = anEvent(schedule, at(HOUR));
        const user = aUser({ tenant: "stranger", scheduleId: schedule.id });

        await change(async ({ destinations, schedules, events, users }) => {
          await destinations.add(destination);
          await schedules.add([schedule]);
          await events.add([event]);
          await users.add(user);
          await schedules.save({ ...schedule, revision: 2 });
        });

        const read = (tenant: string) =>
          store.unitOfWork.run(tenant, async ({ destinations, schedules, events, users }) => {
            const things = [await destinations.get(destination.id), await schedules.get(schedule.id)];
            return [...things, await events.get(event.id), await users.get(user.id)].map((one) => one?.tenant ?? null);
          });
        expect(await read(TENANT)).to.deep.equal([TENANT, TENANT, TENANT, TENANT]);
        expect(await read("stranger")).to.deep.equal([null, null, null, null]);
      });
    });

    describe("transactions at the same moment", () => {
      it("loses none of twenty changes that each build on the one before (U3)", async () => {
        const { change, schedule } = await setup();
        const count = () =>
          change(async ({ schedules }) => {
            const now = there(await schedules.get(schedule.id));
            const labels = { count: String(Number(now.labels["count"] ?? 0) + 1) };
            await schedules.save({ ...now, labels, revision: now.revision + 1 });
          });

        const ends = await Promise.all(Array.from({ length: 20 }, () => endOf(count())));

        const done = ends.filter((end) => end === "done").length;
        const after = there(await change(({ schedules }) => schedules.get(schedule.id)));
        expect(done).to.be.at.least(1);
        expect(after.labels).to.deep.equal({ count: String(done) });
        expect(after.revision).to.equal(done + 1);
      });

      it("does not both remove a destination and let a schedule use it (U3)", async () => {
        const { change } = await setup();
        for (let round = 0; round < 10; round++) {
          const destination = aDestination();
          const schedule = aSchedule({ destinationId: destination.id });
          await change(({ destinations }) => destinations.add(destination));
          const use = change(async ({ destinations, schedules }) => {
            if ((await destinations.get(destination.id)) !== null) await schedules.add([schedule]);
          });
          const remove = change(({ destinations }) => destinations.remove(destination.id));

          await Promise.all([endOf(use), endOf(remove)]);

          const [used, kept] = await change(async ({ destinations, schedules }) => [
            (await schedules.get(schedule.id)) !== null,
            (await destinations.get(destination.id)) !== null,
          ]);
          expect(kept, "kept, if it is used").to.equal(used);
        }
      });

      it("gives a series one leader where several are about to hand it on (U3, Q2)", async () => {
        const { change, schedule, leading, at } = await setup();
        const handOn = (hours: number) =>
          change(async ({ events, now }) => {
            const leader = await events.leader(schedule.id);
            if (leader?.id !== leading.id) return false;
            await events.replace(finished(leader, "CANCELLED", now, "cancelled"));
            await events.add([anEvent(schedule, at(hours * HOUR), { leads: true })]);
            return true;
          });

        const done: boolean[] = [];
        const one = async (hours: number) => done.push(await handOn(hours));
        const ends = await Promise.all([2, 3, 4, 5, 6].map((hours) => endOf(one(hours))));

        const list = await change(({ events }) => events.list({ scheduleId: schedule.id, limit: 100 }));
        expect(done.filter((yes) => yes)).to.have.length(1);
        expect(ends).to.include("done");
        expect(list.filter(({ leads }) => leads)).to.have.length(1);
      });

      it("ends in nothing worse than a conflict (U3)", async () => {
        const { change, schedule, user } = await setup();
        // Each writes two rows that all of them read, half of them the other way round.
        const both = (turn: number) =>
          change(async ({ schedules, users }) => {
            const [one, other] = [there(await schedules.get(schedule.id)), there(await users.get(user.id))];
            const save = [
              () => schedules.save({ ...one, revision: one.revision + 1 }),
              () => users.save({ ...other, revision: other.revision + 1 }),
            ];
            for (const write of turn % 2 === 0 ? save : save.reverse()) await write();
          });

        const errors = await Promise.all(Array.from({ length: 10 }, (_, turn) => thrownBy(both(turn))));

        const families = errors.map((error) => (error instanceof SchedulingError ? error.family : error));
        expect(new Set([...families, null, "conflict"])).to.deep.equal(new Set([null, "conflict"]));
        const [one, other] = await change(async ({ schedules, users }) => [
          (await schedules.get(schedule.id))?.revision,
          (await users.get(user.id))?.revision,
        ]);
        const done = errors.filter((error) => error === null).length;
        expect([one, other]).to.deep.equal([done + 1, done + 1]);
      });
    });

    describe("looking", () => {
      const look = (tenant: string, { store, schedule, user, unused, leading, tried }: Scene) =>
        store.unitOfWork.read(tenant, async ({ schedules, events, destinations, users }) => [
          ...[await schedules.get(schedule.id), await schedules.getByKey("mine"), await users.get(user.id)],
          ...[await destinations.get(unused.id), await events.get(leading.id), await events.get(tried.id)],
          ...(await events.attempts(tried.id)),
          ...(await events.upcoming([schedule.id])).values(),
        ]);

      it("sees what is committed, each time anew (U5)", async () => {
        const scene = await setup();
        const { change, schedule, user, unused, leading, tried } = scene;
        const names = (seen: readonly unknown[]) =>
          seen.map((one) =>
            one instanceof Date ? "due" : one !== null && typeof one === "object" && "id" in one ? one.id : "attempt",
          );

        expect(names(await look(TENANT, scene))).to.deep.equal([
          ...[schedule.id, schedule.id, user.id, unused.id, leading.id, tried.id, "attempt", "due"],
        ]);
        await change(({ destinations }) => destinations.save({ ...unused, method: "PUT", revision: 2 }));
        const again = await scene.store.unitOfWork.read(TENANT, ({ destinations }) => destinations.get(unused.id));
        expect(again?.method).to.equal("PUT");
      });

      it("sees nothing of another tenant (U2)", async () => {
        expect((await look("strange", await setup())).filter((one) => one !== null)).to.deep.equal([]);
      });

      it("throws what the work throws (U5)", async () => {
        const { store } = await setup();
        const error = new Error("enough");
        const thrown = await thrownBy(
          store.unitOfWork.read(TENANT, async () => {
            throw error;
          }),
        );
        expect(thrown).to.equal(error);
      });
    });

    describe("time", () => {
      it("is the store's own (U4)", async () => {
        const { store, change, advance } = await setup();
        const before = await store.now();
        const first = await change(async ({ now }) => now);
        await advance(MINUTE);
        const second = await change(async ({ now }) => now);

        expect(first).to.be.within(before, await store.now());
        expect(second.getTime() - first.getTime()).to.be.at.least(MINUTE);
      });

      it("stands still within one transaction, also for what it writes (U4)", async () => {
        const { change, advance, schedule, at, event } = await setup();
        const added = anEvent(schedule, at(3 * HOUR));

        const times = await change(async (transaction) => {
          const { events, audit, now } = transaction;
          await advance(HOUR);
          await events.add([added]);
          await audit.record({ action: "schedule.changed", subject: added.id, actor: "ada", note: null });
          return [now, transaction.now];
        });

        const [entry] = await change(({ audit }) => audit.list(added.id, 1));
        expect(times[1]).to.deep.equal(times[0]);
        expect((await event(added.id)).createdAt).to.deep.equal(times[0]);
        expect(entry?.at).to.deep.equal(times[0]);
      });
    });
  });
}
