import { expect } from "chai";
import { BY, codesOf, DAY, HOUR, MINUTE, scene } from "./support/scene.js";

describe("RunSchedule", () => {
  const setup = () => scene("2027-01-01T00:00:00Z");
  const daily = { when: { cron: "0 9 * * *" } };

  it("sends now, beside the series, of which nothing changes", async () => {
    const { schedule, runSchedule, leaderOf, up, passTo, received, tables, proof } = setup();
    const { id } = await schedule({ ...daily, timeZone: "Asia/Kathmandu" });
    const leader = leaderOf(id);
    up();
    await passTo("2027-01-01T01:00:00Z");
    const event = await runSchedule.run({ ...BY, id, note: "To see whether it works" });
    expect(leaderOf(id)).to.deep.equal(leader);
    await passTo("2027-01-01T04:00:00Z");

    expect(event).to.deep.include({ origin: "manual", ordinal: 0, leads: false });
    expect(event.local).to.deep.include({ dateTime: "2027-01-01T06:45:00", offset: "+05:45" });
    expect(received().map(({ at, id }) => [at, id])).to.deep.equal([
      ["2027-01-01T01:00:00.000Z", event.id],
      ["2027-01-01T03:15:00.000Z", leader?.id],
    ]);
    expect(tables.audit[0]).to.deep.include({ action: "schedule.run", subject: id, note: "To see whether it works" });
    expect(await proof()).to.deep.include({ expected: 1, delivered: 1, difference: 0 });
  });

  it("sends as often as it is asked to, each time as an event of its own", async () => {
    const { schedule, runSchedule, up, pass, received } = setup();
    const { id } = await schedule(daily);
    up();
    await Promise.all([1, 2, 3].map(() => runSchedule.run({ ...BY, id })));
    await pass(MINUTE);

    expect(new Set(received().map((one) => one.id)).size).to.equal(3);
  });

  it("sends though the series is over", async () => {
    const { schedule, runSchedule, up, pass, deliveredAt } = setup();
    const { id } = await schedule({ when: { at: "2027-01-01T01:00:00" } });
    up();
    await pass(2 * HOUR);
    await runSchedule.run({ ...BY, id });
    await pass(MINUTE);

    expect(deliveredAt()).to.deep.equal(["2027-01-01T01:00:00.000Z", "2027-01-01T02:00:00.000Z"]);
  });

  it("waits for the resume of a paused schedule", async () => {
    const { schedule, runSchedule, pauseSchedule, resumeSchedule, tables, up, pass, received } = setup();
    const { id } = await schedule({ ...daily, catchUp: "none" });
    await pauseSchedule.run({ ...BY, id });
    const event = await runSchedule.run({ ...BY, id });
    expect(tables.events.get(event.id)?.wakeAt).to.equal(null);
    up();
    await pass(HOUR);
    expect(received()).to.deep.equal([]);
    await resumeSchedule.run({ ...BY, id });
    await pass(MINUTE);

    expect(received().map((one) => one.id)).to.deep.equal([event.id]);
  });

  it("sends after an outage, whatever the schedule wants to catch up with", async () => {
    const { schedule, runSchedule, clock, up, pass, received } = setup();
    const { id } = await schedule({ ...daily, catchUp: "none" });
    const event = await runSchedule.run({ ...BY, id });
    clock.advance(DAY);
    up();
    await pass(MINUTE);

    expect(received().map((one) => one.id)).to.deep.equal([event.id]);
  });

  it("is held up by no other event of its schedule", async () => {
    const { schedule, runSchedule, answer, up, passTo, pass, received } = setup();
    const { id } = await schedule({ ...daily, ifRunning: "skip" });
    answer((times) => (times === 1 ? { status: 503 } : { status: 200 }));
    up();
    await passTo("2027-01-01T09:00:00Z");
    await pass(100);
    const event = await runSchedule.run({ ...BY, id });
    await pass(100);

    expect(received().map((one) => one.id)).to.include(event.id);
  });

  it("is moved by no edit", async () => {
    const { schedule, runSchedule, changeSchedule, pauseSchedule, tables } = setup();
    const { id } = await schedule(daily);
    await pauseSchedule.run({ ...BY, id });
    const event = await runSchedule.run({ ...BY, id });
    await changeSchedule.run({ ...BY, id, patch: { timeZone: "Asia/Tokyo" } });

    expect(tables.events.get(event.id)?.dueAt).to.deep.equal(event.dueAt);
  });

  it("knows no schedule that is deleted, or another tenant's", async () => {
    const { schedule, runSchedule, deleteSchedule, tables } = setup();
    const { id } = await schedule(daily);
    expect(await codesOf(runSchedule.run({ ...BY, tenant: "other", id }))).to.deep.equal(["schedule_not_found"]);
    await deleteSchedule.run({ ...BY, id });

    expect(await codesOf(runSchedule.run({ ...BY, id }))).to.deep.equal(["schedule_not_found"]);
    expect(tables.events.size).to.equal(1);
  });
});
