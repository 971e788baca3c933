import { expect } from "chai";
import type { EventState, ScheduledEvent } from "../../src/events/event.js";
import { eventFrom, isTerminal } from "../../src/events/event.js";
import {
  type Action,
  begun,
  claimed,
  claimKey,
  finished,
  handedBack,
  holds,
  isInFlight,
  moved,
  nextState,
  redriven,
  retried,
} from "../../src/events/life-cycle.js";
import { newEvent } from "../../src/events/new-event.js";
import { anEvent, aSchedule, at, recurrence } from "./support/examples.js";

const STATES: readonly EventState[] = ["PENDING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED"];

const no = null;
/** Down: what is done; across: to an event in the state of `STATES` at that place. */
const TABLE: Readonly<Record<Action, readonly (EventState | null)[]>> = {
  claim: ["PROCESSING", "PROCESSING", no, no, no, no],
  begin: [no, "PROCESSING", no, no, no, no],
  accept: [no, "PROCESSING", no, no, no, no],
  complete: [no, "COMPLETED", no, no, no, no],
  fail: ["FAILED", "FAILED", no, no, no, no],
  retry: [no, "PENDING", no, no, no, no],
  release: [no, "PENDING", no, no, no, no],
  skip: ["SKIPPED", "SKIPPED", no, no, no, no],
  cancel: ["CANCELLED", "CANCELLED", no, no, no, no],
  reschedule: ["PENDING", "PENDING", no, no, no, no],
  redrive: [no, no, no, "PENDING", no, no],
};

describe("nextState", () => {
  for (const [action, results] of Object.entries(TABLE) as [Action, readonly (EventState | null)[]][]) {
    STATES.forEach((state, index) => {
      const result = results[index] ?? null;
      it(result === null ? `forbids ${action} of ${state}` : `leads by ${action} from ${state} to ${result}`, () => {
        expect(nextState(state, action)).to.equal(result);
      });
    });
  }

  it("lets nothing out of a terminal state but a failed event's redrive (I6)", () => {
    const actions = Object.keys(TABLE) as Action[];
    for (const state of STATES.filter(isTerminal)) {
      const ways = actions.filter((action) => nextState(state, action) !== null);
      expect(ways).to.deep.equal(state === "FAILED" ? ["redrive"] : []);
    }
  });

  it("leads from the first state to all others", () => {
    const reached = new Set<EventState>(["PENDING"]);
    for (const state of reached) {
      for (const action of Object.keys(TABLE) as Action[]) {
        const next = nextState(state, action);
        if (next !== null) reached.add(next);
      }
    }
    expect([...reached].sort()).to.deep.equal([...STATES].sort());
  });
});

const nine = at("2027-03-14T09:00");
const leaseEnd = at("2027-03-14T09:00:30");
const later = at("2027-03-14T09:01");
const content = { type: "report.due", payload: '{"n":1}', subject: null };
const current = { content, destinationId: "018f3c2e-7b1a-7c3d-9e4f-0123456789ff" };

function setup() {
  const pending = anEvent(aSchedule(), "2027-03-14T09:00");
  const held = claimed(pending, leaseEnd);
  const sending = begun(held, nine, leaseEnd, current);
  return { pending, held, sending };
}

/** Only what differs. */
function changes(before: ScheduledEvent, after: ScheduledEvent): Partial<ScheduledEvent> {
  const names = Object.keys(after) as (keyof ScheduledEvent)[];
  return Object.fromEntries(names.filter((name) => after[name] !== before[name]).map((name) => [name, after[name]]));
}

describe("the life of an event", () => {
  it("begins asleep until it is due, or for good while parked", () => {
    const schedule = aSchedule();
    const compiled = recurrence.of(schedule.timing);
    const occurrence = compiled.after(nine.getTime() - 1)!;
    const options = { ordinal: 1, leads: true, tzdata: "2026a" };
    const fresh = newEvent(schedule, compiled, occurrence, options);

    expect(eventFrom(fresh, nine)).to.include({ state: "PENDING", fence: 0, attempt: 0, redrives: 0, pinned: false });
    expect(eventFrom(fresh, nine).wakeAt).to.deep.equal(nine);
    expect(eventFrom({ ...fresh, parked: true }, nine).wakeAt).to.equal(null);
    expect(eventFrom(fresh, nine)).not.to.have.property("parked");
    const skipped = eventFrom(newEvent(schedule, compiled, occurrence, { ...options, skipped: "missed" }), later);
    expect(skipped).to.include({ state: "SKIPPED", reason: "missed", wakeAt: null });
    expect(skipped.finishedAt).to.deep.equal(later);
  });

  it("is claimed with a higher fence each time, and leads no more", () => {
    const { pending, held } = setup();
    expect(changes(pending, held)).to.deep.equal({
      state: "PROCESSING",
      leads: false,
      wakeAt: leaseEnd,
      fence: 1,
      unheard: 1,
    });
    expect(claimed(held, later)).to.include({ fence: 2, unheard: 2, state: "PROCESSING", leads: false });
    expect(claimed(begun(held, nine, leaseEnd, current), later).begunAt).to.equal(null);
  });

  it("is held by the current fence alone", () => {
    const { pending, held, sending } = setup();
    const claim = (fence: number) => ({ eventId: held.id, tenant: "main", fence });
    expect(holds(held, claim(1))).to.equal(true);
    expect(holds(sending, claim(1))).to.equal(true);
    expect(holds(held, claim(0))).to.equal(false);
    expect(holds(held, claim(2))).to.equal(false);
    expect(holds(pending, claim(0))).to.equal(false);
    expect(holds(retried(sending, later), claim(1))).to.equal(false);
    expect(claimKey(claim(1))).not.to.equal(claimKey(claim(2)));
  });

  it("begins once a claim, and fixes what it sends with the first attempt", () => {
    const { held, sending } = setup();
    expect(changes(held, sending)).to.deep.equal({
      begunAt: nine,
      attempt: 1,
      firstAttemptAt: nine,
      content,
      unheard: 0,
    });

    const other = { content: { ...content, payload: '{"n":2}' }, destinationId: "another" };
    const again = begun(claimed(retried(sending, later), later), later, later, other);
    expect(again).to.include({ attempt: 2, destinationId: "another" });
    expect(again.content).to.deep.equal(content);
    expect(again.firstAttemptAt).to.deep.equal(nine);
  });

  for (const state of ["COMPLETED", "FAILED", "CANCELLED", "SKIPPED"] as const) {
    it(`ends ${state}, and wakes no more`, () => {
      const { sending } = setup();
      const ended = finished(sending, state, later, state === "COMPLETED" ? null : "rejected");
      expect(ended).to.include({ state, wakeAt: null, begunAt: null, leads: false, attempt: 1, fence: 1 });
      expect(ended.finishedAt).to.deep.equal(later);
    });
  }

  it("keeps its attempts when it is tried again", () => {
    const { sending } = setup();
    expect(changes(sending, retried(sending, later))).to.deep.equal({ state: "PENDING", wakeAt: later, begunAt: null });
    expect(retried(sending, null).wakeAt).to.equal(null);
  });

  it("has had no attempt when it is handed back unsent", () => {
    const { pending, held, sending } = setup();
    expect(changes(held, handedBack(held, later))).to.deep.equal({ state: "PENDING", wakeAt: later });

    const back = handedBack({ ...sending, latenessMs: 5 }, later);
    expect(changes(pending, back)).to.deep.equal({ wakeAt: later, leads: false, fence: 1 });

    const second = begun(claimed(retried(sending, later), later), later, later, current);
    expect(handedBack(second, later)).to.include({ attempt: 1, firstAttemptAt: nine, content: sending.content });
  });

  it("is moved to its new due time, and a claim on it is void", () => {
    const { held } = setup();
    const claim = { eventId: held.id, tenant: "main", fence: held.fence };
    const there = moved(held, { dueAt: later, pinned: true }, { parked: false });
    expect(there).to.include({ state: "PENDING", pinned: true, wakeAt: later, dueAt: later });
    expect(holds(there, claim)).to.equal(false);
    expect(moved(held, { dueAt: later }, { parked: true }).wakeAt).to.equal(null);
    expect(moved(held, { note: "gap" }, { parked: false }).wakeAt).to.deep.equal(held.dueAt);
  });

  it("starts anew when it is redriven, under the same id and fence", () => {
    const { sending } = setup();
    const failed = finished(sending, "FAILED", later, "rejected");
    const again = redriven(failed, later);
    expect(again).to.include({ id: failed.id, state: "PENDING", attempt: 0, redrives: 1, fence: 1, leads: false });
    expect(again).to.include({ reason: null, content: null, firstAttemptAt: null, finishedAt: null });
    expect(again.dueAt).to.deep.equal(failed.dueAt);
    expect(redriven(finished(again, "FAILED", later, "gone"), later).redrives).to.equal(2);
  });

  it("is in flight from its begin to the end of its lease", () => {
    const { pending, held, sending } = setup();
    expect([pending, held, sending].map((event) => isInFlight(event, nine))).to.deep.equal([false, false, true]);
    expect(isInFlight(sending, leaseEnd)).to.equal(false);
    expect(isInFlight(retried(sending, later), nine)).to.equal(false);
  });
});
