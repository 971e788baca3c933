import { expect } from "chai";
import { BY, codesOf, scene, TENANT, URL } from "./support/scene.js";

describe("PutSchedule", () => {
  const daily = { type: "report", timeZone: "Etc/UTC", destination: { url: URL }, when: { cron: "0 9 * * *" } };

  function setup(start = "2027-01-01T00:00:00Z") {
    const whole = scene(start);
    const { putSchedule } = whole;
    const put = (fields: Record<string, unknown> = {}, payload = "{}", key = "invoices") =>
      putSchedule.run({ tenant: TENANT, key, input: { ...daily, ...fields }, payload });
    return { ...whole, put };
  }

  it("creates the schedule of a new key, with its first event (I9)", async () => {
    const { put, eventsOf } = setup();
    const { schedule, created } = await put();

    expect(created).to.equal(true);
    expect(schedule).to.deep.include({ key: "invoices", revision: 1 });
    expect(eventsOf(schedule.id).map(({ leads }) => leads)).to.deep.equal([true]);
  });

  it("changes nothing when it is said twice (W28)", async () => {
    const { put, tables, pass, eventsOf } = setup();
    const first = await put({ labels: { a: "1", b: "2" } });
    const events = eventsOf(first.schedule.id);
    await pass(1_000);
    const second = await put({ labels: { b: "2", a: "1" }, retry: { maxAttempts: 12 }, catchUp: "latest" });

    expect(second).to.deep.equal({ schedule: first.schedule, created: false });
    expect(tables.schedules.size).to.equal(1);
    expect(eventsOf(first.schedule.id)).to.deep.equal(events);
  });

  it("makes one schedule of twenty that come at once", async () => {
    const { put, tables } = setup();
    const answers = await Promise.all(Array.from({ length: 20 }, () => put()));

    expect(answers.filter(({ created }) => created)).to.have.length(1);
    expect(new Set(answers.map(({ schedule }) => schedule.id)).size).to.equal(1);
    expect([...tables.schedules.values()].map(({ revision }) => revision)).to.deep.equal([1]);
    expect(tables.events.size).to.equal(1);
  });

  it("makes one schedule of twenty that differ, and one of them has the last word", async () => {
    const { put, tables, up, passTo, received } = setup();
    await Promise.all(Array.from({ length: 20 }, (_, hour) => put({ when: { cron: `0 ${hour} * * *` } }, `${hour}`)));
    up();
    await passTo("2027-01-02T00:00:00Z");

    expect([...tables.schedules.values()].map(({ revision }) => revision)).to.deep.equal([20]);
    expect(received().map(({ at, data }) => [at, data])).to.deep.equal([["2027-01-01T19:00:00.000Z", 19]]);
  });

  it("moves no event when only the payload is another", async () => {
    const { put, eventsOf, up, passTo, received } = setup();
    const { schedule } = await put({}, "1");
    const events = eventsOf(schedule.id);
    const second = await put({}, "2");
    expect(eventsOf(schedule.id)).to.deep.equal(events);
    up();
    await passTo("2027-01-01T09:00:00Z");

    expect(second.schedule).to.deep.include({ id: schedule.id, revision: 2, payload: "2" });
    expect(received().map(({ data }) => data)).to.deep.equal([2]);
  });

  it("tells two payloads apart that mean the same but are written in other words", async () => {
    const { put, up, passTo, bodies } = setup();
    await put({}, "[1.0]");
    const { schedule } = await put({}, "[1]");
    up();
    await passTo("2027-01-01T09:00:00Z");

    expect(schedule.revision).to.equal(2);
    expect(bodies()[0]).to.contain('"data":[1]}');
  });

  it("takes away what it no longer says", async () => {
    const { put } = setup();
    await put({ lateness: { max: "PT1H" }, labels: { team: "a" }, ifRunning: "skip" });
    const { schedule } = await put();

    expect(schedule).to.deep.include({ lateness: null, labels: {}, ifRunning: "start" });
  });

  it("moves the open event when the time is another", async () => {
    const { put, up, passTo, deliveredAt } = setup();
    await put();
    await put({ when: { cron: "0 10 * * *" } });
    up();
    await passTo("2027-01-02T00:00:00Z");

    expect(deliveredAt()).to.deep.equal(["2027-01-01T10:00:00.000Z"]);
  });

  it("leaves a paused schedule paused", async () => {
    const { put, pauseSchedule, up, passTo, deliveredAt } = setup();
    const { schedule } = await put();
    await pauseSchedule.run({ ...BY, id: schedule.id });
    const { schedule: changed } = await put({ when: { cron: "0 10 * * *" } });
    up();
    await passTo("2027-01-02T00:00:00Z");

    expect(changed.status).to.equal("paused");
    expect(deliveredAt()).to.deep.equal([]);
  });

  it("leaves a schedule as it is that was sent and is over, if it says the same", async () => {
    const { put, up, passTo, deliveredAt } = setup();
    const once = { when: { at: "2027-01-01T01:00:00" } };
    await put(once);
    up();
    await passTo("2027-01-01T02:00:00Z");
    const { created, schedule } = await put(once);
    await passTo("2027-01-03T00:00:00Z");

    expect([created, schedule.revision, deliveredAt().length]).to.deep.equal([false, 1, 1]);
  });

  it("sends a schedule again that is over, if it names a new time", async () => {
    const { put, up, passTo, deliveredAt, proof } = setup();
    await put({ when: { at: "2027-01-01T01:00:00" } });
    up();
    await passTo("2027-01-01T02:00:00Z");
    await put({ when: { at: "2027-01-01T03:00:00" } });
    await passTo("2027-01-01T04:00:00Z");

    expect(deliveredAt()).to.deep.equal(["2027-01-01T01:00:00.000Z", "2027-01-01T03:00:00.000Z"]);
    expect(await proof()).to.deep.include({ delivered: 2, difference: 0 });
  });

  it("makes a new schedule of a key whose schedule was deleted", async () => {
    const { put, deleteSchedule } = setup();
    const first = await put();
    await deleteSchedule.run({ ...BY, id: first.schedule.id });
    const second = await put();

    expect(second.created).to.equal(true);
    expect(second.schedule.id).to.not.equal(first.schedule.id);
  });

  it("takes a key in the body only if it is the one of the address", async () => {
    const { put } = setup();

    expect((await put({ key: "invoices" })).created).to.equal(true);
    expect(await codesOf(put({ key: "others" }))).to.deep.equal(["/key not_this_key"]);
  });

  it("changes nothing when anything of it is wrong", async () => {
    const { put, tables, eventsOf } = setup();
    const { schedule } = await put();
    const events = eventsOf(schedule.id);

    expect(await codesOf(put({ type: "", retry: { maxAttempts: 999 } }))).to.have.length(2);
    expect(await codesOf(put({ destination: undefined, destinationId: "nowhere" }))).to.deep.equal([
      "/destinationId destination_not_found",
    ]);
    expect([...tables.schedules.values()]).to.deep.equal([schedule]);
    expect(eventsOf(schedule.id)).to.deep.equal(events);
  });
});
