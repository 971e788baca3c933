import { expect } from "chai";
import { eventFrom } from "../events/event.js";
import { moved, redriven } from "../events/life-cycle.js";
import type { EventQuery } from "../ports/event-records.js";
import { wallKey } from "../recurrence/occurrence.js";
import { DAY, HOUR, MINUTE, SECOND } from "../recurrence/wall.js";
import { anAttempt, anEvent, anId } from "./fixtures.js";
import { itNeeds, type StoreHarness } from "./store-harness.js";
import { endOf, headStart, idsOf, LEASE, openScene, there, thrownBy } from "./store-scene.js";

/** The promises of `ports/event-records.ts`. */
export function describeEventRecords(harness: StoreHarness): void {
  describe(`${harness.name} as EventRecords`, () => {
    const setup = async () => {
      const scene = await openScene(harness);
      const { change, schedule } = scene;
      return {
        ...scene,
        list: async (query: Partial<EventQuery> = {}) =>
          idsOf(await change(({ events }) => events.list({ limit: 100, ...query }))),
        leader: async () => (await change(({ events }) => events.leader(schedule.id)))?.id ?? null,
        replannable: async () => idsOf(await change(({ events }) => events.replannable(schedule.id))),
        lastSettled: async (order: "series" | "wall" = "wall") =>
          (await change(({ events }) => events.lastSettled(schedule.id, order)))?.id ?? null,
        withdraw: (...ids: string[]) => change(({ events }) => events.withdraw(ids)),
        park: () => change(({ events }) => events.park(schedule.id)),
        unpark: () => change(({ events }) => events.unpark(schedule.id)),
      };
    };

    const itFails = itNeeds(harness, "failpoints");

    afterEach(() => harness.close());

    describe("adding", () => {
      it("gives back what was added, waiting for its due time", async () => {
        const { change, event, at, schedule } = await setup();
        const note = "gap" as const;
        const local = {
          dateTime: "2026-03-29T03:30:00",
          timeZone: "Europe/Berlin",
          offset: "+02:00",
          fold: 1,
        } as const;
        const added = anEvent(schedule, at(HOUR), { leads: true, ordinal: 7, note, local, tzdata: "2026c" });

        const now = await change(async (transaction) => {
          await transaction.events.add([added]);
          return transaction.now;
        });

        expect(await event(added.id)).to.deep.equal(eventFrom(added, now));
      });

      it("adds many at once, those recorded as skipped and those parked among them", async () => {
        const { add, event, at, claim, schedule } = await setup();
        const skipped = anEvent(schedule, at(-HOUR), { state: "SKIPPED", reason: "missed" });
        const parked = anEvent(schedule, at(-MINUTE), { parked: true });
        const manual = anEvent(schedule, at(-SECOND), { origin: "manual", key: `manual/${anId()}`, ordinal: 0 });
        await add(skipped, parked, manual);

        expect(await event(skipped.id)).to.include({ state: "SKIPPED", reason: "missed", wakeAt: null });
        expect(await event(parked.id)).to.include({ state: "PENDING", wakeAt: null });
        expect(idsOf(await claim())).to.deep.equal([manual.id]);
      });

      it("knows nothing of what can be no id", async () => {
        const { change, list } = await setup();

        const found = await change(async ({ events }) => {
          await events.withdraw(["no-id"]);
          return [await events.get("no-id"), await events.attempts("no-id")];
        });

        expect(found).to.deep.equal([null, []]);
        expect(await list({ scheduleId: "no-id" })).to.deep.equal([]);
        expect(await list({ destinationId: "no-id" })).to.deep.equal([]);
        expect(await list({ type: "no\0type" })).to.deep.equal([]);
      });

      itFails("raises none that is just being finished (Q1)", async () => {
        const { store, begun, finish, add, schedule, list, claim, advance } = await setup();
        const one = await begun();
        const again = anEvent(schedule, one.event.dueAt, { key: one.event.key });
        let added: Promise<unknown> | undefined;
        store.failpoints.arm("finish.before_commit", async () => {
          added ??= thrownBy(add(again));
          await headStart(store);
        });

        await finish(one.claim, { state: "COMPLETED" }, anAttempt(one));
        await added;

        store.failpoints.disarm("finish.before_commit");
        await advance(DAY);
        expect(again.id).to.equal(one.event.id);
        expect(await list()).to.deep.equal([one.event.id]);
        expect(await claim()).to.deep.equal([]);
      });

      it("knows nothing of an id that was never added", async () => {
        const { change } = await setup();

        const found = await change(async ({ events }) => [await events.get(anId()), await events.attempts(anId())]);

        expect(found).to.deep.equal([null, []]);
      });

      it("keeps the first of two with one id (Q1)", async () => {
        const { add, event, at, list, schedule } = await setup();
        const first = anEvent(schedule, at(HOUR));
        await add(first, { ...first, type: "other.type" });

        await add({ ...first, dueAt: at(2 * HOUR) });

        expect(await event(first.id)).to.deep.include({ type: first.type, dueAt: first.dueAt });
        expect(await list()).to.deep.equal([first.id]);
      });

      it("keeps the first of two that are added at the same moment (Q1)", async () => {
        const { add, at, list, schedule } = await setup();
        const event = anEvent(schedule, at(HOUR), { leads: true });

        await Promise.all(Array.from({ length: 10 }, () => add(event)));

        expect(await list()).to.deep.equal([event.id]);
      });

      it("raises none that is claimed or has ended (Q1)", async () => {
        const { add, claimed, finish, begun, event, claim, addDue } = await setup();
        const [due] = await addDue(1);
        await claim();
        const { claim: held, ...one } = await begun();
        await finish(held, { state: "COMPLETED" }, anAttempt({ claim: held, ...one }));
        const cancelled = await claimed();
        await finish(cancelled, { state: "CANCELLED", reason: "cancelled" });
        const ids = [there(due).id, held.eventId, cancelled.eventId];
        const before = await Promise.all(ids.map(event));

        await add(...before.map(({ id, key, dueAt }) => ({ ...there(due), id, key, dueAt })));

        expect(await Promise.all(ids.map(event))).to.deep.equal(before);
        expect(await claim()).to.deep.equal([]);
      });
    });

    describe("the leader of a series", () => {
      const two = async () => {
        const scene = await setup();
        const { add, at, schedule } = scene;
        const [first, second] = [anEvent(schedule, at(HOUR), { leads: true }), anEvent(schedule, at(2 * HOUR))];
        await add(first, second);
        return { ...scene, first, second };
      };

      it("is the one event that leads, if there is one", async () => {
        const { leader, first, cancel } = await two();

        expect(await leader()).to.equal(first.id);
        await cancel(first.id);
        expect(await leader()).to.equal(null);
      });

      it("is not given a second one beside it, and nothing of that transaction stays (Q2)", async () => {
        const { add, at, leader, list, schedule, first, second } = await two();
        const third = anEvent(schedule, at(3 * HOUR));
        const rival = anEvent(schedule, at(4 * HOUR), { leads: true });

        expect(await endOf(add(third, rival))).to.equal("series_moved");

        expect(await leader()).to.equal(first.id);
        expect(await list()).to.deep.equal([first.id, second.id]);
      });

      it("is not given a second one by a change either (Q2)", async () => {
        const { replace, leader, first, second } = await two();

        expect(await endOf(replace(second.id, (event) => ({ ...event, leads: true })))).to.equal("series_moved");

        expect(await leader()).to.equal(first.id);
      });

      it("is one of ten that are added at the same moment (Q2)", async () => {
        const { add, at, change, addSchedule } = await setup();
        const schedule = await addSchedule();
        const rivals = Array.from({ length: 10 }, (_, index) => anEvent(schedule, at(index * HOUR), { leads: true }));

        const ends = await Promise.all(rivals.map((rival) => endOf(add(rival))));

        expect(ends.sort()).to.deep.equal(["done", ...Array.from({ length: 9 }, () => "series_moved")]);
        const added = await change(({ events }) => events.list({ scheduleId: schedule.id, limit: 100 }));
        expect(added.map(({ leads }) => leads)).to.deep.equal([true]);
      });

      it("hands on to the next within one transaction (Q2)", async () => {
        const { change, leader, first, at, schedule } = await two();
        const next = anEvent(schedule, at(3 * HOUR), { leads: true });

        await change(async ({ events }) => {
          await events.replace({ ...there(await events.get(first.id)), leads: false });
          await events.add([next]);
        });

        expect(await leader()).to.equal(next.id);
      });

      it("leaves room when it has ended or was withdrawn (Q2)", async () => {
        const { add, at, cancel, withdraw, leader, schedule, first } = await two();
        const later = [3, 4].map((hours) => anEvent(schedule, at(hours * HOUR), { leads: true }));
        await cancel(first.id);

        await add(there(later[0]));
        await withdraw(there(later[0]).id);
        await add(there(later[1]));

        expect(await leader()).to.equal(later[1]?.id);
      });
    });

    describe("changing", () => {
      it("writes over an event, and its fence never goes back", async () => {
        const { claimed, move, event, claim, at } = await setup();
        const { eventId, fence } = await claimed();

        await move(eventId, at(-MINUTE));

        expect(await event(eventId)).to.deep.include({
          ...{ state: "PENDING", dueAt: at(-MINUTE), wakeAt: at(-MINUTE), pinned: true },
        });
        expect((await claim())[0]?.fence).to.be.above(fence);
      });

      it("refuses to change what is not there", async () => {
        const { replace, claimed, event, change } = await setup();
        const { eventId } = await claimed();
        const unknown = { ...(await event(eventId)), id: anId() };

        const failure = await thrownBy(change(({ events }) => events.replace(unknown)));

        expect(failure).to.include({ family: "missing", code: "event_not_found" });
        expect(await thrownBy(replace(eventId, (one) => one))).to.equal(null);
      });

      it("leaves an event alone whose attempt is under way (Q3)", async () => {
        const { begun, cancel, move, withdraw, park, unpark, event, at, events, advance } = await setup();
        const { claim, event: before } = await begun();

        expect(await endOf(cancel(claim.eventId))).to.equal("in_flight");
        expect(await endOf(move(claim.eventId, at(DAY)))).to.equal("in_flight");
        await withdraw(claim.eventId);
        await park();
        await unpark();
        expect(await event(claim.eventId)).to.deep.equal(before);

        await events.extend([claim], 3 * LEASE);
        await advance(2 * LEASE);
        expect(await endOf(cancel(claim.eventId)), "when it was extended").to.equal("in_flight");
      });

      it("changes an event whose attempt was never reported, and records it as unknown (Q3)", async () => {
        const { begun, cancel, advance, event, attempts, finish } = await setup();
        const one = await begun();
        await advance(LEASE);

        await cancel(one.event.id);

        expect(await event(one.event.id)).to.include({ state: "CANCELLED", begunAt: null });
        const recorded = (await attempts(one.event.id)).map(({ number, error }) => [number, error]);
        expect(recorded).to.deep.equal([[1, "unknown"]]);
        const { lost } = await finish(one.claim, { state: "COMPLETED" }, anAttempt(one));
        expect(lost).to.deep.equal([one.claim]);
      });

      it("makes a claim void that has not begun (Q3)", async () => {
        const { claimed, cancel, move, park, begin, finish, events, at } = await setup();
        const [cancelled, moves, parked] = [await claimed(), await claimed(), await claimed()];
        await cancel(cancelled.eventId);
        await move(moves.eventId, at(HOUR));
        await park();

        for (const claim of [cancelled, moves, parked]) {
          expect((await begin(claim)).lost).to.deep.equal([claim]);
          expect((await events.extend([claim], HOUR)).lost).to.deep.equal([claim]);
          expect((await finish(claim, { state: "COMPLETED" })).lost).to.deep.equal([claim]);
        }
      });

      it("takes a finished event back to live, with what was recorded of it, when it is redriven", async () => {
        const { begun, finish, replace, event, attempts, list } = await setup();
        const one = await begun();
        const attempt = anAttempt(one, { status: 400 });
        await finish(one.claim, { state: "FAILED", reason: "rejected" }, attempt, 20);

        await replace(one.event.id, redriven);

        const waiting = { state: "PENDING", reason: null, attempt: 0, redrives: 1, content: null, finishedAt: null };
        expect(await event(one.event.id)).to.deep.include({ ...waiting, fence: 1, latenessMs: 20 });
        expect(await attempts(one.event.id)).to.deep.equal([attempt]);
        expect(await list()).to.deep.equal([one.event.id]);
      });

      it("keeps with its attempts what an event has sent, when a redrive has it rendered anew (Q6)", async () => {
        const { begun, finish, replace, edit, takeDue, sentBefore, schedule } = await setup();
        const first = await begun();
        const failed = { state: "FAILED", reason: "rejected" } as const;
        await finish(first.claim, failed, anAttempt(first, { status: 400 }));
        expect([...(await sentBefore(first.event.id))]).to.deep.equal([]);

        await edit({ payload: '{"edited":1}' });
        await replace(first.event.id, redriven);
        const second = there((await takeDue()).begun[0]);
        await finish(second.claim, failed, anAttempt(second));
        await edit({ payload: '{"edited":2}' });
        await replace(first.event.id, redriven);

        const content = { type: schedule.type, subject: null };
        expect([...(await sentBefore(first.event.id))].sort()).to.deep.equal([
          [1, { ...content, payload: schedule.payload }],
          [2, { ...content, payload: '{"edited":1}' }],
        ]);
      });

      it("withdraws what was only foreseen, so that it may be added again", async () => {
        const { add, at, withdraw, list, schedule } = await setup();
        const [gone, kept] = [anEvent(schedule, at(HOUR)), anEvent(schedule, at(2 * HOUR))];
        await add(gone, kept);

        await withdraw(gone.id, anId());
        const left = await list();
        await add(gone);

        expect(left).to.deep.equal([kept.id]);
        expect(await list()).to.deep.equal([gone.id, kept.id]);
      });

      it("does not withdraw what was tried, has ended or was moved by hand", async () => {
        const { begun, claimed, finish, cancel, move, withdraw, list, at } = await setup();
        const tried = await begun();
        await finish(tried.claim, { state: "PENDING", inMs: HOUR }, anAttempt(tried));
        const [ended, pinned] = [await claimed(), await claimed()];
        await cancel(ended.eventId);
        await move(pinned.eventId, at(HOUR));

        await withdraw(tried.event.id, ended.eventId, pinned.eventId);

        expect(await list()).to.have.members([tried.event.id, ended.eventId, pinned.eventId]);
      });
    });

    describe("what is upcoming", () => {
      const upcoming = async (scene: Awaited<ReturnType<typeof setup>>, ...ids: readonly string[]) =>
        scene.change(({ events }) => events.upcoming(ids));

      it("is the earliest of each schedule's open events (Q7)", async () => {
        const scene = await setup();
        const { add, at, addSchedule, schedule } = scene;
        const [other, unasked, idle] = [await addSchedule(), await addSchedule(), await addSchedule()];
        await add(anEvent(schedule, at(3 * HOUR)), anEvent(schedule, at(HOUR)), anEvent(schedule, at(2 * HOUR)));
        await add(anEvent(other, at(5 * HOUR)), anEvent(unasked, at(4 * HOUR)));

        const found = await upcoming(scene, schedule.id, idle.id, other.id, schedule.id, anId(), "no id");

        const expected = [
          [schedule.id, at(HOUR)],
          [other.id, at(5 * HOUR)],
        ] as const;
        expect([...found].sort()).to.deep.equal([...expected].sort());
        expect([...(await upcoming(scene))]).to.deep.equal([]);
      });

      it("is none where all has ended (Q7)", async () => {
        const scene = await setup();
        const { begun, finish, claimed, cancel, add, at, schedule } = scene;
        const done = await begun();
        await finish(done.claim, { state: "COMPLETED" }, anAttempt(done));
        await cancel((await claimed()).eventId);
        await add(anEvent(schedule, at(-HOUR), { state: "SKIPPED", reason: "missed" }));

        expect([...(await upcoming(scene, schedule.id))]).to.deep.equal([]);
      });

      it("is nothing that anything but the rule has made (Q7)", async () => {
        const scene = await setup();
        const { add, at, schedule } = scene;
        await add(
          anEvent(schedule, at(HOUR), { origin: "manual", key: `manual/${anId()}` }),
          anEvent(schedule, at(2 * HOUR), { origin: "callback", key: `callback/${anId()}` }),
        );
        const without = await upcoming(scene, schedule.id);
        await add(anEvent(schedule, at(3 * HOUR)));

        expect([...without]).to.deep.equal([]);
        expect([...(await upcoming(scene, schedule.id))]).to.deep.equal([[schedule.id, at(3 * HOUR)]]);
      });

      it("may be claimed, begun or waiting for a retry (Q7)", async () => {
        const scene = await setup();
        const { addDue, claim, beginOne, finish, event, add, at, schedule } = scene;
        const due = there((await addDue(1))[0]);
        await add(anEvent(schedule, at(HOUR)));
        const found: unknown[] = [];
        const look = async () =>
          found.push([(await event(due.id)).state, ...(await upcoming(scene, schedule.id)).values()]);

        const held = there((await claim())[0]);
        await look();
        const begun = await beginOne(held);
        await look();
        await finish(held, { state: "PENDING", inMs: DAY }, anAttempt(begun));
        await look();

        const states = ["PROCESSING", "PROCESSING", "PENDING"];
        expect(found).to.deep.equal(states.map((state) => [state, due.dueAt]));
      });

      it("may be parked, or moved by hand: then it is due when it was moved to (Q7)", async () => {
        const scene = await setup();
        const { add, at, park, move, schedule } = scene;
        const [first, second] = [anEvent(schedule, at(HOUR)), anEvent(schedule, at(2 * HOUR))];
        await add(first, second);
        await park();
        const parked = await upcoming(scene, schedule.id);
        await move(first.id, at(9 * HOUR));
        await move(second.id, at(8 * HOUR));

        expect(parked.get(schedule.id)).to.deep.equal(at(HOUR));
        expect((await upcoming(scene, schedule.id)).get(schedule.id)).to.deep.equal(at(8 * HOUR));
      });
    });

    describe("planning anew", () => {
      it("has in hand what no worker has begun and no hand has moved, the earliest first", async () => {
        const { add, at, begun, claimed, cancel, move, finish, replannable, addSchedule, schedule } = await setup();
        const tried = await begun();
        await finish(tried.claim, { state: "PENDING", inMs: HOUR }, anAttempt(tried));
        await begun();
        const [ended, pinned, waiting] = [await claimed(), await claimed(), await claimed()];
        await cancel(ended.eventId);
        await move(pinned.eventId, at(HOUR));
        const [later, soon] = [anEvent(schedule, at(2 * HOUR)), anEvent(schedule, at(HOUR), { parked: true })];
        const manual = anEvent(schedule, at(HOUR), { origin: "manual", key: `manual/${anId()}` });
        await add(later, soon, manual, anEvent(await addSchedule(), at(HOUR)));

        expect(await replannable()).to.deep.equal([waiting.eventId, soon.id, later.id]);
      });

      const settling: Readonly<
        Record<string, (scene: Awaited<ReturnType<typeof setup>>, id: string) => Promise<unknown>>
      > = {
        "was begun": async ({ begin, claim }, id) => begin(there((await claim()).find((one) => one.eventId === id))),
        "has ended": ({ cancel }, id) => cancel(id),
        "was moved by hand": ({ move, at }, id) => move(id, at(-10 * HOUR)),
        "was tried": async ({ beginOne, claim, finish }, id) => {
          const begun = await beginOne(there((await claim()).find((one) => one.eventId === id)));
          await finish(begun.claim, { state: "PENDING", inMs: HOUR }, anAttempt(begun));
        },
      };
      for (const [how, settle] of Object.entries(settling)) {
        it(`counts as settled what ${how}`, async () => {
          const scene = await setup();
          const [first, second] = await scene.addDue(3);
          await scene.cancel(there(first).id);

          await settle(scene, there(second).id);

          expect(await scene.lastSettled("wall")).to.equal(second?.id);
          expect(await scene.lastSettled("series")).to.equal(second?.id);
        });
      }

      it("has settled nothing where all is open, or was asked for by hand", async () => {
        const { add, at, addDue, claim, cancel, lastSettled, schedule } = await setup();
        await addDue(2);
        const manual = anEvent(schedule, at(HOUR), { origin: "manual", key: `manual/${anId()}`, ordinal: 0 });
        await add(manual);
        await claim();
        await cancel(manual.id);

        expect([await lastSettled("wall"), await lastSettled("series")]).to.deep.equal([null, null]);
      });

      it("tells what was settled last in the series from what is furthest on the wall clock", async () => {
        const { add, at, lastSettled, cancel, schedule } = await setup();
        const wall = at(HOUR).getTime();
        const before = anEvent(schedule, at(0), { key: wallKey({ wall: wall + 45 * MINUTE, fold: 0 }), ordinal: 4 });
        const after = anEvent(schedule, at(HOUR), { key: wallKey({ wall, fold: 1 }), ordinal: 5 });
        await add(before, after);

        await cancel(before.id);
        await cancel(after.id);

        expect(await lastSettled("series")).to.equal(after.id);
        expect(await lastSettled("wall")).to.equal(before.id);
      });

      it("leaves an event that was moved by hand at its place in the series", async () => {
        const { addDue, move, cancel, lastSettled, at } = await setup();
        const [first, second] = await addDue(2);

        await move(there(first).id, at(DAY));
        await cancel(there(second).id);

        expect(await lastSettled("wall")).to.equal(second?.id);
      });
    });

    describe("listing", () => {
      /** Five events: two of them due at the same time, and added in no order. */
      const five = async () => {
        const scene = await setup();
        const { add, at, addSchedule, schedule } = scene;
        const other = await addSchedule();
        const events = [
          ...[1, 2, 4, 5].map((hours) => anEvent(schedule, at(hours * HOUR))),
          anEvent(other, at(2 * HOUR)),
        ];
        await add(...[4, 2, 0, 3, 1].map((index) => there(events[index])));
        const inOrder = events.sort((one, two) => +one.dueAt - +two.dueAt || (one.id < two.id ? -1 : 1));
        /** All of the list, page by page; `between` happens after each page. */
        const pages = async (limit: number, between: (page: number) => Promise<unknown> = async () => undefined) => {
          const seen: string[] = [];
          let after: EventQuery["after"];
          for (let page = 1; page < 20; page++) {
            const query = { limit, ...(after && { after }) };
            const items = await scene.change((transaction) => transaction.events.list(query));
            seen.push(...idsOf(items));
            const last = items.at(-1);
            if (last === undefined) break;
            after = { dueAt: last.dueAt, id: last.id };
            await between(page);
          }
          return seen;
        };
        return { ...scene, inOrder, pages };
      };

      it("runs in the order of due time and id (Q4)", async () => {
        const { list, inOrder } = await five();

        expect(await list()).to.deep.equal(idsOf(inOrder));
      });

      it("goes on behind an event, also in the middle of those that are due at one time (Q4)", async () => {
        const { pages, inOrder } = await five();

        for (const limit of [1, 2, 3]) expect(await pages(limit)).to.deep.equal(idsOf(inOrder));
      });

      it("has each entry once while events are added, finished and withdrawn (Q4)", async () => {
        const { pages, inOrder, add, at, cancel, withdraw, schedule } = await five();
        const late = anEvent(schedule, at(6 * HOUR));

        const seen = await pages(2, async (page) => {
          if (page > 1) return;
          await add(anEvent(schedule, at(0)), late);
          await cancel(there(inOrder[0]).id);
          await cancel(there(inOrder[2]).id);
          await withdraw(there(inOrder[3]).id);
        });

        const kept = inOrder.filter((_, index) => index !== 3);
        expect(seen).to.deep.equal([...idsOf(kept), late.id]);
      });

      /** Live events, finished ones and one recorded as skipped, of two schedules. */
      const mixed = async () => {
        const scene = await setup();
        const { add, at, begun, claimed, finish, addSchedule, schedule } = scene;
        const other = await addSchedule({ type: "other.type", destinationId: scene.destination.id });
        const done = await begun();
        await finish(done.claim, { state: "COMPLETED" }, anAttempt(done), 5_000);
        const failed = await begun(other);
        await finish(failed.claim, { state: "FAILED", reason: "rejected" }, anAttempt(failed), 100);
        const running = await claimed();
        const skipped = anEvent(schedule, at(-10 * MINUTE), { state: "SKIPPED", reason: "missed" });
        const manual = anEvent(other, at(HOUR), { origin: "manual", key: `manual/${anId()}` });
        const later = anEvent(schedule, at(2 * HOUR), { destinationId: anId() });
        await add(skipped, manual, later);
        const names: Readonly<Record<string, string>> = {
          ...{ [done.event.id]: "done", [failed.event.id]: "failed", [running.eventId]: "running" },
          ...{ [skipped.id]: "skipped", [manual.id]: "manual", [later.id]: "later" },
        };
        const found = async (query: Partial<EventQuery>) => (await scene.list(query)).map((id) => names[id]);
        return { ...scene, found, other, later };
      };
      type Mixed = Awaited<ReturnType<typeof mixed>>;
      const filters: readonly [string, (scene: Mixed) => Partial<EventQuery>, readonly string[]][] = [
        ["nothing", () => ({}), ["done", "failed", "running", "skipped", "manual", "later"]],
        ["one state", () => ({ states: ["PENDING"] }), ["manual", "later"]],
        ["several states", () => ({ states: ["PROCESSING", "COMPLETED"] }), ["done", "running"]],
        ["no state", () => ({ states: [] }), []],
        ["reason", () => ({ reason: "missed" }), ["skipped"]],
        ["schedule", ({ other }) => ({ scheduleId: other.id }), ["failed", "manual"]],
        ["destination", ({ later }) => ({ destinationId: later.destinationId }), ["later"]],
        ["type", () => ({ type: "other.type" }), ["failed", "manual"]],
        ["origin", () => ({ origin: "manual" }), ["manual"]],
        ["the first due time", ({ at }) => ({ dueFrom: at(HOUR) }), ["manual", "later"]],
        ["the end of due times", ({ at }) => ({ dueBefore: at(HOUR) }), ["done", "failed", "running", "skipped"]],
        ["lateness", () => ({ minLatenessMs: 5_000 }), ["done"]],
        ["any lateness", () => ({ minLatenessMs: 0 }), ["done", "failed"]],
        ["two things", ({ other }) => ({ scheduleId: other.id, states: ["FAILED"] }), ["failed"]],
        ["the limit", () => ({ limit: 2 }), ["done", "failed"]],
      ];
      for (const [what, query, expected] of filters) {
        it(`keeps to what is asked for: ${what}`, async () => {
          const scene = await mixed();

          expect(await scene.found(query(scene))).to.deep.equal(expected);
        });
      }
    });

    describe("parking", () => {
      const resume = ({ change, schedule }: Awaited<ReturnType<typeof setup>>) =>
        change(async ({ schedules, events }) => {
          const paused = there(await schedules.get(schedule.id));
          await schedules.save({ ...paused, status: "active", revision: paused.revision + 1 });
          await events.unpark(paused.id);
        });

      it("forgets no event that is added parked while its schedule is being resumed (Q5)", async () => {
        const scene = await setup();
        const { store, change, edit, at, schedule, claim } = scene;
        await edit({ status: "paused" });
        let resumed: Promise<void> | undefined;

        await change(async ({ schedules, events }) => {
          const { status } = there(await schedules.get(schedule.id));
          resumed ??= resume(scene);
          await headStart(store);
          await events.add([anEvent(schedule, at(-MINUTE), { parked: status === "paused" })]);
        });
        await resumed;

        expect(await claim()).to.have.length(1);
      });

      it("forgets no event that is redriven and claimed while its schedule is being resumed (Q5)", async () => {
        const scene = await setup();
        const { store, change, edit, begun, finish, replace, claimDue, schedule, claim } = scene;
        const one = await begun();
        await finish(one.claim, { state: "FAILED", reason: "rejected" }, anAttempt(one, { status: 400 }));
        await edit({ status: "paused" });
        let meanwhile: Promise<unknown> | undefined;
        const redriveAndClaim = async () => {
          await replace(one.event.id, redriven);
          await claimDue(({ schedule: { status } }) => ({
            verdict: { kind: status === "paused" ? "park" : "wait", until: new Date(0) },
            successors: [],
          }));
        };

        await change(async ({ schedules, events }) => {
          const paused = there(await schedules.get(schedule.id));
          meanwhile ??= redriveAndClaim();
          await headStart(store);
          await schedules.save({ ...paused, status: "active", revision: paused.revision + 1 });
          await events.unpark(paused.id);
        });
        await meanwhile;

        expect(await claim()).to.have.length(1);
      });

      it("offers nothing that is parked until it is unparked (Q5)", async () => {
        const { addDue, claimed, park, unpark, advance, claimIds, events } = await setup();
        const { eventId } = await claimed();
        const [due] = await addDue(1);

        await park();
        await advance(DAY);
        const meanwhile = { claims: await claimIds(), wake: await events.nextWake() };
        await unpark();

        expect(meanwhile).to.deep.equal({ claims: [], wake: null });
        expect(await claimIds()).to.have.members([eventId, due?.id]);
      });

      it("offers nothing that was added parked until it is unparked (Q5)", async () => {
        const { add, at, unpark, claim, schedule } = await setup();
        await add(anEvent(schedule, at(-MINUTE), { parked: true }));
        const meanwhile = await claim();

        await unpark();

        expect(meanwhile).to.deep.equal([]);
        expect(await claim()).to.have.length(1);
      });

      it("offers nothing that was moved while it was parked (Q5)", async () => {
        const { addDue, park, replace, unpark, claim, at } = await setup();
        const [due] = await addDue(1);
        await park();
        await replace(there(due).id, (event) => moved(event, { dueAt: at(-MINUTE) }, { parked: true }));
        const meanwhile = await claim();

        await unpark();

        expect(meanwhile).to.deep.equal([]);
        expect(await claim()).to.have.length(1);
      });

      it("unparks to the due time, so that nothing is early (Q5)", async () => {
        const { add, at, park, unpark, claim, event, schedule } = await setup();
        const later = anEvent(schedule, at(HOUR));
        await add(later);
        await park();
        await unpark();

        expect((await event(later.id)).wakeAt).to.deep.equal(later.dueAt);
        expect(await claim()).to.deep.equal([]);
      });

      it("touches no other schedule, and nothing that has ended", async () => {
        const { addDue, addSchedule, claimed, cancel, park, event, claimIds } = await setup();
        const ended = await claimed();
        await cancel(ended.eventId);
        const before = await event(ended.eventId);
        const [other] = await addDue(1, await addSchedule());

        await park();

        expect(await event(ended.eventId)).to.deep.equal(before);
        expect(await claimIds()).to.deep.equal([other?.id]);
      });

      it("does not touch the pause of a retry when nothing was parked", async () => {
        const { begun, finish, unpark, claim } = await setup();
        const one = await begun();
        await finish(one.claim, { state: "PENDING", inMs: HOUR }, anAttempt(one));

        await unpark();

        expect(await claim()).to.deep.equal([]);
      });
    });
  });
}
