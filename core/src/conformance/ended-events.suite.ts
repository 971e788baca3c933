import { expect } from "chai";
import type { ScheduledEvent } from "../events/event.js";
import { finished, redriven } from "../events/life-cycle.js";
import type { EndedPage, EndedQuery, EndPlace } from "../ports/ended-events.js";
import { HOUR, MINUTE, SECOND } from "../recurrence/wall.js";
import { FollowEnded } from "../usecases/follow-ended.js";
import { aDestination, anAttempt, anEvent, aSchedule, TENANT } from "./fixtures.js";
import type { StoreHarness } from "./store-harness.js";
import { headStart, idsOf, openScene, there } from "./store-scene.js";

const FIRST: EndPlace = { finishedAt: new Date(0), id: "" };

/** The promises of `ports/ended-events.ts`. */
export function describeEndedEvents(harness: StoreHarness): void {
  describe(`${harness.name} as EndedEvents`, () => {
    const setup = async () => {
      const scene = await openScene(harness);
      const { store, addDue, cancel, advance } = scene;
      const follow = new FollowEnded(store);
      const next = (query: Partial<EndedQuery> = {}, tenant = TENANT) =>
        follow.next({ tenant, limit: 100, after: FIRST, ...query });
      /** All that has ended by now, page by page; `between` happens behind each page. */
      const all = async (
        query: Partial<EndedQuery> = {},
        between: (page: EndedPage) => Promise<unknown> = async () => undefined,
      ): Promise<readonly ScheduledEvent[]> => {
        await advance(MINUTE);
        const seen: ScheduledEvent[] = [];
        let after = query.after ?? FIRST;
        for (let pages = 0; pages < 50; pages++) {
          const page = await next({ ...query, after });
          seen.push(...page.events);
          after = page.place;
          if (page.complete) break;
          await between(page);
        }
        return seen;
      };
      /** Ends so many, each in a transaction of its own, in an order that is not that of their due times. */
      const end = async (count: number) => {
        const ids = idsOf(await addDue(count)).reverse();
        for (const id of ids) await cancel(id);
        return ids;
      };
      return { ...scene, next, all, end };
    };

    afterEach(() => harness.close());

    it("runs in the order in which events have ended (F1)", async () => {
      const { all, end, advance } = await setup();
      const ended: string[] = [];
      for (let turn = 0; turn < 3; turn++) {
        await advance(SECOND);
        ended.push(...(await end(1)));
      }

      expect(idsOf(await all())).to.deep.equal(ended);
    });

    it("goes on behind the page before, also in the middle of those that ended at one time (F1)", async () => {
      const { all, addDue, change, end, advance } = await setup();
      await end(2);
      await advance(SECOND);
      const together = idsOf(await addDue(5));
      await change(async ({ events, now }) => {
        for (const id of together) {
          await events.replace(finished(there(await events.get(id)), "CANCELLED", now, "cancelled"));
        }
      });
      await advance(SECOND);
      await end(2);

      const whole = await all();
      const inOrder = [...whole].sort(
        (one, other) => +there(one.finishedAt) - +there(other.finishedAt) || (one.id < other.id ? -1 : 1),
      );
      expect(whole).to.have.length(9).and.to.deep.equal(inOrder);
      for (const limit of [1, 2, 3, 4, 9]) expect(idsOf(await all({ limit }))).to.deep.equal(idsOf(whole));
    });

    it("has each end once while more is ended (F1)", async () => {
      const { all, end, advance } = await setup();
      const before = await end(5);
      const later: string[] = [];

      const seen = await all({ limit: 2 }, async () => {
        if (later.length >= 4) return;
        later.push(...(await end(2)));
        await advance(MINUTE);
      });

      expect(idsOf(seen).sort()).to.deep.equal([...before, ...later].sort());
    });

    it("passes over nothing that took longer to end than what ended after it (F2)", async () => {
      const { store, all, next, addDue, cancel, change, advance } = await setup();
      const [slow, quick, last] = idsOf(await addDue(3));
      let meanwhile: Promise<EndedPage> | undefined;
      const others = async () => {
        await cancel(there(quick));
        await advance(MINUTE);
        return next();
      };

      await change(async ({ events, now }) => {
        await events.replace(finished(there(await events.get(there(slow))), "CANCELLED", now, "cancelled"));
        meanwhile ??= others();
        for (let turn = 0; turn < 10; turn++) await headStart(store);
      });
      const first = there(await meanwhile);
      await cancel(there(last));
      const rest = await all({ after: first.place });

      expect([...idsOf(first.events), ...idsOf(rest)].sort()).to.deep.equal([slow, quick, last].sort());
    });

    it("has nothing that ended at the given instant or later, and goes on from there (F3)", async () => {
      const { end, all, next, advance } = await setup();
      const [first] = await end(1);
      await advance(SECOND);
      const [second] = await end(1);
      const [one, two] = await all();
      const before = there(there(two).finishedAt);

      const page = await next({ before });

      expect([idsOf(page.events), page.complete]).to.deep.equal([[first], true]);
      expect(page.place).to.deep.equal({ finishedAt: before, id: "" });
      expect(one?.id).to.equal(first);
      expect(idsOf(await all({ after: page.place }))).to.deep.equal([second]);
    });

    it("says of a page whether it is all, and never goes back (F3)", async () => {
      const { end, next, advance } = await setup();
      await end(3);
      await advance(MINUTE);

      const part = await next({ limit: 2 });
      const rest = await next({ limit: 2, after: part.place });
      const none = await next({ after: rest.place, before: there(part.events[0]?.finishedAt) });

      expect([part.events.length, part.complete]).to.deep.equal([2, false]);
      expect([rest.events.length, rest.complete]).to.deep.equal([1, true]);
      expect(none).to.deep.include({ events: [], place: rest.place, complete: true });
    });

    it("does not have what is redriven until it ends again (F4)", async () => {
      const { all, begun, finish, replace, cancel, advance } = await setup();
      const one = await begun();
      await finish(one.claim, { state: "FAILED", reason: "rejected" }, anAttempt(one, { status: 400 }));
      const [failed] = await all();
      const after = { finishedAt: there(failed?.finishedAt), id: one.event.id };

      await replace(one.event.id, redriven);
      const waiting = await all();
      await advance(SECOND);
      await cancel(one.event.id);

      expect(failed).to.include({ id: one.event.id, state: "FAILED" });
      expect(waiting).to.deep.equal([]);
      expect((await all({ after })).map(({ id, state }) => [id, state])).to.deep.equal([[one.event.id, "CANCELLED"]]);
    });

    it("gives events as they are", async () => {
      const { all, begun, finish, event, claimed } = await setup();
      const one = await begun();
      await claimed();
      await finish(one.claim, { state: "COMPLETED" }, anAttempt(one), 1_234.5);

      expect(await all()).to.deep.equal([await event(one.event.id)]);
    });

    it("has nothing of another tenant", async () => {
      const { store, end, all, next } = await setup();
      const own = await end(1);
      await store.unitOfWork.run("other", async ({ destinations, schedules, events, now }) => {
        const destination = aDestination({ tenant: "other" });
        const schedule = aSchedule({ tenant: "other", destinationId: destination.id });
        await destinations.add(destination);
        await schedules.add([schedule]);
        await events.add([anEvent(schedule, now, { state: "SKIPPED", reason: "missed" })]);
      });

      expect(idsOf(await all())).to.deep.equal(own);
      expect((await next({}, "other")).events.map(({ tenant }) => tenant)).to.deep.equal(["other"]);
      expect((await next({}, "third")).events).to.deep.equal([]);
    });

    it("keeps to what is asked for, and goes on behind all of it (F3)", async () => {
      const { all, next, add, at, begun, finish, addSchedule, destination, schedule, advance } = await setup();
      const other = await addSchedule();
      const done = await begun();
      await finish(done.claim, { state: "COMPLETED" }, anAttempt(done), 20);
      const failed = await begun(other);
      await finish(failed.claim, { state: "FAILED", reason: "rejected" }, anAttempt(failed));
      const skipped = anEvent(schedule, at(-HOUR), { state: "SKIPPED", reason: "missed" });
      await add(skipped);
      const names: Readonly<Record<string, string>> = {
        ...{ [done.event.id]: "done", [failed.event.id]: "failed", [skipped.id]: "skipped" },
      };
      const found = async (query: Partial<EndedQuery>) =>
        idsOf(await all(query))
          .map((id) => names[id] ?? id)
          .sort();

      expect(await found({ states: ["COMPLETED", "SKIPPED"] })).to.deep.equal(["done", "skipped"]);
      expect(await found({ states: [] })).to.deep.equal([]);
      expect(await found({ scheduleId: other.id })).to.deep.equal(["failed"]);
      expect(await found({ destinationId: destination.id })).to.deep.equal(["done", "failed", "skipped"]);
      expect(await found({ scheduleId: schedule.id, states: ["SKIPPED"] })).to.deep.equal(["skipped"]);
      expect(await found({ scheduleId: "no-id" })).to.deep.equal([]);
      expect(await found({ destinationId: "no-id" })).to.deep.equal([]);
      await advance(MINUTE);
      const nothing = await next({ states: ["CANCELLED"] });
      expect(nothing).to.deep.include({ events: [], complete: true, place: { finishedAt: nothing.before, id: "" } });
    });
  });
}
