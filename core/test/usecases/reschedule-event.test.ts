import { expect } from "chai";
import { BEFORE_BEGIN, BY, codesOf, DAY, HOUR, MINUTE, scene, UNDER_WAY } from "./support/scene.js";

describe("RescheduleEvent", () => {
  const setup = (start = "2027-01-01T00:00:00Z") => scene(start);
  const daily = { when: { cron: "0 9 * * *" } };

  it("moves one event, which keeps its id, and the rest of its series stays", async () => {
    const { schedule, firstOf, rescheduleEvent, up, passTo, received, story, tables, proof } = setup();
    const { id } = await schedule(daily);
    const before = firstOf(id);
    const moved = await rescheduleEvent.run({ ...BY, id: before.id, at: "2027-01-01T15:30:00", note: "Late today" });
    up();
    await passTo("2027-01-02T10:00:00Z");

    expect(moved).to.deep.include({ id: before.id, key: before.key, ordinal: 1, pinned: true, leads: false });
    expect(received().map((one) => [one.at, one.id === before.id])).to.deep.equal([
      ["2027-01-01T15:30:00.000Z", true],
      ["2027-01-02T09:00:00.000Z", false],
    ]);
    expect(story(id)).to.deep.equal([
      "2027-01-01T15:30 COMPLETED",
      "2027-01-02T09:00 COMPLETED",
      "2027-01-03T09:00 PENDING",
    ]);
    expect(tables.audit[0]).to.deep.include({ action: "event.rescheduled", subject: before.id, note: "Late today" });
    expect(await proof()).to.deep.include({ expected: 2, delivered: 2, difference: 0 });
  });

  it("moves an event behind its successors, and each is sent once (I4)", async () => {
    const { schedule, firstOf, rescheduleEvent, up, passTo, deliveredAt, proof } = setup();
    const { id } = await schedule({ ...daily, count: 3 });
    await rescheduleEvent.run({ ...BY, id: firstOf(id).id, at: "2027-01-05T00:00:00Z" });
    up();
    await passTo("2027-01-10T00:00:00Z");

    expect(deliveredAt().map((at) => at.slice(0, 13))).to.deep.equal([
      "2027-01-02T09",
      "2027-01-03T09",
      "2027-01-05T00",
    ]);
    expect(await proof()).to.deep.include({ expected: 3, delivered: 3, difference: 0 });
  });

  it("reads a local time in the schedule's zone, by its policies, and an instant as it is", async () => {
    const { schedule, firstOf, rescheduleEvent } = setup("2027-01-01T00:00:00Z");
    const { id } = await schedule({ ...daily, timeZone: "America/New_York", overlap: "second" });
    const move = async (at: string) => (await rescheduleEvent.run({ ...BY, id: firstOf(id).id, at })).local;

    expect(await move("2027-11-07T01:30:00")).to.deep.include({ offset: "-05:00", fold: 1 });
    expect(await move("2027-03-14T02:30:00")).to.deep.include({ dateTime: "2027-03-14T03:30:00", offset: "-04:00" });
    expect(await move("2027-03-14T12:00:00Z")).to.deep.include({ dateTime: "2027-03-14T08:00:00" });
  });

  it("sends at once what is moved into the past, whatever its catchUp", async () => {
    const { schedule, firstOf, rescheduleEvent, up, pass, received } = setup("2027-01-01T08:00:00Z");
    const { id } = await schedule({ ...daily, catchUp: "none" });
    up();
    await rescheduleEvent.run({ ...BY, id: firstOf(id).id, at: "2027-01-01T01:00:00" });
    await pass(MINUTE);

    expect(received()).to.have.length(1);
    expect(firstOf(id)).to.deep.include({ state: "COMPLETED", latenessMs: 7 * HOUR });
  });

  for (const place of BEFORE_BEGIN) {
    it(`wins at ${place}: it is sent at its new time alone (I7)`, async () => {
      const { schedule, firstOf, rescheduleEvent, when, up, passTo, deliveredAt } = setup();
      const { id } = await schedule(daily);
      when(place, () => rescheduleEvent.run({ ...BY, id: firstOf(id).id, at: "2027-01-01T15:30:00" }));
      up();
      await passTo("2027-01-02T10:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-01T15:30:00.000Z", "2027-01-02T09:00:00.000Z"]);
    });
  }

  for (const place of UNDER_WAY) {
    it(`comes too late at ${place}`, async () => {
      const { schedule, firstOf, rescheduleEvent, when, up, passTo, story } = setup();
      const { id } = await schedule(daily);
      const codes: unknown[] = [];
      const late = () => rescheduleEvent.run({ ...BY, id: firstOf(id).id, at: "2027-01-01T15:30:00" });
      when(place, async () => codes.push(await codesOf(late())));
      up();
      await passTo("2027-01-01T20:00:00Z");

      expect(codes).to.deep.equal([["wrong_state"]]);
      expect(story(id)).to.deep.equal(["2027-01-01T09:00 COMPLETED", "2027-01-02T09:00 PENDING"]);
    });
  }

  it("refuses an event that was tried, for its time is part of what was sent", async () => {
    const { schedule, firstOf, rescheduleEvent, answer, up, passTo, pass } = setup();
    const { id } = await schedule(daily);
    answer(() => ({ status: 503 }));
    up();
    await passTo("2027-01-01T09:00:00Z");
    await pass(100);
    const event = firstOf(id);

    expect(event).to.deep.include({ state: "PENDING", attempt: 1 });
    expect(await codesOf(rescheduleEvent.run({ ...BY, id: event.id, at: "2027-02-01T00:00:00" }))).to.deep.equal([
      "wrong_state",
    ]);
    expect(firstOf(id)).to.deep.equal(event);
  });

  it("is undone by no edit", async () => {
    const { schedule, firstOf, rescheduleEvent, changeSchedule, up, passTo, deliveredAt, proof } = setup();
    const { id } = await schedule(daily);
    await rescheduleEvent.run({ ...BY, id: firstOf(id).id, at: "2027-01-01T15:30:00" });
    await changeSchedule.run({ ...BY, id, patch: { when: { cron: "0 8 * * *" } } });
    up();
    await passTo("2027-01-03T00:00:00Z");

    expect(deliveredAt()).to.deep.equal(["2027-01-01T15:30:00.000Z", "2027-01-02T08:00:00.000Z"]);
    expect(await proof()).to.deep.include({ difference: 0 });
  });

  it("moves an event twice, and a manual one too", async () => {
    const { schedule, firstOf, runSchedule, rescheduleEvent, up, pass, received } = setup();
    const { id } = await schedule(daily);
    const first = firstOf(id);
    const manual = await runSchedule.run({ ...BY, id });
    await rescheduleEvent.run({ ...BY, id: first.id, at: "2027-01-01T05:00:00" });
    await rescheduleEvent.run({ ...BY, id: first.id, at: "2027-01-01T06:00:00" });
    await rescheduleEvent.run({ ...BY, id: manual.id, at: "2027-01-01T07:00:00" });
    up();
    await pass(8 * HOUR);

    expect(received().map(({ at, id }) => [at.slice(11, 16), id])).to.deep.equal([
      ["06:00", first.id],
      ["07:00", manual.id],
    ]);
  });

  it("leaves an event of a paused schedule asleep", async () => {
    const { schedule, firstOf, pauseSchedule, resumeSchedule, rescheduleEvent, up, pass, deliveredAt } = setup();
    const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" }, catchUp: "none" });
    await pauseSchedule.run({ ...BY, id });
    await rescheduleEvent.run({ ...BY, id: firstOf(id).id, at: "2027-01-01T05:00:00" });
    expect(firstOf(id)).to.deep.include({ wakeAt: null, dueAt: new Date("2027-01-01T05:00:00Z") });
    up();
    await pass(DAY);
    expect(deliveredAt()).to.deep.equal([]);
    await resumeSchedule.run({ ...BY, id });
    await pass(MINUTE);

    expect(deliveredAt()).to.deep.equal(["2027-01-02T00:00:00.000Z"]);
  });

  for (const [what, at, problem, timeZone = "America/New_York"] of [
    ["what is no time", "tomorrow", "/at not_a_date_time"],
    ["a local time before 1970 by UTC", "1970-01-01T00:00:00", "/at not_a_date_time", "Asia/Tokyo"],
    ["a local time behind 9999 by UTC", "9999-12-31T23:59:59", "/at not_a_date_time"],
    ["a time that the clock skips, where that is left out", "2027-03-14T02:30:00", "/at never"],
  ] as const) {
    it(`refuses ${what}, and moves nothing`, async () => {
      const { schedule, firstOf, rescheduleEvent } = setup();
      const { id } = await schedule({ ...daily, timeZone, gap: "skip" });
      const event = firstOf(id);

      expect(await codesOf(rescheduleEvent.run({ ...BY, id: event.id, at }))).to.deep.equal([problem]);
      expect(firstOf(id)).to.deep.equal(event);
    });
  }

  it("refuses what has ended, is not there, or is another tenant's", async () => {
    const { schedule, firstOf, cancelEvent, rescheduleEvent } = setup();
    const { id } = firstOf((await schedule(daily)).id);
    const at = "2027-01-01T15:00:00";
    expect(await codesOf(rescheduleEvent.run({ ...BY, tenant: "other", id, at }))).to.deep.equal(["event_not_found"]);
    await cancelEvent.run({ ...BY, id });

    expect(await codesOf(rescheduleEvent.run({ ...BY, id, at }))).to.deep.equal(["wrong_state"]);
    expect(await codesOf(rescheduleEvent.run({ ...BY, id: "none", at }))).to.deep.equal(["event_not_found"]);
  });
});
