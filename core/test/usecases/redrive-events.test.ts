import { expect } from "chai";
import type { ScheduledEvent } from "../../src/events/event.js";
import type { UnitOfWork } from "../../src/ports/unit-of-work.js";
import { RedriveEvents } from "../../src/usecases/redrive-events.js";
import { BY, codesOf, DAY, failureOf, HOUR, scene } from "./support/scene.js";

describe("RedriveEvents", () => {
  const START = "2027-01-01T00:00:00Z";
  const once = { when: { at: "2027-01-01T09:00:00" } };

  /** Some events that have failed, since the receiver said 400; from then on it says 200. */
  async function setup(count = 1, fields: Record<string, unknown> = once) {
    const whole = scene(START);
    const { schedule, up, down, passTo, answer, tables } = whole;
    const schedules = [];
    for (let number = 0; number < count; number++) schedules.push(await schedule(fields));
    answer(() => ({ status: 400 }));
    up(2);
    await passTo("2027-01-01T09:00:10Z");
    await down();
    answer(() => ({ status: 200 }));
    const events = (): readonly ScheduledEvent[] => [...tables.events.values()];
    const [first] = schedules;
    return { ...whole, events, id: first === undefined ? "" : whole.firstOf(first.id).id, scheduleId: first?.id ?? "" };
  }

  it("sets a failed event going again, at once and under the same id", async () => {
    const { redriveEvents, id, up, pass, received, events, clock } = await setup();
    const now = clock.now();
    const again = await redriveEvents.one({ ...BY, id });
    up();
    await pass(1_000);

    expect(again).to.deep.include({ id, state: "PENDING", wakeAt: now, redrives: 1, attempt: 0, reason: null });
    expect(received().map((request) => request.id)).to.deep.equal([id, id]);
    expect(events().map(({ state }) => state)).to.deep.equal(["COMPLETED"]);
  });

  it("tells who did it, and why", async () => {
    const { redriveEvents, id, unitOfWork } = await setup();
    await redriveEvents.one({ ...BY, id, note: "Mended" });
    const entries = await unitOfWork.run(BY.tenant, async ({ audit }) => audit.list(id, 10));

    expect(entries).to.have.length(1);
    expect(entries[0]).to.deep.include({ action: "event.redriven", actor: "ada", note: "Mended" });
  });

  it("numbers attempts on over redrives, and gives each a new budget", async () => {
    const retry = { maxAttempts: 2, within: "P1D", initial: "PT1S", cap: "PT1S" };
    const { redriveEvents, id, up, pass, answer, received, attemptsOf, events } = await setup(1, { ...once, retry });
    answer(() => ({ status: 503 }));
    up();
    for (let redrive = 0; redrive < 2; redrive++) {
      await redriveEvents.one({ ...BY, id });
      await pass(HOUR);
    }

    expect(attemptsOf(id).map(({ number }) => number)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(received().map(({ attempt }) => attempt)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(events()[0]).to.deep.include({ state: "FAILED", reason: "attempts_exhausted", redrives: 2, attempt: 2 });
  });

  it("sends what the schedule says now, where an edit has mended it", async () => {
    const { redriveEvents, changeSchedule, id, scheduleId, up, pass, received } = await setup();
    await changeSchedule.run({ ...BY, id: scheduleId, patch: { payload: { mended: true } } });
    await redriveEvents.one({ ...BY, id });
    up();
    await pass(1_000);

    expect(received().map(({ data }) => data)).to.deep.equal([{}, { mended: true }]);
  });

  it("sends a redriven event, however long ago it was due", async () => {
    const { redriveEvents, id, up, pass, clock, firstOf, scheduleId } = await setup(1, {
      ...once,
      catchUp: { policy: "none" },
    });
    clock.advance(90 * DAY);
    await redriveEvents.one({ ...BY, id });
    up();
    await pass(1_000);

    expect(firstOf(scheduleId).state).to.equal("COMPLETED");
  });

  it("refuses the second of two redrives, and any event that has not failed", async () => {
    const { redriveEvents, id, up, pass } = await setup();
    await redriveEvents.one({ ...BY, id });
    expect(await codesOf(redriveEvents.one({ ...BY, id }))).to.deep.equal(["wrong_state"]);
    up();
    await pass(1_000);

    expect(await codesOf(redriveEvents.one({ ...BY, id }))).to.deep.equal(["wrong_state"]);
  });

  it("knows no event of another tenant", async () => {
    const { redriveEvents, id } = await setup();

    expect(await failureOf(redriveEvents.one({ ...BY, tenant: "other", id }))).to.deep.include({
      code: "event_not_found",
      id,
    });
    expect(
      await redriveEvents.many({ ...BY, tenant: "other", filter: { reason: "rejected" }, perSecond: 1 }),
    ).to.deep.equal({ redriven: 0 });
  });

  it("leaves the series alone: its next event comes as if nothing had been", async () => {
    const { redriveEvents, id, scheduleId, up, passTo, deliveredAt, proof } = await setup(1, {
      when: { cron: "0 9 * * *" },
    });
    await redriveEvents.one({ ...BY, id });
    up();
    await passTo("2027-01-03T00:00:00Z");

    expect(deliveredAt().slice(2)).to.deep.equal(["2027-01-02T09:00:00.000Z"]);
    expect(await proof()).to.deep.include({ delivered: 2, failed: 0, difference: 0 });
    expect(scheduleId).to.not.equal("");
  });

  it("keeps an event of a paused schedule until that is resumed", async () => {
    const { redriveEvents, pauseSchedule, resumeSchedule, id, scheduleId, up, pass, firstOf } = await setup();
    await pauseSchedule.run({ ...BY, id: scheduleId });
    await redriveEvents.one({ ...BY, id });
    up();
    await pass(HOUR);
    expect(firstOf(scheduleId).state).to.equal("PENDING");
    await resumeSchedule.run({ ...BY, id: scheduleId });
    await pass(1_000);

    expect(firstOf(scheduleId).state).to.equal("COMPLETED");
  });

  it("is refused for a schedule that is deleted", async () => {
    const { redriveEvents, deleteSchedule, id, scheduleId, up, pass, firstOf, received } = await setup();
    await deleteSchedule.run({ ...BY, id: scheduleId });
    const refusal: unknown = await redriveEvents.one({ ...BY, id }).catch((error: unknown) => error);
    up();
    await pass(1_000);

    expect(refusal).to.deep.include({ family: "conflict", code: "wrong_state" });
    expect(received()).to.have.length(1);
    expect(firstOf(scheduleId).state).to.equal("FAILED");
  });

  it("sets many going again, no more than so many a second", async () => {
    const { redriveEvents, events, clock, up, pass, deliveredAt } = await setup(10);
    const now = clock.now().getTime();

    expect(await redriveEvents.many({ ...BY, filter: { type: "report" }, perSecond: 4 })).to.deep.equal({
      redriven: 10,
    });
    const wakes = events().map(({ wakeAt }) => (wakeAt?.getTime() ?? 0) - now);
    expect(wakes.sort((one, two) => one - two)).to.deep.equal([
      0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000, 2_250,
    ]);
    up();
    await pass(1_000);
    expect(deliveredAt().length - 10).to.equal(5);
    await pass(1_500);
    expect(deliveredAt()).to.have.length(20);
  });

  it("sets one every ten seconds going, if asked to", async () => {
    const { redriveEvents, events, clock } = await setup(3);
    const now = clock.now().getTime();
    await redriveEvents.many({ ...BY, filter: { type: "report" }, perSecond: 0.1 });

    const wakes = events().map(({ wakeAt }) => (wakeAt?.getTime() ?? 0) - now);
    expect(wakes.sort((one, two) => one - two)).to.deep.equal([0, 10_000, 20_000]);
  });

  it("keeps the pace over more than one batch", async () => {
    const { redriveEvents, events, clock } = await setup(1_100);
    const now = clock.now().getTime();
    await redriveEvents.many({ ...BY, filter: { type: "report" }, perSecond: 100 });

    const seconds = events().map(({ wakeAt }) => Math.floor(((wakeAt?.getTime() ?? 0) - now) / 1_000));
    const counts = [...Map.groupBy(seconds, (second) => second).values()].map((group) => group.length);
    expect(counts).to.deep.equal(Array(11).fill(100));
    expect(events().every(({ redrives }) => redrives === 1)).to.equal(true);
  });

  it("redrives each once, though the first fail again before the last is set going", async () => {
    const { unitOfWork, tables, events } = await setup(600);
    const failing: UnitOfWork = {
      read: (tenant, work) => unitOfWork.read(tenant, work),
      run: async (tenant, work) => {
        const result = await unitOfWork.run(tenant, work);
        for (const event of events()) tables.putEvent({ ...event, state: "FAILED", reason: "rejected", wakeAt: null });
        return result;
      },
    };
    const many = new RedriveEvents({ unitOfWork: failing });

    expect(await many.many({ ...BY, filter: { type: "report" }, perSecond: 1_000 })).to.deep.equal({ redriven: 600 });
    expect(events().every(({ redrives }) => redrives === 1)).to.equal(true);
  });

  it("finds by type, destination, schedule, reason and due time, and redrives no more than that", async () => {
    const { redriveEvents, events, scheduleId } = await setup(2);
    const [one] = events();
    for (const filter of [
      { type: "invoice" },
      { destinationId: "none" },
      { scheduleId: "none" },
      { reason: "gone" as const },
      { dueFrom: new Date("2027-01-01T09:00:00.001Z") },
      { dueBefore: new Date("2027-01-01T09:00:00Z") },
      { origin: "manual" as const },
    ]) {
      expect(await redriveEvents.many({ ...BY, filter, perSecond: 1 }), JSON.stringify(filter)).to.deep.equal({
        redriven: 0,
      });
    }
    const both = { reason: "rejected" as const, dueFrom: one?.dueAt ?? new Date(), scheduleId };
    expect(await redriveEvents.many({ ...BY, filter: both, perSecond: 1 })).to.deep.equal({ redriven: 1 });
    expect(await redriveEvents.many({ ...BY, filter: both, perSecond: 1 })).to.deep.equal({ redriven: 0 });
  });

  it("redrives only what has failed, whatever the filter says", async () => {
    const { redriveEvents, schedule, cancelEvent, firstOf, up, passTo, tables } = await setup(1);
    const delivered = await schedule({ when: { at: "2027-01-02T09:00:00" } });
    const waiting = await schedule({ when: { at: "2027-06-01T09:00:00" } });
    const cancelled = await schedule({ when: { at: "2027-06-01T09:00:00" } });
    await cancelEvent.run({ ...BY, id: firstOf(cancelled.id).id });
    up();
    await passTo("2027-01-03T00:00:00Z");
    const before = [delivered, waiting, cancelled].map(({ id }) => firstOf(id));
    const filter = { type: "report", states: ["COMPLETED", "PENDING", "CANCELLED"] };

    expect(await redriveEvents.many({ ...BY, filter, perSecond: 1 })).to.deep.equal({ redriven: 1 });
    expect(before.map(({ id }) => tables.events.get(id))).to.deep.equal(before);
  });

  it("tells once who redrove many, and says nothing where none was found", async () => {
    const { redriveEvents, audited } = await setup(3);
    await redriveEvents.many({ ...BY, filter: { type: "report" }, perSecond: 10 });
    await redriveEvents.many({ ...BY, filter: { type: "report" }, perSecond: 10 });

    expect(audited()).to.deep.equal(["events.redriven"]);
  });

  it("leaves out those of a deleted schedule, and sets the others going", async () => {
    const { redriveEvents, deleteSchedule, scheduleId, firstOf, up, pass, received, events } = await setup(3);
    await deleteSchedule.run({ ...BY, id: scheduleId });
    const left = firstOf(scheduleId);

    expect(await redriveEvents.many({ ...BY, filter: { type: "report" }, perSecond: 10 })).to.deep.equal({
      redriven: 2,
    });
    expect(firstOf(scheduleId)).to.deep.equal(left);
    up();
    await pass(1_000);
    expect(received().filter(({ id }) => id === left.id)).to.have.length(1);
    expect(events().map(({ state }) => state)).to.have.members(["FAILED", "COMPLETED", "COMPLETED"]);
  });

  it("keeps its pace though some are left out", async () => {
    const { redriveEvents, deleteSchedule, events, clock } = await setup(700);
    const inOrder = [...events()].sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const { scheduleId } of inOrder.slice(0, 250)) await deleteSchedule.run({ ...BY, id: scheduleId });
    await redriveEvents.many({ ...BY, filter: { type: "report" }, perSecond: 100 });

    const inMs = events().flatMap(({ wakeAt }) => (wakeAt === null ? [] : [wakeAt.getTime() - clock.now().getTime()]));
    expect(inMs.sort((one, other) => one - other)).to.deep.equal(Array.from({ length: 450 }, (_, index) => index * 10));
  });

  it("says nothing where all that was found is of a deleted schedule", async () => {
    const { redriveEvents, deleteSchedule, scheduleId, audited } = await setup();
    await deleteSchedule.run({ ...BY, id: scheduleId });

    expect(await redriveEvents.many({ ...BY, filter: { scheduleId }, perSecond: 10 })).to.deep.equal({ redriven: 0 });
    expect(audited()).to.deep.equal(["schedule.deleted"]);
  });

  for (const filter of [{}, { type: undefined, reason: undefined }]) {
    it(`refuses a filter that names nothing: ${JSON.stringify(Object.keys(filter))}`, async () => {
      const { redriveEvents, events } = await setup();

      expect(await codesOf(redriveEvents.many({ ...BY, filter, perSecond: 1 }))).to.deep.equal(["/filter required"]);
      expect(events().map(({ state }) => state)).to.deep.equal(["FAILED"]);
    });
  }

  for (const perSecond of [0, -1, Number.NaN, Infinity]) {
    it(`refuses ${perSecond} a second`, async () => {
      const { redriveEvents, events } = await setup();

      expect(await codesOf(redriveEvents.many({ ...BY, filter: { type: "report" }, perSecond }))).to.deep.equal([
        "/perSecond out_of_range",
      ]);
      expect(events().map(({ state }) => state)).to.deep.equal(["FAILED"]);
    });
  }
});
