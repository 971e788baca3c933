import { expect } from "chai";
import { finished } from "../../src/events/life-cycle.js";
import { eventIdOf } from "../../src/recurrence/occurrence.js";
import { BEFORE_BEGIN, BY, codesOf, DAY, failureOf, HOUR, scene, UNDER_WAY } from "./support/scene.js";

describe("CancelEvent", () => {
  const setup = () => scene("2027-01-01T00:00:00Z");
  const daily = { when: { cron: "0 9 * * *" } };

  it("takes one event out, and its series goes on (I5)", async () => {
    const { schedule, firstOf, cancelEvent, up, passTo, story, proof } = setup();
    const { id } = await schedule(daily);
    const cancelled = await cancelEvent.run({ ...BY, id: firstOf(id).id, note: "Public holiday" });
    up();
    await passTo("2027-01-03T00:00:00Z");

    expect(cancelled).to.deep.include({ state: "CANCELLED", reason: "cancelled", leads: false, wakeAt: null });
    expect(story(id)).to.deep.equal([
      "2027-01-01T09:00 CANCELLED cancelled",
      "2027-01-02T09:00 COMPLETED",
      "2027-01-03T09:00 PENDING",
    ]);
    expect(await proof()).to.deep.include({ cancelled: 1, delivered: 1, difference: 0 });
  });

  it("tells who did it, and why", async () => {
    const { schedule, firstOf, cancelEvent, unitOfWork } = setup();
    const { id } = firstOf((await schedule(daily)).id);
    await cancelEvent.run({ ...BY, id, note: "Public holiday" });
    const entries = await unitOfWork.run(BY.tenant, async ({ audit }) => audit.list(id, 10));

    expect(entries).to.have.length(1);
    expect(entries[0]).to.deep.include({ action: "event.cancelled", actor: "ada", note: "Public holiday" });
  });

  it("changes nothing when it is said twice", async () => {
    const { schedule, firstOf, cancelEvent, audited, pass } = setup();
    const { id } = firstOf((await schedule(daily)).id);
    const first = await cancelEvent.run({ ...BY, id });
    await pass(1_000);

    expect(await cancelEvent.run({ ...BY, id })).to.deep.equal(first);
    expect(audited()).to.deep.equal(["event.cancelled"]);
  });

  it("cancels one event after the other, and each occurrence stays one event (I4)", async () => {
    const { schedule, leaderOf, cancelEvent, story } = setup();
    const { id } = await schedule(daily);
    for (let day = 0; day < 3; day++) await cancelEvent.run({ ...BY, id: leaderOf(id)?.id ?? "" });

    expect(story(id)).to.deep.equal([
      "2027-01-01T09:00 CANCELLED cancelled",
      "2027-01-02T09:00 CANCELLED cancelled",
      "2027-01-03T09:00 CANCELLED cancelled",
      "2027-01-04T09:00 PENDING",
    ]);
  });

  it("passes over an occurrence that is an event already: the next one leads (I4)", async () => {
    const { schedule, firstOf, tables, cancelEvent, story } = setup();
    const { id } = await schedule(daily);
    const first = firstOf(id);
    const key = "2027-01-02T09:00:00/0";
    const skipped = finished(
      { ...first, id: eventIdOf(id, key), key, ordinal: 2, dueAt: new Date("2027-01-02T09:00:00Z") },
      ...(["SKIPPED", first.dueAt, "schedule_changed"] as const),
    );
    tables.putEvent({ ...skipped, local: { ...first.local, dateTime: "2027-01-02T09:00:00" } });
    await cancelEvent.run({ ...BY, id: first.id });

    expect(story(id)).to.deep.equal([
      "2027-01-01T09:00 CANCELLED cancelled",
      "2027-01-02T09:00 SKIPPED schedule_changed",
      "2027-01-03T09:00 PENDING",
    ]);
  });

  it("counts the cancelled event of a series that counts", async () => {
    const { schedule, leaderOf, cancelEvent, up, passTo, deliveredAt, proof } = setup();
    const { id } = await schedule({ ...daily, count: 3 });
    await cancelEvent.run({ ...BY, id: leaderOf(id)?.id ?? "" });
    up();
    await passTo("2027-01-10T00:00:00Z");

    expect(deliveredAt().map((at) => at.slice(0, 10))).to.deep.equal(["2027-01-02", "2027-01-03"]);
    expect(await proof()).to.deep.include({ expected: 3, difference: 0 });
  });

  it("ends a series with its last event", async () => {
    const { schedule, firstOf, cancelEvent, leaderOf, tables } = setup();
    const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" } });
    await cancelEvent.run({ ...BY, id: firstOf(id).id });

    expect(leaderOf(id)).to.equal(null);
    expect(tables.events.size).to.equal(1);
  });

  for (const place of BEFORE_BEGIN) {
    it(`wins at ${place}: nothing is sent, and the series goes on (I7)`, async () => {
      const { schedule, firstOf, cancelEvent, when, up, passTo, deliveredAt, story, proof } = setup();
      const { id } = await schedule(daily);
      when(place, () => cancelEvent.run({ ...BY, id: firstOf(id).id }));
      up();
      await passTo("2027-01-03T00:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-02T09:00:00.000Z"]);
      expect(story(id)).to.deep.equal([
        "2027-01-01T09:00 CANCELLED cancelled",
        "2027-01-02T09:00 COMPLETED",
        "2027-01-03T09:00 PENDING",
      ]);
      expect(await proof()).to.deep.include({ difference: 0 });
    });
  }

  for (const place of UNDER_WAY) {
    it(`comes too late at ${place}: it says so, and the request counts`, async () => {
      const { schedule, firstOf, cancelEvent, when, up, passTo, deliveredAt, story, audited } = setup();
      const { id } = await schedule(daily);
      const codes: unknown[] = [];
      when(place, async () => codes.push(await codesOf(cancelEvent.run({ ...BY, id: firstOf(id).id }))));
      up();
      await passTo("2027-01-01T10:00:00Z");

      expect(codes).to.deep.equal([["in_flight"]]);
      expect(deliveredAt()).to.have.length(1);
      expect(story(id)[0]).to.equal("2027-01-01T09:00 COMPLETED");
      expect(audited()).to.deep.equal([]);
    });
  }

  it("ends an event that waits for its next attempt", async () => {
    const { schedule, firstOf, cancelEvent, answer, up, passTo, pass, deliveredAt, attemptsOf } = setup();
    const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" } });
    answer(() => ({ status: 503 }));
    up();
    await passTo("2027-01-01T09:00:00Z");
    await pass(100);
    const event = firstOf(id);
    expect(event.state).to.equal("PENDING");
    await cancelEvent.run({ ...BY, id: event.id });
    await pass(2 * DAY);

    expect(deliveredAt()).to.have.length(1);
    expect(firstOf(id)).to.deep.include({ state: "CANCELLED", attempt: 1 });
    expect(attemptsOf(event.id).map(({ status }) => status)).to.deep.equal([503]);
  });

  it("ends an event whose worker was never heard of again, and records what is not known of its attempt", async () => {
    const { schedule, firstOf, cancelEvent, system, clock, handOver, deliver, attemptsOf } = withParts();
    const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" } });
    clock.advance(9 * HOUR);
    await handOver.run({ limit: 10, leaseMs: 30_000, lookAheadMs: 0 });
    system.failpoints.arm("attempt.after_begin", () => new Promise(() => undefined));
    void deliver.handle(system.queue.receive(1).map(({ message }) => message));
    await system.pass(29_000);
    const { id: eventId } = firstOf(id);
    expect(await codesOf(cancelEvent.run({ ...BY, id: eventId }))).to.deep.equal(["in_flight"]);
    await system.pass(2_000);
    await cancelEvent.run({ ...BY, id: eventId });

    expect(firstOf(id).state).to.equal("CANCELLED");
    expect(attemptsOf(eventId).map(({ number, error }) => [number, error])).to.deep.equal([[1, "unknown"]]);
  });

  for (const [state, status] of [
    ["COMPLETED", 200],
    ["FAILED", 400],
  ] as const) {
    it(`refuses an event that is ${state}`, async () => {
      const { schedule, firstOf, cancelEvent, answer, up, passTo } = setup();
      const { id } = await schedule(daily);
      answer(() => ({ status }));
      up();
      await passTo("2027-01-01T10:00:00Z");
      const event = firstOf(id);

      expect(await codesOf(cancelEvent.run({ ...BY, id: event.id }))).to.deep.equal(["wrong_state"]);
      expect(firstOf(id)).to.deep.equal(event);
      expect(event.state).to.equal(state);
    });
  }

  it("knows no event of another tenant", async () => {
    const { schedule, firstOf, cancelEvent } = setup();
    const { id } = firstOf((await schedule(daily)).id);

    expect(await failureOf(cancelEvent.run({ ...BY, tenant: "other", id }))).to.deep.include({
      code: "event_not_found",
      id,
    });
    expect(await codesOf(cancelEvent.run({ ...BY, id: "none" }))).to.deep.equal(["event_not_found"]);
  });

  function withParts() {
    const whole = setup();
    const { handOver, deliver } = whole.system;
    return { ...whole, handOver, deliver };
  }
});
