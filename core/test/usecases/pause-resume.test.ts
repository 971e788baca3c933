import { expect } from "chai";
import { BEFORE_BEGIN, BY, codesOf, DAY, MINUTE, scene, UNDER_WAY } from "./support/scene.js";

describe("PauseSchedule and ResumeSchedule", () => {
  const setup = () => scene("2027-01-01T00:00:00Z");
  const daily = { when: { cron: "0 9 * * *" } };

  for (const [policy, sent, skipped] of [
    ["latest", ["2027-01-04T12:00"], 3],
    ["all", ["2027-01-04T12:00", "2027-01-04T12:00", "2027-01-04T12:00", "2027-01-04T12:00"], 0],
    ["none", [], 4],
  ] as const) {
    it(`sends nothing for three days, and then what catchUp "${policy}" wants`, async () => {
      const { schedule, pauseSchedule, resumeSchedule, up, passTo, deliveredAt, proof } = setup();
      const { id } = await schedule({ ...daily, catchUp: policy });
      await pauseSchedule.run({ ...BY, id });
      up();
      await passTo("2027-01-04T12:00:00Z");
      expect(deliveredAt()).to.deep.equal([]);
      await resumeSchedule.run({ ...BY, id });
      await passTo("2027-01-06T00:00:00Z");

      const times = deliveredAt().map((at) => at.slice(0, 16));
      expect(times).to.deep.equal([...sent, "2027-01-05T09:00"]);
      const { skipped: reasons, ...sums } = await proof();
      expect(reasons).to.deep.equal(skipped === 0 ? {} : { missed: skipped });
      expect(sums).to.deep.include({ expected: 5, delivered: sent.length + 1, difference: 0 });
    });
  }

  it("sends of what was missed only what is not too old for it", async () => {
    const { schedule, pauseSchedule, resumeSchedule, up, passTo, received, story } = setup();
    const { id } = await schedule({ ...daily, catchUp: { policy: "all", within: "P2D" } });
    await pauseSchedule.run({ ...BY, id });
    up();
    await passTo("2027-01-04T12:00:00Z");
    await resumeSchedule.run({ ...BY, id });
    await passTo("2027-01-04T13:00:00Z");

    expect(received()).to.have.length(2);
    expect(story(id)).to.deep.equal([
      "2027-01-01T09:00 SKIPPED missed",
      "2027-01-02T09:00 SKIPPED missed",
      "2027-01-03T09:00 COMPLETED",
      "2027-01-04T09:00 COMPLETED",
      "2027-01-05T09:00 PENDING",
    ]);
  });

  for (const policy of ["latest", "all", "none"] as const) {
    it(`sends after a pause of a minute, though catchUp is "${policy}": nothing was missed`, async () => {
      const { schedule, pauseSchedule, resumeSchedule, up, passTo, deliveredAt } = setup();
      const { id } = await schedule({ ...daily, catchUp: policy });
      await pauseSchedule.run({ ...BY, id });
      up();
      await passTo("2027-01-01T09:01:00Z");
      await resumeSchedule.run({ ...BY, id });
      await passTo("2027-01-01T10:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-01T09:01:00.000Z"]);
    });
  }

  for (const place of BEFORE_BEGIN) {
    it(`wins at ${place}: nothing is sent until it is resumed (I7)`, async () => {
      const { schedule, pauseSchedule, resumeSchedule, when, up, passTo, deliveredAt, story, proof } = setup();
      const { id } = await schedule(daily);
      when(place, () => pauseSchedule.run({ ...BY, id }));
      up();
      await passTo("2027-01-01T20:00:00Z");
      expect(deliveredAt()).to.deep.equal([]);
      await resumeSchedule.run({ ...BY, id });
      await passTo("2027-01-03T00:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-01T20:00:00.000Z", "2027-01-02T09:00:00.000Z"]);
      expect(story(id).map((line) => line.slice(17))).to.deep.equal(["COMPLETED", "COMPLETED", "PENDING"]);
      expect(await proof()).to.deep.include({ delivered: 2, difference: 0 });
    });
  }

  for (const place of UNDER_WAY) {
    it(`lets the attempt end that has begun, at ${place}, and makes no further one`, async () => {
      const { schedule, pauseSchedule, resumeSchedule, answer, when, up, passTo, received, story } = setup();
      const { id } = await schedule(daily);
      answer((times) => ({ status: times === 1 ? 503 : 200 }));
      when(place, () => pauseSchedule.run({ ...BY, id }));
      up();
      await passTo("2027-01-01T20:00:00Z");
      expect(received().map(({ attempt }) => attempt)).to.deep.equal([1]);
      await resumeSchedule.run({ ...BY, id });
      await passTo("2027-01-01T21:00:00Z");

      const [first, second] = received();
      expect(second).to.deep.include({ id: first?.id, attempt: 2, at: "2027-01-01T20:00:00.000Z" });
      expect(story(id)).to.deep.equal(["2027-01-01T09:00 COMPLETED", "2027-01-02T09:00 PENDING"]);
    });
  }

  it("holds an event that waits for its next attempt", async () => {
    const { schedule, pauseSchedule, resumeSchedule, answer, up, pass, passTo, received } = setup();
    const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" } });
    answer((times) => ({ status: times === 1 ? 503 : 200 }));
    up();
    await passTo("2027-01-01T09:00:00Z");
    await pass(100);
    await pauseSchedule.run({ ...BY, id });
    await pass(DAY / 2);
    expect(received()).to.have.length(1);
    await resumeSchedule.run({ ...BY, id });
    await pass(MINUTE);

    expect(received().map(({ attempt }) => attempt)).to.deep.equal([1, 2]);
  });

  it("holds each pause by itself, and leaves other schedules alone", async () => {
    const { schedule, pauseSchedule, resumeSchedule, up, passTo, received } = setup();
    const held = await schedule(daily, '"held"');
    await schedule(daily, '"other"');
    up();
    for (const day of ["01", "03"]) {
      await passTo(`2027-01-${day}T00:00:00Z`);
      await pauseSchedule.run({ ...BY, id: held.id });
      await passTo(`2027-01-${day}T08:00:00Z`);
      await resumeSchedule.run({ ...BY, id: held.id });
    }
    await pauseSchedule.run({ ...BY, id: held.id });
    await passTo("2027-01-05T00:00:00Z");

    const days = (data: string) => received().filter((one) => one.data === data);
    expect(days("held").map(({ at }) => at.slice(8, 10))).to.deep.equal(["01", "02"]);
    expect(days("other")).to.have.length(4);
  });

  it("changes nothing when it is said twice", async () => {
    const { schedule, pauseSchedule, resumeSchedule, audited, tables } = setup();
    const { id } = await schedule(daily);
    const first = await pauseSchedule.run({ ...BY, id, note: "Holidays" });
    expect(await pauseSchedule.run({ ...BY, id })).to.deep.equal(first);
    const resumed = await resumeSchedule.run({ ...BY, id });
    expect(await resumeSchedule.run({ ...BY, id })).to.deep.equal(resumed);

    expect([first.status, first.revision, resumed.status, resumed.revision]).to.deep.equal(["paused", 2, "active", 3]);
    expect(audited()).to.deep.equal(["schedule.paused", "schedule.resumed"]);
    expect(tables.audit[0]).to.deep.include({ subject: id, actor: "ada", note: "Holidays" });
  });

  it("leaves no trace of a pause and a resume before the event is due", async () => {
    const { schedule, pauseSchedule, resumeSchedule, eventsOf } = setup();
    const { id } = await schedule(daily);
    const before = eventsOf(id);
    await pauseSchedule.run({ ...BY, id });
    expect(eventsOf(id)[0]?.wakeAt).to.equal(null);
    await resumeSchedule.run({ ...BY, id });

    expect(eventsOf(id)).to.deep.equal(before);
  });

  it("refuses a revision that is not the present one, a deleted schedule, and another tenant's", async () => {
    const { schedule, pauseSchedule, resumeSchedule, deleteSchedule, tables } = setup();
    const made = await schedule(daily);
    const { id } = made;
    for (const useCase of [pauseSchedule, resumeSchedule]) {
      expect(await codesOf(useCase.run({ ...BY, id, revision: 7 }))).to.deep.equal(["stale_revision"]);
      expect(await codesOf(useCase.run({ ...BY, tenant: "other", id }))).to.deep.equal(["schedule_not_found"]);
    }
    expect(tables.schedules.get(id)).to.deep.equal(made);
    await deleteSchedule.run({ ...BY, id });

    expect(await codesOf(pauseSchedule.run({ ...BY, id }))).to.deep.equal(["schedule_not_found"]);
    expect(await codesOf(resumeSchedule.run({ ...BY, id }))).to.deep.equal(["schedule_not_found"]);
  });
});
