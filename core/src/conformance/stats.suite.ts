import { expect } from "chai";
import type { NewEvent } from "../events/event.js";
import { MOST_COUNTED, STATS_BACK_MS, STATS_MINUTES } from "../ports/stats.js";
import { DAY, HOUR, MINUTE, SECOND } from "../recurrence/wall.js";
import { aDestination, anAttempt, anEvent, TENANT } from "./fixtures.js";
import type { StoreHarness } from "./store-harness.js";
import { LEASE, openScene } from "./store-scene.js";

const none = { count: 0, atLeast: false };
const exactly = (count: number) => ({ count, atLeast: false });

/** The promises of `ports/stats.ts`. */
export function describeStats(harness: StoreHarness): void {
  describe(`${harness.name} as a StatsReader`, () => {
    const setup = async () => {
      const scene = await openScene(harness);
      const { store, at, add, schedule } = scene;
      return {
        ...scene,
        read: (tenant = TENANT) => store.unitOfWork.run(tenant, ({ stats }) => stats.read()),
        /** So many at once, with keys of their own. */
        addMany: (count: number, from: number, given: (index: number) => Partial<NewEvent> = () => ({})) =>
          add(...Array.from({ length: count }, (_, index) => anEvent(schedule, at(from + index), given(index)))),
      };
    };

    afterEach(() => harness.close());

    it("counts nothing where there is nothing, and tells the store's time", async () => {
      const { store, read } = await setup();

      const { at, ...rest } = await read("nobody");

      expect(Math.abs(at.getTime() - (await store.now()).getTime())).to.be.below(10 * SECOND);
      expect(rest).to.deep.equal({
        open: { pending: none, processing: none, parked: none, due: none, oldestDueAt: null },
        finished: {
          seconds: STATS_BACK_MS / 1_000,
          byState: { COMPLETED: 0, FAILED: 0, CANCELLED: 0, SKIPPED: 0 },
        },
        lateness: null,
        upcoming: { perMinute: Array.from({ length: STATS_MINUTES }, () => 0), atLeast: false },
        destinations: { enabled: none, disabled: none },
      });
    });

    it("counts what is open by what it waits for (M1)", async () => {
      const { add, at, claimed, begun, finish, addSchedule, read, advance, schedule } = await setup();
      await claimed();
      const tried = await begun();
      await finish(tried.claim, { state: "PENDING", inMs: DAY }, anAttempt(tried));
      const other = await addSchedule();
      await add(
        anEvent(schedule, at(-3 * MINUTE)),
        anEvent(schedule, at(-2 * MINUTE)),
        anEvent(schedule, at(DAY)),
        anEvent(other, at(-2 * DAY), { parked: true }),
      );

      const before = (await read()).open;
      await advance(LEASE);
      const after = (await read()).open;

      const waiting = { pending: exactly(5), processing: exactly(1), parked: exactly(1) };
      expect(before).to.deep.equal({ ...waiting, due: exactly(2), oldestDueAt: at(-3 * MINUTE) });
      // The claim was never heard of again; it had come due before the others.
      expect(after).to.deep.include({ ...waiting, due: exactly(3) });
      expect(+(after.oldestDueAt ?? 0)).to.be.below(+at(-3 * MINUTE));
    });

    it("counts what has ended within five minutes, by its state (M2)", async () => {
      const { add, at, begun, finish, claimed, cancel, read, advance, schedule } = await setup();
      const skipped = (ms: number) => anEvent(schedule, at(ms), { state: "SKIPPED", reason: "missed" });
      await add(skipped(-DAY));
      await advance(STATS_BACK_MS + SECOND);
      await add(skipped(-2 * DAY), skipped(-3 * DAY));
      const done = await begun();
      await finish(done.claim, { state: "COMPLETED" }, anAttempt(done), 20);
      const failed = await begun();
      await finish(failed.claim, { state: "FAILED", reason: "rejected" }, anAttempt(failed), 7);
      await cancel((await claimed()).eventId);

      const { finished } = await read();

      expect(finished).to.deep.equal({
        seconds: STATS_BACK_MS / 1_000,
        byState: { COMPLETED: 1, FAILED: 1, CANCELLED: 1, SKIPPED: 2 },
      });
    });

    it("tells the lateness of the completed ones among them (M3)", async () => {
      const { addDue, takeDue, events, begun, finish, read } = await setup();
      await addDue(200);
      const { begun: all } = await takeDue();
      await events.finish(
        all.map((one, index) => ({
          claim: one.claim,
          outcome: { state: "COMPLETED" },
          attempt: anAttempt(one),
          latenessMs: (index * 7) % 200,
        })),
      );
      const failed = await begun();
      await finish(failed.claim, { state: "FAILED", reason: "rejected" }, anAttempt(failed), 9_999);

      expect((await read()).lateness).to.deep.equal({ p50Ms: 99, p95Ms: 189, p99Ms: 197, maxMs: 199 });
    });

    it("counts by the minute what is due within the hour, and nothing that is due already or parked (M4)", async () => {
      const { store, add, read, schedule } = await setup();
      const now = (await store.now()).getTime();
      const in_ = (ms: number, given: Partial<NewEvent> = {}) => anEvent(schedule, new Date(now + ms), given);
      await add(
        ...[in_(-SECOND), in_(30 * SECOND), in_(31 * SECOND), in_(150 * SECOND), in_(60 * MINUTE - SECOND)],
        ...[in_(61 * MINUTE), in_(32 * SECOND, { parked: true }), in_(HOUR * 5)],
      );

      const { upcoming } = await read();

      const expected = Array.from({ length: STATS_MINUTES }, () => 0);
      [expected[0], expected[2], expected[59]] = [2, 1, 1];
      expect(upcoming).to.deep.equal({ perMinute: expected, atLeast: false });
    });

    it("looks at so many open events and no more, and says so (M1, M4, M5)", async () => {
      const { addMany, read } = await setup();
      await addMany(MOST_COUNTED - 1, 2 * MINUTE);
      const { open: below, upcoming: all } = await read();
      await addMany(500, 20 * MINUTE);
      const { open, upcoming } = await read();

      expect(below.pending).to.deep.equal(exactly(MOST_COUNTED - 1));
      expect([all.perMinute.length, all.atLeast]).to.deep.equal([STATS_MINUTES, false]);
      expect(open.pending).to.deep.equal({ count: MOST_COUNTED, atLeast: true });
      expect(open.due, "the earliest are looked at").to.deep.equal(none);
      expect(upcoming.atLeast).to.equal(true);
      expect(upcoming.perMinute.length).to.be.within(19, 20);
      expect(upcoming.perMinute.reduce((sum, count) => sum + count)).to.equal(MOST_COUNTED);
    });

    it("gives the time that the latest ends took, where there were too many in five minutes (M2, M5)", async () => {
      const { addMany, read, advance } = await setup();
      const skipped = () => ({ state: "SKIPPED", reason: "missed" }) as const;
      await addMany(MOST_COUNTED - 1_000, -DAY, skipped);
      await advance(100 * SECOND);
      await addMany(2_000, -2 * DAY, skipped);
      await advance(20 * SECOND);

      const { finished } = await read();

      expect(finished.byState).to.deep.include({ SKIPPED: MOST_COUNTED, COMPLETED: 0 });
      expect(finished.seconds).to.be.within(119, 140);
    });

    it("counts destinations, and nothing of another tenant", async () => {
      const { change, addDue, claimed, cancel, read } = await setup();
      await addDue(3);
      await cancel((await claimed()).eventId);
      await change(async ({ destinations }) => {
        for (let n = 0; n < 2; n++) {
          await destinations.add(aDestination({ enabled: false, disabledBecause: "by_hand" }));
        }
      });

      const own = await read();
      const other = await read("other");

      expect(own.destinations).to.deep.equal({ enabled: exactly(1), disabled: exactly(2) });
      expect([own.finished.byState.CANCELLED, own.open.processing.count]).to.deep.equal([1, 3]);
      expect(other.destinations).to.deep.equal({ enabled: none, disabled: none });
      expect([other.finished.byState.CANCELLED, other.open]).to.deep.equal([
        0,
        { pending: none, processing: none, parked: none, due: none, oldestDueAt: null },
      ]);
    });
  });
}
