import { expect } from "chai";
import type { NewEvent } from "../events/event.js";
import { redriven } from "../events/life-cycle.js";
import type {
  Claim,
  ClaimVerdict,
  DueEvent,
  Outcome,
  PlanClaim,
  TakeReport,
  TellOthers,
} from "../ports/event-store.js";
import { DAY, HOUR, MINUTE, SECOND } from "../recurrence/wall.js";
import { aDestination, anAttempt, anEvent, anId, aUser } from "./fixtures.js";
import { itNeeds, type StoreHarness } from "./store-harness.js";
import { decide, endOf, follow, headStart, idsOf, LEASE, openScene, take, there, thrownBy } from "./store-scene.js";

const COMPLETED: Outcome = { state: "COMPLETED" };
const ENDS: readonly Outcome[] = [
  COMPLETED,
  { state: "FAILED", reason: "rejected" },
  { state: "SKIPPED", reason: "too_late" },
  { state: "CANCELLED", reason: "schedule_deleted" },
];
const VERDICTS = [
  { kind: "skip", reason: "missed", state: "SKIPPED" },
  { kind: "fail", reason: "out_of_time", state: "FAILED" },
  { kind: "cancel", reason: "schedule_deleted", state: "CANCELLED" },
] as const;
const SKIP: ClaimVerdict = { kind: "skip", reason: "missed" };
const again = (inMs: number | null): Outcome => ({ state: "PENDING", inMs });
const crash = () => {
  throw new Error("crashed here");
};
const parkPaused: PlanClaim = ({ schedule }) => ({
  verdict: { kind: schedule.status === "paused" ? "park" : "take" },
  successors: [],
});
const waitForOthers: PlanClaim = ({ othersRunning }, now) => ({
  verdict: othersRunning ? { kind: "wait", until: new Date(now.getTime() + HOUR) } : { kind: "take" },
  successors: [],
});

/** The promises of `ports/event-store.ts`. */
export function describeEventStore(harness: StoreHarness): void {
  describe(`${harness.name} as an EventStore`, () => {
    const setup = () => openScene(harness);
    const itFails = itNeeds(harness, "failpoints");

    afterEach(() => harness.close());

    describe("claiming what is due", () => {
      it("gives each of 200 events to one of 20 simultaneous claimers (I1, E1)", async () => {
        const { addDue, claim } = await setup();
        const due = await addDue(200);
        const drain = async () => {
          const taken: Claim[] = [];
          while (taken.length <= due.length) {
            const claims = await claim({ limit: 10 });
            expect(claims.length).to.be.at.most(10);
            if (claims.length === 0) break;
            taken.push(...claims);
          }
          return taken;
        };

        const taken = (await Promise.all(Array.from({ length: 20 }, drain))).flat();

        expect(idsOf(taken).sort()).to.deep.equal(idsOf(due).sort());
        expect(new Set(taken.map(({ fence }) => fence))).to.deep.equal(new Set([1]));
      });

      it("does not offer an event while its claim's lease runs (I1)", async () => {
        const { addDue, advance, claim } = await setup();
        await addDue(3);
        await claim();

        await advance(LEASE - MINUTE);

        expect(await claim()).to.deep.equal([]);
      });

      it("does not offer an event while its attempt's lease runs (I1)", async () => {
        const { claimed, begin, advance, claim } = await setup();
        const held = await claimed();
        await advance(LEASE - MINUTE);
        await begin(held);

        await advance(LEASE - MINUTE);

        expect(await claim()).to.deep.equal([]);
      });

      it("leaves a claim alone whose lease ends within the look-ahead (I1)", async () => {
        const { claimed, begun, claim } = await setup();
        await begun();
        await claimed();

        expect(await claim({ lookAheadMs: LEASE + MINUTE })).to.deep.equal([]);
      });

      it("offers an event again when its claim's lease ends, with a higher fence (I2)", async () => {
        const { claimed, advance, claim } = await setup();
        const { eventId, fence } = await claimed();

        await advance(LEASE);

        const [second] = await claim();
        expect(second).to.include({ eventId });
        expect(second?.fence).to.be.above(fence);
      });

      it("offers an event again when its attempt's lease ends, with a higher fence (I2)", async () => {
        const { begun, advance, claim } = await setup();
        const { claim: first } = await begun();

        await advance(LEASE);

        expect((await claim())[0]?.fence).to.be.above(first.fence);
      });

      it("gives an event whose lease has ended to one of 20 simultaneous claimers (I1, I2)", async () => {
        const { claimed, advance, claim } = await setup();
        await claimed();
        await advance(LEASE);

        const claims = (await Promise.all(Array.from({ length: 20 }, () => claim()))).flat();

        expect(claims.map(({ fence }) => fence)).to.deep.equal([2]);
      });

      it("claims nothing that is due later, by the store's own clock (I8)", async () => {
        const { add, advance, at, claim, schedule } = await setup();
        await add(anEvent(schedule, at(10 * MINUTE)));

        const early = [...(await claim()), ...(await claim({ lookAheadMs: 5 * MINUTE }))];
        await advance(10 * MINUTE);

        expect(early).to.deep.equal([]);
        expect(await claim()).to.have.length(1);
      });

      it("claims what falls due within the look-ahead, and nothing behind it (I8)", async () => {
        const { add, at, claimIds, schedule } = await setup();
        const [soon, later] = [anEvent(schedule, at(4 * MINUTE)), anEvent(schedule, at(10 * MINUTE))];
        await add(soon, later);

        expect(await claimIds({ lookAheadMs: 5 * MINUTE })).to.deep.equal([soon.id]);
      });

      it("looks ahead for due times alone: a retry keeps its pause (I8)", async () => {
        const { begun, finish, claim, advance } = await setup();
        const one = await begun();
        await finish(one.claim, again(5 * MINUTE), anAttempt(one));

        const early = await claim({ lookAheadMs: 10 * MINUTE });
        await advance(5 * MINUTE);

        expect(early).to.deep.equal([]);
        expect(await claim()).to.have.length(1);
      });

      it("claims no more than the limit, the earliest first (E1)", async () => {
        const { addDue, claimDue } = await setup();
        const due = await addDue(10);

        const reports = [await claimDue(take, { limit: 4 }), await claimDue(take, { limit: 4 })];

        expect(reports.map(({ seen }) => seen)).to.deep.equal([4, 4]);
        expect(reports.map(({ claims }) => idsOf(claims))).to.deep.equal([
          idsOf(due.slice(0, 4)),
          idsOf(due.slice(4, 8)),
        ]);
      });

      it("claims the earliest first, in whatever order they were added (E1)", async () => {
        const { add, at, claimIds, schedule } = await setup();
        const [third, first, second] = [-1, -3, -2].map((minutes) => anEvent(schedule, at(minutes * MINUTE)));
        await add(...[third, first, second].map(there));

        expect(await claimIds()).to.deep.equal([first, second, third].map((one) => one?.id));
      });

      it("answers an empty list where none is due (E1)", async () => {
        const { claimDue } = await setup();

        expect(await claimDue()).to.deep.include({ claims: [], seen: 0, planned: 0 });
      });

      it("claims for all tenants", async () => {
        const { store, at, addDue, claim, schedule, destination } = await setup();
        const theirs = { ...schedule, id: anId(), tenant: "other", destinationId: anId() };
        const event = anEvent(theirs, at(-2 * HOUR));
        await store.unitOfWork.run("other", async ({ destinations, schedules, events }) => {
          await destinations.add({ ...destination, id: theirs.destinationId, tenant: "other" });
          await schedules.add([theirs]);
          await events.add([event]);
        });
        const [ours] = await addDue(1);

        const claims = await claim();

        const found = claims.map(({ eventId, tenant }) => [eventId, tenant]);
        expect(found).to.deep.equal([
          [event.id, "other"],
          [ours?.id, "main"],
        ]);
      });

      it("claims those that have wanted it for the shortest time where these are asked for (E1)", async () => {
        const { addDue, claimIds, takeDue, move, at } = await setup();
        const due = idsOf(await addDue(6));
        await move(there(due[0]), at(-SECOND));

        expect((await claimIds({ limit: 2, latest: true })).sort()).to.deep.equal([due[0], due[5]].sort());
        const { begun } = await takeDue(take, { limit: 2, latest: true });
        expect(begun.map(({ event }) => event.id)).to.deep.equal([due[3], due[4]]);
        expect(await claimIds({ limit: 1 })).to.deep.equal([due[1]]);
      });

      it("says of a claim what hand-over needs", async () => {
        const { addDue, claimDue, event } = await setup();
        const [due] = await addDue(1);
        const { id, tenant, scheduleId, dueAt } = there(due);

        const { claims, now } = await claimDue();

        const leaseEnd = new Date(now.getTime() + LEASE);
        expect(claims).to.deep.equal([{ eventId: id, tenant, scheduleId, fence: 1, dueAt, leaseEnd }]);
        expect(await event(id)).to.deep.include({ state: "PROCESSING", wakeAt: leaseEnd, fence: 1, begunAt: null });
      });
    });

    describe("planning with the claim", () => {
      /** An event that leads and is due, and two that follow it. */
      const series = async () => {
        const scene = await setup();
        const { add, at, schedule } = scene;
        const first = anEvent(schedule, at(-MINUTE), { leads: true });
        const second = anEvent(schedule, at(HOUR), { ordinal: 2, leads: true });
        const third = anEvent(schedule, at(2 * HOUR), { ordinal: 3, leads: true });
        await add(first);
        const leader = async () => (await scene.change(({ events }) => events.leader(schedule.id)))?.id ?? null;
        const known = async () =>
          idsOf(await scene.change(({ events }) => events.list({ scheduleId: schedule.id, limit: 100 })));
        return { ...scene, first, second, third, leader, known };
      };

      it("stores a claim and its successor together, and the successor leads from then on (I4)", async () => {
        const { claimDue, event, first, second, leader } = await series();

        const { planned } = await claimDue(follow(second));

        expect(planned).to.equal(1);
        expect(await leader()).to.equal(second.id);
        expect(await event(first.id)).to.include({ state: "PROCESSING", leads: false });
        expect(await event(second.id)).to.deep.include({ state: "PENDING", wakeAt: second.dueAt, fence: 0 });
      });

      it("stores several successors, those recorded as skipped among them (I4)", async () => {
        const { claimDue, event, first, second, third, leader, known } = await series();
        const missed: NewEvent = { ...second, state: "SKIPPED", reason: "missed", leads: false };

        const { planned, now } = await claimDue(follow(missed, third));

        expect(planned).to.equal(2);
        expect(await known()).to.deep.equal([first.id, second.id, third.id]);
        expect(await leader()).to.equal(third.id);
        const skipped = { state: "SKIPPED", reason: "missed", wakeAt: null, finishedAt: now } as const;
        expect(await event(second.id)).to.deep.include(skipped);
      });

      for (const { kind, reason, state } of VERDICTS) {
        it(`stores the successor of an event that the plan ends: ${kind} (I4)`, async () => {
          const { claimDue, event, first, second, leader } = await series();

          const report = await claimDue(() => ({ verdict: { kind, reason }, successors: [second] }));

          const { now: finishedAt } = report;
          expect(report).to.deep.include({ claims: [], seen: 1, planned: 1 });
          expect(await event(first.id)).to.deep.include({ state, reason, leads: false, wakeAt: null, finishedAt });
          expect(await leader()).to.equal(second.id);
        });
      }

      it("ends the series where no successor is planned (I4)", async () => {
        const { claimDue, leader, known, first } = await series();

        await claimDue(take);

        expect(await leader()).to.equal(null);
        expect(await known()).to.deep.equal([first.id]);
      });

      it("adds a successor that is there already no second time (I4)", async () => {
        const { claimDue, advance, first, second, known } = await series();
        await claimDue(follow(second));
        await advance(LEASE);

        const { planned } = await claimDue(follow(second));

        expect(planned).to.equal(0);
        expect(await known()).to.deep.equal([first.id, second.id]);
      });

      it("does not raise a successor again that has ended already (I4, I6)", async () => {
        const { claimDue, advance, cancel, event, second } = await series();
        await claimDue(follow(second));
        await cancel(second.id);
        await advance(LEASE);

        const { planned } = await claimDue(follow(second));

        expect(planned).to.equal(0);
        expect((await event(second.id)).state).to.equal("CANCELLED");
      });

      it("lets the next one lead that is not there yet, so that no series ends over one that is (I4)", async () => {
        const { claimDue, add, cancel, event, second, third, leader, at, schedule } = await series();
        const fourth = anEvent(schedule, at(3 * HOUR), { ordinal: 4, leads: true });
        await add({ ...second, leads: false }, { ...third, leads: false });
        await cancel(second.id);
        const next = new Map([second, third].map((one, index) => [one.id, [third, fourth][index] ?? null]));

        const { planned } = await claimDue((due, now) => ({
          ...follow(second)(due, now),
          following: ({ id }) => next.get(id) ?? null,
        }));

        expect(planned).to.equal(1);
        expect(await leader()).to.equal(fourth.id);
        expect((await event(second.id)).state).to.equal("CANCELLED");
        expect(await event(third.id)).to.include({ state: "PENDING", leads: false });
      });

      for (const place of ["claim.before_commit", "next.before_insert"] as const) {
        itFails(`stores neither claim nor successor when it fails at ${place} (I4)`, async () => {
          const { store, claimDue, event, first, second, known, leader } = await series();
          const before = await event(first.id);
          store.failpoints.arm(place, crash);

          const failure = await thrownBy(claimDue(follow(second)));

          store.failpoints.disarm(place);
          expect(failure).to.have.property("message", "crashed here");
          expect(await event(first.id)).to.deep.equal(before);
          expect(await known()).to.deep.equal([first.id]);
          expect(await leader()).to.equal(first.id);
          expect((await claimDue(follow(second))).planned, "when it is tried again").to.equal(1);
        });
      }

      itFails("has stored claim and successor when it fails after the commit (I2, I4)", async () => {
        const { store, claimDue, event, advance, first, second, leader } = await series();
        store.failpoints.arm("claim.after_commit", crash);

        const failure = await thrownBy(claimDue(follow(second)));

        store.failpoints.disarm("claim.after_commit");
        expect(failure).to.have.property("message", "crashed here");
        expect(await event(first.id)).to.include({ state: "PROCESSING", fence: 1 });
        expect(await leader()).to.equal(second.id);
        await advance(LEASE);
        expect((await claimDue()).claims[0]).to.include({ eventId: first.id, fence: 2 });
      });

      it("gives each event of a series one successor, however many claim at once (I1, I4)", async () => {
        const { change, schedule, claimDue } = await series();
        const next: PlanClaim = ({ event }) => {
          const place = { ordinal: event.ordinal + 1, leads: true };
          const successor = anEvent(schedule, new Date(event.dueAt.getTime() + SECOND), place);
          return { verdict: { kind: "take" }, successors: event.leads ? [successor] : [] };
        };
        const claims: Claim[] = [];

        for (let round = 0; round < 3; round++) {
          const reports = await Promise.all(Array.from({ length: 20 }, () => claimDue(next, { limit: 1 })));
          claims.push(...reports.flatMap((report) => report.claims));
        }

        const list = await change(({ events }) => events.list({ scheduleId: schedule.id, limit: 100 }));
        expect(new Set(idsOf(claims)).size).to.equal(claims.length);
        expect(list.map(({ ordinal }) => ordinal)).to.deep.equal(list.map((_, index) => index + 1));
        expect(list.map(({ leads }) => leads).lastIndexOf(false)).to.equal(list.length - 2);
        expect(list).to.have.length(claims.length + 1);
      });

      it("asks the plan about the event as it was before the claim, with its schedule", async () => {
        const { claimDue, event, first, schedule } = await series();
        const before = await event(first.id);
        const asked: [DueEvent, Date][] = [];

        const { now } = await claimDue((due, at) => {
          asked.push([due, at]);
          return take(due, at);
        });

        const [due, at] = there(asked.at(-1));
        expect(due.event).to.include.keys("id", "dueAt", "wakeAt", "leads", "attempt", "redrives", "pinned");
        expect(before).to.deep.include(due.event);
        expect(due.schedule).to.include.keys("id", "timing", "status", "catchUp", "lateness", "ifRunning", "retry");
        expect(schedule).to.deep.include(due.schedule);
        expect(at).to.deep.equal(now);
      });

      it("asks again at the time that the plan said, and not before", async () => {
        const { addDue, claimDue, claim, event, advance, at } = await setup();
        const [due] = await addDue(1);
        const until = at(10 * MINUTE);

        const report = await claimDue(decide({ kind: "wait", until }));
        const state = await event(there(due).id);
        const early = [...(await claim()), ...(await claim({ lookAheadMs: HOUR }))];
        await advance(10 * MINUTE);

        expect(report).to.deep.include({ claims: [], seen: 1 });
        expect(state).to.deep.include({ state: "PENDING", wakeAt: until, attempt: 0 });
        expect(early).to.deep.equal([]);
        expect(await claim()).to.have.length(1);
      });

      it("lets a leader that waits go on leading", async () => {
        const { claimDue, leader, first, at } = await series();

        await claimDue(decide({ kind: "wait", until: at(HOUR) }));

        expect(await leader()).to.equal(first.id);
      });
    });

    describe("knowing whether others of the schedule are running", () => {
      const waiting = async () => {
        const scene = await setup();
        const schedule = await scene.addSchedule({ ifRunning: "wait" });
        return { ...scene, schedule };
      };
      /** Whether others ran, for each event that the plan was last asked about. */
      const asking = () => {
        const answers = new Map<string, boolean>();
        const plan: PlanClaim = (due, now) => {
          answers.set(due.event.id, due.othersRunning);
          return take(due, now);
        };
        return { answers, plan };
      };

      it("counts a claimed one, until it has ended", async () => {
        const { schedule, begun, addDue, claimDue, finish, advance } = await waiting();
        const one = await begun(schedule);
        const [due] = await addDue(1, schedule);

        const meanwhile = await claimDue(waitForOthers);
        await finish(one.claim, COMPLETED, anAttempt(one));
        await advance(2 * HOUR);

        expect(meanwhile).to.deep.include({ claims: [], seen: 1 });
        expect(idsOf((await claimDue(waitForOthers)).claims)).to.deep.equal([due?.id]);
      });

      it("does not count a callback, though it is claimed just before (E5)", async () => {
        const { schedule, add, at, addDue, claimDue } = await waiting();
        const told = { origin: "callback", key: "callback/0", id: anId(), ordinal: 0 } as const;
        await add(anEvent(schedule, at(-2 * HOUR), told));
        const [due] = await addDue(1, schedule);

        expect(idsOf((await claimDue(waitForOthers)).claims)).to.deep.equal([told.id, due?.id]);
      });

      it("counts one that waits for its retry", async () => {
        const { schedule, begun, finish, addDue, claimDue } = await waiting();
        const one = await begun(schedule);
        await finish(one.claim, again(HOUR), anAttempt(one));
        await addDue(1, schedule);

        expect((await claimDue(waitForOthers)).claims).to.deep.equal([]);
      });

      it("counts neither itself, nor what was never claimed, nor other schedules", async () => {
        const { schedule, add, addDue, claimed, claimDue, advance, at } = await waiting();
        await claimed();
        const [due] = await addDue(1, schedule);
        await add(anEvent(schedule, at(HOUR), { ordinal: 3 }));
        await claimDue();
        await advance(LEASE);
        const { answers, plan } = asking();

        await claimDue(plan);

        expect(answers.get(there(due).id)).to.equal(false);
      });

      it("counts none that was claimed and given back: two of those would wait for each other for ever", async () => {
        const { schedule, addDue, claim, claimDue, events } = await waiting();
        await addDue(2, schedule);
        await events.release(await claim());

        expect((await claimDue(waitForOthers, { limit: 1 })).claims).to.have.length(1);
      });

      it("counts one that is claimed in the same batch", async () => {
        const { schedule, addDue, claimDue } = await waiting();
        const [first] = await addDue(2, schedule);

        const { claims } = await claimDue(waitForOthers);

        expect(idsOf(claims)).to.deep.equal([first?.id]);
      });

      it("counts one that is claimed at the same moment by another", async () => {
        const { addSchedule, addDue, claimDue } = await setup();
        for (let round = 0; round < 10; round++) {
          const schedule = await addSchedule({ ifRunning: "wait" });
          await addDue(2, schedule);

          const reports = await Promise.all([1, 2].map(() => claimDue(waitForOthers, { limit: 1 })));

          expect(reports.flatMap(({ claims }) => claims)).to.have.length.at.most(1);
        }
      });
    });

    describe("holding a claim", () => {
      it("tells a worker that was taken over that its claim is lost, and changes nothing (I3)", async () => {
        const { claimed, claim, advance, event, attempts, events, begin, beginOne, finish } = await setup();
        const stale = await claimed();
        await advance(LEASE);
        const [current] = await claim();
        const begunByOther = await beginOne(there(current));
        const before = await event(stale.eventId);

        expect(await begin(stale)).to.deep.equal({ begun: [], lost: [stale], early: [] });
        expect(await events.extend([stale], HOUR)).to.deep.equal({ lost: [stale] });
        for (const outcome of [...ENDS, again(MINUTE), again(null)]) {
          expect(await finish(stale, outcome, anAttempt(begunByOther))).to.deep.equal({ lost: [stale] });
        }
        await events.release([stale]);
        await events.giveUp([stale], 1);

        expect(await event(stale.eventId)).to.deep.equal(before);
        expect(await attempts(stale.eventId)).to.deep.equal([]);
      });

      it("tells so too where the one who took over has not begun (I3)", async () => {
        const { claimed, claim, advance, event, events, begin, finish } = await setup();
        const stale = await claimed();
        await advance(LEASE);
        await claim();
        const before = await event(stale.eventId);

        expect((await begin(stale)).lost).to.deep.equal([stale]);
        expect((await events.extend([stale], HOUR)).lost).to.deep.equal([stale]);
        expect((await finish(stale, COMPLETED)).lost).to.deep.equal([stale]);
        await events.release([stale]);
        await events.giveUp([stale], 1);

        expect(await event(stale.eventId)).to.deep.equal(before);
      });

      it("takes no claim that was never given: another fence, tenant or event (I3)", async () => {
        const { claimed, event, events, begin, finish } = await setup();
        const held = await claimed();
        const before = await event(held.eventId);
        const { tenant, fence, eventId } = held;
        const forged = [
          { eventId, tenant, fence: fence + 1 },
          { eventId, tenant, fence: 0 },
          { eventId, tenant: "other", fence },
          { eventId: anId(), tenant, fence },
        ];

        for (const one of forged) {
          expect((await begin(one)).lost).to.deep.equal([one]);
          expect((await events.extend([one], HOUR)).lost).to.deep.equal([one]);
          expect((await finish(one, COMPLETED)).lost).to.deep.equal([one]);
          await events.release([one]);
          await events.giveUp([one], 1);
        }

        expect(await event(eventId)).to.deep.equal(before);
      });

      it("loses a claim that there cannot be, and no other over it (I3, E5)", async () => {
        const { begun, claimed, events, event, begin } = await setup();
        const done = await begun();
        const held = await claimed();
        const { eventId, tenant, fence } = held;
        const odd = [
          { eventId: "no-id", tenant, fence },
          { eventId: eventId.toUpperCase(), tenant, fence },
          { eventId, tenant: "no\0tenant", fence },
          { eventId, tenant, fence: 1e300 },
          { eventId, tenant, fence: 0.5 },
        ].filter((one) => one.eventId !== eventId || one.tenant !== tenant || one.fence !== fence);
        const ending = { outcome: COMPLETED, attempt: anAttempt(done) };

        expect((await events.extend([...odd, done.claim], HOUR)).lost).to.deep.equal(odd);
        expect((await begin(...odd, held)).begun).to.have.length(1);
        const endings = [...odd, done.claim].map((claim) => ({ claim, ...ending }));
        expect((await events.finish(endings)).lost).to.deep.equal(odd);
        await events.release(odd);
        await events.giveUp(odd, 1);

        expect((await event(done.event.id)).state).to.equal("COMPLETED");
        expect(await event(eventId)).to.include({ state: "PROCESSING", attempt: 1 });
      });

      it("tells another tenant's claim from the right one beside it (I3)", async () => {
        const { claimed, begin, finish, events } = await setup();
        const held = await claimed();
        const forged = { ...held, tenant: "other" };

        expect(await begin(forged, held)).to.deep.include({ lost: [forged] });
        const both = [forged, held].map((claim) => ({ claim, outcome: COMPLETED }));
        expect((await events.finish(both)).lost).to.deep.equal([forged]);
        expect((await finish(held, COMPLETED)).lost).to.deep.equal([held]);
      });

      it("puts off by no more than a date can hold (E5)", async () => {
        const { begun, finish, event } = await setup();
        const one = await begun();

        await finish(one.claim, again(1e19), anAttempt(one));

        expect((await event(one.event.id)).state).to.equal("PENDING");
      });

      it("lets a late worker finish as long as nobody has taken over (I3)", async () => {
        const { begun, finish, advance, event } = await setup();
        const one = await begun();
        await advance(LEASE + MINUTE);

        const { lost } = await finish(one.claim, COMPLETED, anAttempt(one));

        expect(lost).to.deep.equal([]);
        expect((await event(one.event.id)).state).to.equal("COMPLETED");
      });

      it("gives an event to its late worker or to the next claimer, not to both (I1, I3)", async () => {
        const { begun, finish, advance, claim } = await setup();
        for (let round = 0; round < 20; round++) {
          const one = await begun();
          await advance(LEASE);

          const [{ lost }, claims] = await Promise.all([finish(one.claim, COMPLETED, anAttempt(one)), claim()]);

          const taken = claims.filter(({ eventId }) => eventId === one.event.id);
          expect(lost.length, "told lost, and only then claimed again").to.equal(taken.length);
        }
      });

      it("holds an event longer when its claim is extended (I3)", async () => {
        const { claimed, begun, events, advance, claimIds } = await setup();
        const { claim: ours } = await begun();
        const theirs = await claimed();

        await events.extend([ours], 3 * LEASE);
        await advance(LEASE);
        const after = [await claimIds()];
        await advance(2 * LEASE);
        after.push(await claimIds());

        expect(after[0]).to.deep.equal([theirs.eventId]);
        expect(after[1]).to.include(ours.eventId);
      });

      it("extends those that are held and tells of those that are lost, in one call (I3)", async () => {
        const { claimed, cancel, events, event } = await setup();
        const [lost, held] = [await claimed(), await claimed()];
        await cancel(lost.eventId);
        const before = await event(held.eventId);

        expect(await events.extend([lost, held], HOUR)).to.deep.equal({ lost: [lost] });

        expect((await event(held.eventId)).wakeAt).to.be.above(there(before.wakeAt));
      });

      it("gives back at once what has not begun (E6)", async () => {
        const { claimed, events, event, claim } = await setup();
        const { eventId, ...held } = await claimed();

        await events.release([{ eventId, ...held }]);

        expect(await event(eventId)).to.include({ state: "PENDING", attempt: 0 });
        expect((await claim())[0]).to.include({ eventId, fence: held.fence + 1 });
      });

      it("gives back to its due time what was claimed ahead of it (E6, I8)", async () => {
        const { add, at, claim, events, event, schedule } = await setup();
        const soon = anEvent(schedule, at(5 * MINUTE));
        await add(soon);
        await events.release(await claim({ lookAheadMs: 10 * MINUTE }));

        expect(await claim()).to.deep.equal([]);
        expect(await event(soon.id)).to.deep.include({ state: "PENDING", wakeAt: soon.dueAt });
      });

      it("leaves alone what has begun or ended when it is released (E6)", async () => {
        const { begun, finish, events, event } = await setup();
        const [running, ended] = [await begun(), await begun()];
        await finish(ended.claim, COMPLETED, anAttempt(ended));
        const before = [await event(running.event.id), await event(ended.event.id)];

        await events.release([running.claim, ended.claim]);

        expect([await event(running.event.id), await event(ended.event.id)]).to.deep.equal(before);
      });
    });

    describe("giving up", () => {
      it("fails what has not begun, as undeliverable, and never offers it again (E8, I6)", async () => {
        const { claimed, events, event, advance, claim } = await setup();
        const held = await claimed();

        await events.giveUp([held], 1);
        await advance(DAY);

        expect(await event(held.eventId)).to.include({ state: "FAILED", reason: "undeliverable", attempt: 0 });
        expect(await claim()).to.deep.equal([]);
      });

      it("leaves alone what has begun, waits for its retry or has ended (E8)", async () => {
        const { begun, finish, events, event } = await setup();
        const [running, retried, ended] = [await begun(), await begun(), await begun()];
        await finish(retried.claim, again(HOUR), anAttempt(retried));
        await finish(ended.claim, COMPLETED, anAttempt(ended));
        const ids = idsOf([running.event, retried.event, ended.event]);
        const before = await Promise.all(ids.map(event));

        await events.giveUp([running.claim, retried.claim, ended.claim], 1);

        expect(await Promise.all(ids.map(event))).to.deep.equal(before);
      });
    });

    describe("giving up too soon", () => {
      it("stores what tells of those that were given up, and of no others (E8)", async () => {
        const { addDue, claim, events, event, change, at, schedule } = await setup();
        const told = aDestination();
        await change(({ destinations }) => destinations.add(told));
        const asked: string[] = [];
        const tell: TellOthers = ({ id, scheduleId, type, tzdata }, owner) => {
          asked.push(id);
          const content = { type, payload: JSON.stringify({ id, owner: owner.id }), subject: null };
          const base = { destinationId: told.id, tzdata, content, key: "callback/0", origin: "callback" } as const;
          return { ...anEvent(schedule, at(0), { scheduleId }), ...base, id: anId() };
        };
        await addDue(1);
        const first = there((await claim())[0]);
        await events.giveUp([first], 2, tell);
        expect(asked).to.deep.equal([]);
        const second = there((await claim())[0]);
        await events.giveUp([second], 2, tell);

        expect(asked).to.deep.equal([second.eventId]);
        const callbacks = await change((one) => one.events.list({ origin: "callback", limit: 10 }));
        expect(callbacks.map(({ content }) => content?.payload)).to.deep.equal([
          JSON.stringify({ id: second.eventId, owner: (await event(second.eventId)).scheduleId }),
        ]);
      });

      it("releases what was not claimed often enough without a begin (E8)", async () => {
        const { addDue, claim, events, event } = await setup();
        await addDue(1);
        const first = there((await claim())[0]);
        await events.giveUp([first], 2);
        const second = there((await claim())[0]);
        await events.giveUp([second], 2);

        expect(second.eventId).to.equal(first.eventId);
        expect(await event(second.eventId)).to.include({ state: "FAILED", reason: "undeliverable" });
      });

      it("counts only claims running that nobody began (E8)", async () => {
        const { begun, finish, claim, events, event } = await setup();
        const tried = await begun();
        await finish(tried.claim, again(0), anAttempt(tried));
        const next = there((await claim())[0]);

        await events.giveUp([next], 2);

        expect(await event(next.eventId)).to.include({ state: "PENDING", attempt: 1 });
      });
    });

    describe("claimed ahead of its time", () => {
      it("does not begin before it is due, and changes nothing over it (E2, I8)", async () => {
        const { add, at, claim, begin, event, advance, schedule } = await setup();
        const soon = anEvent(schedule, at(5 * MINUTE));
        await add(soon);
        const held = there((await claim({ lookAheadMs: 10 * MINUTE }))[0]);
        const before = await event(soon.id);

        const early = await begin(held);
        const unchanged = await event(soon.id);
        const wait = there(early.early[0]).inMs;
        await advance(wait);
        const { begun } = await begin(held);

        expect(early).to.deep.include({ begun: [], lost: [] });
        expect(wait).to.be.within(1, 5 * MINUTE);
        expect(unchanged).to.deep.equal(before);
        expect(begun).to.have.length(1);
      });

      it("is held for a whole lease from its due time on (E9)", async () => {
        const { add, at, claim, schedule } = await setup();
        const soon = anEvent(schedule, at(5 * MINUTE));
        await add(soon);
        const held = there((await claim({ lookAheadMs: 10 * MINUTE }))[0]);

        expect(held.leaseEnd.getTime()).to.equal(soon.dueAt.getTime() + LEASE);
      });
    });

    describe("claiming and beginning at once", () => {
      const eventsOf = (reports: readonly TakeReport[]) =>
        reports.flatMap(({ begun }) => begun.map(({ event }) => event));

      it("gives what is to be sent, begun and counted (E10)", async () => {
        const { addDue, takeDue, event, schedule, destination } = await setup();
        const due = await addDue(3);

        const { begun, seen } = await takeDue();

        expect(seen).to.equal(3);
        expect(idsOf(begun.map((one) => one.event))).to.deep.equal(idsOf(due));
        for (const one of begun) {
          const { now } = one;
          const claim = { eventId: one.event.id, tenant: schedule.tenant, fence: 1 };
          expect(one.claim).to.include(claim);
          expect(one).to.deep.include({ destination, attemptNumber: 1 });
          expect(schedule).to.deep.include(one.schedule);
          expect(one.event).to.deep.equal(await event(one.event.id));
          expect(one.event).to.deep.include({
            ...{ state: "PROCESSING", fence: 1, unheard: 0, attempt: 1, begunAt: now, firstAttemptAt: now },
            ...{ wakeAt: new Date(now.getTime() + LEASE), leads: false },
            content: { type: schedule.type, payload: schedule.payload, subject: null },
          });
        }
      });

      it("gives each of 200 events to one of 20 at once, no more than asked for (E10, I1, E1)", async () => {
        const { addDue, takeDue } = await setup();
        const due = await addDue(200);
        const drain = async () => {
          const reports: TakeReport[] = [];
          do reports.push(await takeDue(take, { limit: 10 }));
          while ((reports.at(-1)?.begun.length ?? 0) > 0 && reports.length <= due.length);
          return reports;
        };

        const reports = (await Promise.all(Array.from({ length: 20 }, drain))).flat();

        expect(Math.max(...reports.map(({ begun }) => begun.length))).to.equal(10);
        expect(idsOf(eventsOf(reports)).sort()).to.deep.equal(idsOf(due).sort());
      });

      it("takes nothing ahead of its time (E10, I8)", async () => {
        const { add, at, schedule, takeDue } = await setup();
        await add(anEvent(schedule, at(MINUTE)));

        expect(await takeDue()).to.deep.equal({ begun: [], seen: 0, planned: 0 });
      });

      it("leaves what is asked again before it is due until it is (E10, I8)", async () => {
        const { add, at, schedule, claimDue, takeDue, advance } = await setup();
        await add(anEvent(schedule, at(2 * HOUR)));
        const soon: PlanClaim = (_, now) => ({
          verdict: { kind: "wait", until: new Date(now.getTime() + MINUTE) },
          successors: [],
        });
        await claimDue(soon, { lookAheadMs: DAY });
        await advance(HOUR);
        expect((await takeDue()).begun).to.deep.equal([]);
        await advance(HOUR + MINUTE);

        expect((await takeDue()).begun).to.have.length(1);
      });

      it("stores successors with it (E10, I4)", async () => {
        const { add, at, schedule, takeDue, event } = await setup();
        await add(anEvent(schedule, at(-MINUTE), { leads: true }));
        const second = anEvent(schedule, at(HOUR), { ordinal: 2, leads: true });

        expect((await takeDue(follow(second))).planned).to.equal(1);
        expect(await event(second.id)).to.include({ state: "PENDING", leads: true });
      });

      it("begins only what the plan takes (E10)", async () => {
        const { addDue, takeDue, event } = await setup();
        const [skipped, taken] = await addDue(2);
        const plan: PlanClaim = (due, now) => (due.event.id === skipped?.id ? decide(SKIP) : take)(due, now);

        const { begun, seen } = await takeDue(plan);

        expect(seen).to.equal(2);
        expect(idsOf(begun.map((one) => one.event))).to.deep.equal([taken?.id]);
        expect(await event(there(skipped).id)).to.include({ state: "SKIPPED", attempt: 0 });
      });

      it("gives its claim a fence that ends it, once, and that no message can begin again (E10, I3, E2)", async () => {
        const { addDue, takeDue, begin, finish, event } = await setup();
        await addDue(1);
        const one = there((await takeDue()).begun[0]);

        expect((await begin(one.claim)).lost).to.have.length(1);
        expect((await finish(one.claim, COMPLETED, anAttempt(one))).lost).to.deep.equal([]);
        expect((await finish(one.claim, COMPLETED, anAttempt(one))).lost).to.have.length(1);
        expect(await event(one.event.id)).to.include({ state: "COMPLETED" });
      });

      it("offers it again when its lease ends, the attempt on record, with the same content (E10, I2, E3, E4)", async () => {
        const { addDue, takeDue, advance, edit, attempts } = await setup();
        await addDue(1);
        const first = there((await takeDue()).begun[0]);
        await edit({ payload: '{"edited":true}' });
        await advance(LEASE - MINUTE);
        expect((await takeDue()).begun).to.deep.equal([]);
        await advance(MINUTE);

        const second = there((await takeDue()).begun[0]);

        expect(second.claim.fence).to.be.greaterThan(first.claim.fence);
        expect(second).to.deep.include({ attemptNumber: 2 });
        expect(second.event).to.deep.include({ attempt: 2, content: first.event.content });
        expect((await attempts(first.event.id)).map(({ error }) => error)).to.deep.equal(["unknown"]);
      });

      it("reads a schedule and a destination as they are now (E10, I7)", async () => {
        const { addDue, takeDue, edit, change, destination } = await setup();
        await addDue(1);
        await edit({ payload: '{"edited":true}' });
        await change(({ destinations }) => destinations.save({ ...destination, enabled: false, revision: 2 }));

        const one = there((await takeDue()).begun[0]);

        expect(one.event.content).to.include({ payload: '{"edited":true}' });
        expect(one.destination).to.include({ enabled: false });
      });
    });

    describe("beginning", () => {
      it("begins a claim once (E2)", async () => {
        const { begun, begin, event } = await setup();
        const { claim } = await begun();

        expect(await begin(claim)).to.deep.equal({ begun: [], lost: [claim], early: [] });
        expect((await event(claim.eventId)).attempt).to.equal(1);
      });

      it("begins a claim for one of 20 workers at the same time (E2)", async () => {
        const { claimed, begin } = await setup();
        const held = await claimed();

        const reports = await Promise.all(Array.from({ length: 20 }, () => begin(held)));

        expect(reports.flatMap((report) => report.begun)).to.have.length(1);
        expect(reports.flatMap((report) => report.lost)).to.have.length(19);
      });

      it("begins a claim once that stands twice in a call (E2)", async () => {
        const { claimed, begin } = await setup();
        const held = await claimed();

        expect((await begin(held, held)).begun).to.have.length(1);
      });

      it("begins those that are held and tells of those that are lost, in one call (E2, I3)", async () => {
        const { claimed, cancel, begin } = await setup();
        const [lost, ...held] = [await claimed(), await claimed(), await claimed()];
        await cancel(lost.eventId);

        const report = await begin(lost, ...held);

        expect(report.lost).to.deep.equal([lost]);
        expect(report.begun.map((one) => one.claim)).to.have.deep.members(held);
      });

      it("gives what is to be sent, and counts the attempt", async () => {
        const { claimed, beginOne, event, schedule, destination } = await setup();
        const held = await claimed();

        const begun = await beginOne(held);

        expect(begun).to.deep.include({ claim: held, destination, attemptNumber: 1 });
        expect(begun.schedule).to.include.keys("id", "status", "revision", "lateness", "retry");
        expect(schedule).to.deep.include(begun.schedule);
        expect(begun.event).to.deep.equal(await event(held.eventId));
        const { now } = begun;
        expect(begun.event).to.deep.include({
          ...{ state: "PROCESSING", fence: held.fence, attempt: 1, begunAt: now, firstAttemptAt: now },
          wakeAt: new Date(now.getTime() + LEASE),
        });
      });

      it("sees a schedule as it was changed after the claim (I7)", async () => {
        const { claimed, edit, beginOne } = await setup();
        const held = await claimed();
        await edit({ status: "paused", payload: '{"edited":true}', type: "report.ready" });

        const { schedule, event } = await beginOne(held);

        expect(schedule).to.include({ status: "paused", revision: 2 });
        expect(event.content).to.deep.include({ payload: '{"edited":true}', type: "report.ready" });
      });

      it("sees a destination as it was disabled after the claim (I7)", async () => {
        const { claimed, change, destination, beginOne } = await setup();
        const held = await claimed();
        const disabled = { ...destination, enabled: false, disabledBecause: "gone", revision: 2 } as const;
        await change(({ destinations }) => destinations.save(disabled));

        expect((await beginOne(held)).destination).to.deep.equal(disabled);
      });

      it("sees the destination that the schedule was given after the claim (I7)", async () => {
        const { claimed, change, edit, beginOne } = await setup();
        const held = await claimed();
        const elsewhere = aDestination();
        await change(({ destinations }) => destinations.add(elsewhere));
        await edit({ destinationId: elsewhere.id });

        const { destination, event } = await beginOne(held);

        expect(destination).to.deep.equal(elsewhere);
        expect(event.destinationId).to.equal(elsewhere.id);
      });

      it("sees that schedule and destination were deleted after the claim (I7)", async () => {
        const { claimed, change, edit, destination, beginOne } = await setup();
        const held = await claimed();
        await edit({ status: "deleted" });
        await change(({ destinations }) => destinations.remove(destination.id));

        const begun = await beginOne(held);

        expect(begun.schedule.status).to.equal("deleted");
        expect(begun.destination).to.equal(null);
      });

      it("sees the user as they are now, or that they are gone (I7)", async () => {
        const { addSchedule, change, claimed, beginOne } = await setup();
        const user = aUser({ scheduleId: anId() });
        const birthday = await addSchedule({ id: user.scheduleId, userId: user.id });
        await change(({ users }) => users.add(user));
        const [first, second] = [await claimed(birthday), await claimed(birthday)];
        await change(({ users }) => users.save({ ...user, firstName: "Augusta", revision: 2 }));

        const named = await beginOne(first);
        await change(({ users }) => users.remove(user.id));
        const nameless = await beginOne(second);

        const { id: userId, lastName, dateOfBirth, timezone } = user;
        const subject = { userId, firstName: "Augusta", lastName, dateOfBirth, timezone };
        expect(named.event.content?.subject).to.deep.equal(subject);
        expect(nameless.event.content?.subject).to.equal(null);
      });

      it("finds a cancelled event lost (I7)", async () => {
        const { claimed, cancel, begin, event } = await setup();
        const held = await claimed();
        await cancel(held.eventId);

        expect((await begin(held)).lost).to.deep.equal([held]);
        expect((await event(held.eventId)).state).to.equal("CANCELLED");
      });

      it("finds a moved event lost (I7)", async () => {
        const { claimed, move, begin, at } = await setup();
        const held = await claimed();
        await move(held.eventId, at(HOUR));

        expect((await begin(held)).lost).to.deep.equal([held]);
      });

      it("begins an event or lets it be cancelled, not both (I7)", async () => {
        const { claimed, cancel, begin } = await setup();
        for (let round = 0; round < 20; round++) {
          const held = await claimed();

          const [{ begun }, cancelling] = await Promise.all([begin(held), endOf(cancel(held.eventId))]);

          expect(cancelling).to.equal(begun.length === 1 ? "in_flight" : "done");
        }
      });

      it("sends the same at each attempt, whatever was edited in between (E3)", async () => {
        const { begun, finish, edit, claim, beginOne } = await setup();
        const first = await begun();
        await finish(first.claim, again(0), anAttempt(first, { status: 503 }));
        await edit({ payload: '{"edited":true}', type: "report.ready" });

        const second = await beginOne(there((await claim())[0]));

        expect(second.event.content).to.deep.equal(first.event.content);
        expect(second.event.content).to.deep.equal({
          ...{ type: "report.due", payload: '{ "version": 1.0 }', subject: null },
        });
        expect(second.schedule.revision, "the schedule is the edited one").to.equal(2);
      });

      it("sends the same after a worker was never heard of again (E3)", async () => {
        const { begun, edit, claim, beginOne, advance } = await setup();
        const first = await begun();
        await edit({ payload: '{"edited":true}' });
        await advance(LEASE);

        const second = await beginOne(there((await claim())[0]));

        expect(second.event.content).to.deep.equal(first.event.content);
      });

      it("sends what the schedule says now after a redrive (E3)", async () => {
        const { begun, finish, edit, replace, claim, beginOne } = await setup();
        const first = await begun();
        await finish(first.claim, { state: "FAILED", reason: "rejected" }, anAttempt(first, { status: 400 }));
        await edit({ payload: '{"edited":true}' });
        await replace(first.event.id, redriven);

        const second = await beginOne(there((await claim())[0]));

        expect(second.event.content?.payload).to.equal('{"edited":true}');
        expect(second).to.include({ attemptNumber: 2 });
        expect(second.event).to.include({ attempt: 1, redrives: 1 });
      });
    });

    describe("finishing", () => {
      it("stores the new state and the attempt together (E5)", async () => {
        const { begun, finish, event, attempts } = await setup();
        const one = await begun();
        const attempt = anAttempt(one);

        expect(await finish(one.claim, COMPLETED, attempt, 250)).to.deep.equal({ lost: [] });

        const { finishedAt, ...ended } = await event(one.event.id);
        expect(ended).to.deep.include({
          ...{ state: "COMPLETED", reason: null, wakeAt: null, begunAt: null, attempt: 1, latenessMs: 250 },
        });
        expect(finishedAt?.getTime()).to.be.at.least(one.now.getTime());
        expect(await attempts(one.event.id)).to.deep.equal([attempt]);
      });

      it("keeps the first lateness, and each attempt in its order (E5)", async () => {
        const { begun, finish, event, attempts, claim, beginOne } = await setup();
        const first = await begun();
        const made = [anAttempt(first, { status: null, error: "timeout", responseExcerpt: null })];
        await finish(first.claim, again(0), made[0], 100);
        const second = await beginOne(there((await claim())[0]));
        made.push(anAttempt(second));

        await finish(second.claim, COMPLETED, made[1], 100_000);

        expect(await event(first.event.id)).to.include({ attempt: 2, latenessMs: 100 });
        expect(second.attemptNumber).to.equal(2);
        expect(await attempts(first.event.id)).to.deep.equal(made);
      });

      it("finishes those that are held and tells of those that are lost, in one call (E5)", async () => {
        const { begun, claimed, cancel, events, event, attempts } = await setup();
        const [done, retried, failed] = [await begun(), await begun(), await begun()];
        const lost = await claimed();
        await cancel(lost.eventId);

        const report = await events.finish([
          { claim: lost, outcome: COMPLETED, attempt: anAttempt(done) },
          { claim: done.claim, outcome: COMPLETED, attempt: anAttempt(done) },
          { claim: retried.claim, outcome: again(HOUR), attempt: anAttempt(retried, { status: 503 }) },
          { claim: failed.claim, outcome: { state: "FAILED", reason: "gone" }, attempt: anAttempt(failed) },
        ]);

        expect(report).to.deep.equal({ lost: [lost] });
        const after = await Promise.all([lost.eventId, ...idsOf([done.event, retried.event, failed.event])].map(event));
        expect(after.map(({ state }) => state)).to.deep.equal(["CANCELLED", "COMPLETED", "PENDING", "FAILED"]);
        const counts = await Promise.all(idsOf(after).map(async (id) => (await attempts(id)).length));
        expect(counts).to.deep.equal([0, 1, 1, 1]);
      });

      it("stores a callback with the end that it tells of, and none where the claim was lost (E5)", async () => {
        const { begun, events, event, at, change, schedule, destination } = await setup();
        const [one, lost] = [await begun(), await begun()];
        const told = aDestination();
        await change(({ destinations }) => destinations.add(told));
        const content = { type: "punctual.event.completed", payload: '{"eventId":"x"}', subject: null };
        const callback = (): NewEvent =>
          anEvent(schedule, at(-MINUTE), {
            ...{ id: anId(), key: "callback/0", origin: "callback", ordinal: 0, content, type: content.type },
            destinationId: told.id,
          });
        const [made, never] = [callback(), callback()];
        await events.finish([{ claim: lost.claim, outcome: COMPLETED }]);

        await events.finish([
          { claim: one.claim, outcome: COMPLETED, attempt: anAttempt(one), callback: made },
          { claim: lost.claim, outcome: COMPLETED, attempt: anAttempt(lost), callback: never },
        ]);

        expect(await event(made.id)).to.deep.include({ state: "PENDING", origin: "callback", content });
        const all = await change((transaction) => transaction.events.list({ origin: "callback", limit: 10 }));
        expect(idsOf(all)).to.deep.equal([made.id]);
        const { begun: again } = await events.takeDue({ limit: 10, leaseMs: LEASE }, take);
        expect(again[0]).to.deep.include({ destination: told });
        expect(again[0]?.event).to.deep.include({ content, destinationId: told.id });
        expect(destination.id).to.not.equal(told.id);
        await events.finish([{ claim: there(again[0]).claim, outcome: { state: "PENDING", inMs: 0 } }]);
        expect(await event(made.id)).to.deep.include({ content, attempt: 0 });
      });

      it("leaves what its receiver has taken over alone, until the time is over (E5, E2, I2)", async () => {
        const { begun, begin, finish, event, attempts, advance, claim, beginOne } = await setup();
        const one = await begun();
        const attempt = anAttempt(one, { status: 202 });

        expect(await finish(one.claim, { state: "PROCESSING", inMs: HOUR }, attempt)).to.deep.equal({ lost: [] });

        const accepted = await event(one.event.id);
        expect(accepted).to.include({ state: "PROCESSING", begunAt: null, attempt: 1 });
        expect(accepted.fence).to.be.greaterThan(one.claim.fence);
        expect(await attempts(one.event.id)).to.deep.equal([attempt]);
        expect((await begin(one.claim)).lost).to.have.length(1);
        expect((await finish(one.claim, COMPLETED)).lost).to.have.length(1);
        await advance(HOUR - MINUTE);
        expect(await claim()).to.deep.equal([]);
        await advance(MINUTE);
        const next = await beginOne(there((await claim())[0]));
        expect(next).to.include({ attemptNumber: 2 });
        expect(next.event).to.deep.include({ attempt: 2, content: one.event.content });
        expect(await attempts(one.event.id)).to.deep.equal([attempt]);
      });

      it("takes the first of two endings of one claim (E5, I3)", async () => {
        const { begun, events, event, attempts } = await setup();
        const one = await begun();
        const ending = { claim: one.claim, outcome: COMPLETED, attempt: anAttempt(one) };

        await events.finish([ending, { ...ending, outcome: { state: "FAILED", reason: "rejected" } }]);

        expect((await event(one.event.id)).state).to.equal("COMPLETED");
        expect(await attempts(one.event.id)).to.have.length(1);
      });

      it("ends a claim that never began (I3)", async () => {
        const { claimed, finish, event } = await setup();
        const { eventId, ...held } = await claimed();

        await finish({ eventId, ...held }, { state: "FAILED", reason: "undeliverable" });

        expect(await event(eventId)).to.include({ state: "FAILED", reason: "undeliverable", attempt: 0 });
      });

      itFails("changes nothing when it fails before the commit (E5)", async () => {
        const { store, begun, finish, event, attempts } = await setup();
        const one = await begun();
        store.failpoints.arm("finish.before_commit", crash);

        const failure = await thrownBy(finish(one.claim, COMPLETED, anAttempt(one)));

        store.failpoints.disarm("finish.before_commit");
        expect(failure).to.have.property("message", "crashed here");
        expect(await event(one.event.id)).to.deep.equal(one.event);
        expect(await attempts(one.event.id)).to.deep.equal([]);
        expect((await finish(one.claim, COMPLETED, anAttempt(one))).lost, "tried again").to.deep.equal([]);
      });

      itFails("has done its work when it fails after the commit, and is lost when tried again (E5, I6)", async () => {
        const { store, begun, finish, event, attempts } = await setup();
        const one = await begun();
        store.failpoints.arm("finish.after_commit", crash);

        const failure = await thrownBy(finish(one.claim, COMPLETED, anAttempt(one)));

        store.failpoints.disarm("finish.after_commit");
        expect(failure).to.have.property("message", "crashed here");
        expect((await event(one.event.id)).state).to.equal("COMPLETED");
        expect((await finish(one.claim, COMPLETED, anAttempt(one))).lost).to.deep.equal([one.claim]);
        expect(await attempts(one.event.id)).to.have.length(1);
      });

      for (const outcome of ENDS) {
        it(`never offers a ${outcome.state} event again (I6)`, async () => {
          const { begun, finish, begin, advance, claim, event } = await setup();
          const one = await begun();
          await finish(one.claim, outcome, anAttempt(one));
          const ended = await event(one.event.id);

          await advance(40 * DAY);

          expect(await claim({ lookAheadMs: DAY })).to.deep.equal([]);
          expect((await begin(one.claim)).lost).to.deep.equal([one.claim]);
          expect((await finish(one.claim, ENDS[1] ?? outcome)).lost).to.deep.equal([one.claim]);
          expect((await finish(one.claim, again(0))).lost).to.deep.equal([one.claim]);
          expect(await event(one.event.id)).to.deep.equal(ended);
        });
      }

      for (const { kind, reason } of VERDICTS) {
        it(`never offers an event again that the plan ended: ${kind} (I6)`, async () => {
          const { addDue, claimDue, advance, claim } = await setup();
          await addDue(1);
          await claimDue(decide({ kind, reason }));

          await advance(40 * DAY);

          expect(await claim()).to.deep.equal([]);
        });
      }

      it("offers a failed event again after a redrive: the same event, with a higher fence (I2, I6)", async () => {
        const { begun, finish, replace, claim, event, attempts } = await setup();
        const one = await begun();
        await finish(one.claim, { state: "FAILED", reason: "rejected" }, anAttempt(one, { status: 400 }));
        await replace(one.event.id, redriven);

        const [offered] = await claim();

        expect(offered?.eventId).to.equal(one.event.id);
        expect(offered?.fence).to.be.above(one.claim.fence);
        expect(await event(one.event.id)).to.include({ redrives: 1, attempt: 0, reason: null, finishedAt: null });
        expect(await attempts(one.event.id)).to.have.length(1);
      });

      it("offers an event for its retry when the pause is over, and not before", async () => {
        const { begun, finish, advance, claim, event } = await setup();
        const one = await begun();
        await finish(one.claim, again(30 * MINUTE), anAttempt(one, { status: 503 }));
        const waiting = await event(one.event.id);

        await advance(29 * MINUTE);
        const early = await claim();
        await advance(MINUTE);

        expect(waiting).to.include({ state: "PENDING", attempt: 1, begunAt: null });
        expect(early).to.deep.equal([]);
        expect((await claim())[0]).to.include({ eventId: one.event.id, fence: one.claim.fence + 1 });
      });

      it("does not count an attempt that was not made", async () => {
        const { begun, finish, event, attempts, claim, beginOne } = await setup();
        const postponed = await begun();
        await finish(postponed.claim, again(0));
        const waiting = await event(postponed.event.id);

        const second = await beginOne(there((await claim())[0]));

        expect(waiting).to.include({ state: "PENDING", attempt: 0, begunAt: null, firstAttemptAt: null });
        expect(second).to.include({ attemptNumber: 1 });
        expect(second.event.attempt).to.equal(1);
        expect(await attempts(postponed.event.id)).to.deep.equal([]);
      });

      it("keeps what an earlier attempt has fixed when a later one is not made (E3)", async () => {
        const { begun, finish, edit, event, claim, beginOne } = await setup();
        const first = await begun();
        await finish(first.claim, again(0), anAttempt(first, { status: 503 }), 10);
        await edit({ payload: '{"edited":true}' });

        const second = await beginOne(there((await claim())[0]));
        await finish(second.claim, again(0));

        const { content, firstAttemptAt } = first.event;
        expect(await event(first.event.id)).to.deep.include({ content, firstAttemptAt, attempt: 1, latenessMs: 10 });
      });

      it("records an attempt as unknown whose worker was never heard of again (E4)", async () => {
        const { begun, advance, claim, event, attempts, beginOne } = await setup();
        const gone = await begun();
        await advance(LEASE);

        const [next] = await claim();

        const [unknown, ...more] = await attempts(gone.event.id);
        const { durationMs, ...rest } = there(unknown);
        const begunAt = gone.now;
        expect(rest).to.deep.equal({
          ...{
            number: 1,
            startedAt: begunAt,
            status: null,
            error: "unknown",
            detail: null,
            timings: null,
            responseExcerpt: null,
          },
        });
        expect(durationMs).to.be.at.least(LEASE);
        expect(more).to.deep.equal([]);
        expect(await event(gone.event.id)).to.include({ attempt: 1, begunAt: null });
        expect((await beginOne(there(next))).attemptNumber).to.equal(2);
      });

      it("records nothing for a claim that never began (E4)", async () => {
        const { claimed, advance, claim, attempts } = await setup();
        const { eventId } = await claimed();
        await advance(LEASE);
        await claim();

        expect(await attempts(eventId)).to.deep.equal([]);
      });

      it("records the unknown attempt of an event too that the plan then ends (E4)", async () => {
        const { begun, advance, claimDue, event, attempts } = await setup();
        const { event: lost } = await begun();
        await advance(LEASE);

        await claimDue(decide({ kind: "fail", reason: "attempts_exhausted" }));

        expect(await event(lost.id)).to.include({ state: "FAILED", reason: "attempts_exhausted" });
        expect((await attempts(lost.id)).map(({ error }) => error)).to.deep.equal(["unknown"]);
      });
    });

    describe("parking", () => {
      const resume = (scene: Awaited<ReturnType<typeof setup>>) =>
        scene.change(async ({ schedules, events }) => {
          const paused = there(await schedules.get(scene.schedule.id));
          await schedules.save({ ...paused, status: "active", revision: paused.revision + 1 });
          await events.unpark(paused.id);
        });

      it("parks an event while its schedule is paused, until it is resumed (E7)", async () => {
        const scene = await setup();
        const { addDue, edit, claimDue, event, advance, claim } = scene;
        const [due] = await addDue(1);
        await edit({ status: "paused" });

        const report = await claimDue(parkPaused);
        const parked = await event(there(due).id);
        await advance(DAY);
        const meanwhile = await claim();
        await resume(scene);

        expect(report).to.deep.include({ claims: [], seen: 1 });
        expect(parked).to.include({ state: "PENDING", wakeAt: null });
        expect(meanwhile).to.deep.equal([]);
        expect(await claim()).to.have.length(1);
      });

      it("parks a begun event whose schedule was paused (E7)", async () => {
        const scene = await setup();
        const { begun, edit, finish, event, claim } = scene;
        const one = await begun();
        await edit({ status: "paused" });
        await finish(one.claim, again(null));
        const parked = await event(one.event.id);

        await resume(scene);

        expect(parked).to.include({ state: "PENDING", wakeAt: null, attempt: 0 });
        expect(await claim()).to.have.length(1);
      });

      it("wakes an event at once where the plan parks it and its schedule is resumed already (E7)", async () => {
        const { addDue, claimDue, claim } = await setup();
        await addDue(1);

        await claimDue(decide({ kind: "park" }));

        expect(await claim()).to.have.length(1);
      });

      it("wakes an event at once where its worker parks it and its schedule is resumed already (E7)", async () => {
        const { begun, finish, claim } = await setup();
        const one = await begun();

        await finish(one.claim, again(null));

        expect(await claim()).to.have.length(1);
      });

      itFails("forgets no event that is parked while its schedule is being resumed (E7)", async () => {
        const scene = await setup();
        const { store, addDue, edit, claimDue, claim } = scene;
        await addDue(1);
        await edit({ status: "paused" });
        let resumed: Promise<void> | undefined;
        store.failpoints.arm("claim.before_commit", async () => {
          resumed ??= resume(scene);
          await headStart(store);
        });

        const { claims } = await claimDue(parkPaused);
        await resumed;

        store.failpoints.disarm("claim.before_commit");
        expect([...claims, ...(await claim())]).to.have.length(1);
      });

      itFails("forgets no event that its worker parks while its schedule is being resumed (E7)", async () => {
        const scene = await setup();
        const { store, begun, edit, finish, claim } = scene;
        const one = await begun();
        await edit({ status: "paused" });
        let resumed: Promise<void> | undefined;
        store.failpoints.arm("finish.before_commit", async () => {
          resumed ??= resume(scene);
          await headStart(store);
        });

        await finish(one.claim, again(null));
        await resumed;

        store.failpoints.disarm("finish.before_commit");
        expect(await claim()).to.have.length(1);
      });
    });

    describe("telling how things stand", () => {
      it("knows when the next event wants attention: due time, lease end or retry", async () => {
        const { events, add, at, claim, beginOne, finish, event, advance, schedule } = await setup();
        const soon = anEvent(schedule, at(5 * MINUTE));
        const wakes = [await events.nextWake()];
        await add(soon, anEvent(schedule, at(HOUR)));
        wakes.push(await events.nextWake());
        const [held] = await claim({ lookAheadMs: 5 * MINUTE });
        wakes.push(await events.nextWake());
        await advance(5 * MINUTE);
        await finish(there(held), again(20 * MINUTE), anAttempt(await beginOne(there(held))));
        wakes.push(await events.nextWake());

        const retryAt = (await event(soon.id)).wakeAt;
        expect(wakes.map((wake) => wake?.at)).to.deep.equal([undefined, soon.dueAt, held?.leaseEnd, retryAt]);
        expect(wakes.map((wake) => wake?.ahead)).to.deep.equal([undefined, true, false, false]);
        expect(wakes[0]).to.equal(null);
      });

      it("tells its own time with it, and nothing of what is parked or has ended", async () => {
        const { store, events, add, at, claimed, finish, schedule } = await setup();
        await add(anEvent(schedule, at(HOUR), { parked: true }));
        await finish(await claimed(), COMPLETED);
        const nothing = await events.nextWake();
        await add(anEvent(schedule, at(2 * HOUR)));

        const before = await store.now();
        const wake = await events.nextWake();
        const after = await store.now();

        expect(nothing).to.equal(null);
        expect(wake?.now).to.be.within(before, after);
      });

      it("tells how much is due, how late the oldest is, and how much is open", async () => {
        const { events, add, at, claimed, finish, advance, schedule } = await setup();
        const none = await events.backlog();
        await finish(await claimed(), COMPLETED);
        await claimed();
        await add(anEvent(schedule, at(HOUR)), anEvent(schedule, at(2 * MINUTE)), anEvent(schedule, at(3 * MINUTE)));

        await advance(5 * MINUTE);

        const { oldestDueAgeMs, oldestSnapshotMs, ...counts } = await events.backlog();
        expect(none).to.deep.include({ oldestDueAgeMs: 0, due: 0, open: 0 });
        expect(oldestSnapshotMs).to.be.at.least(0);
        expect(counts).to.deep.equal({ due: 2, open: 4 });
        expect(oldestDueAgeMs).to.be.within(3 * MINUTE, 4 * MINUTE);
      });
    });
  });
}
