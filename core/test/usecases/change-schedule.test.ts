import { expect } from "chai";
import { BEFORE_BEGIN, BY, codesOf, DAY, MINUTE, scene, TENANT, UNDER_WAY } from "./support/scene.js";

describe("ChangeSchedule", () => {
  const daily = { when: { cron: "0 9 * * *" } };

  function setup(start = "2027-01-01T00:00:00Z") {
    const whole = scene(start);
    const { changeSchedule } = whole;
    const change = (id: string, patch: unknown, more: { payload?: string; revision?: number } = {}) =>
      changeSchedule.run({ tenant: TENANT, id, patch, ...more });
    return { ...whole, change };
  }

  describe("of what is sent", () => {
    it("moves nothing, and is seen by the next send (W18)", async () => {
      const { schedule, change, eventsOf, up, passTo, bodies } = setup();
      const { id } = await schedule(daily, '"old"');
      const events = eventsOf(id);
      const changed = await change(id, { type: "digest" }, { payload: ' "new"' });
      expect(eventsOf(id)).to.deep.equal(events);
      up();
      await passTo("2027-01-01T09:00:00Z");

      expect(changed).to.deep.include({ revision: 2, type: "digest" });
      expect(bodies()).to.deep.equal(['{"type":"digest","timestamp":"2027-01-01T09:00:00.000Z","data": "new"}']);
    });

    for (const place of BEFORE_BEGIN) {
      it(`is seen by an event that is claimed already, at ${place} (I7)`, async () => {
        const { schedule, change, when, up, passTo, received } = setup();
        const { id } = await schedule(daily, "1");
        when(place, () => change(id, {}, { payload: "2" }));
        up();
        await passTo("2027-01-03T00:00:00Z");

        expect(received().map(({ at, data }) => [at.slice(0, 10), data])).to.deep.equal([
          ["2027-01-01", 2],
          ["2027-01-02", 2],
        ]);
      });
    }

    for (const place of UNDER_WAY) {
      it(`is left to the next event by one whose attempt has begun, at ${place}`, async () => {
        const { schedule, change, when, up, passTo, received } = setup();
        const { id } = await schedule(daily, "1");
        when(place, () => change(id, {}, { payload: "2" }));
        up();
        await passTo("2027-01-03T00:00:00Z");

        expect(received().map(({ at, data }) => [at.slice(0, 10), data])).to.deep.equal([
          ["2027-01-01", 1],
          ["2027-01-02", 2],
        ]);
      });
    }

    it("leaves retries their id and body, until a redrive renders anew", async () => {
      const { schedule, change, firstOf, answer, up, pass, passTo, received, redriveEvents, attemptsOf } = setup();
      const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" }, retry: { maxAttempts: 3 } }, "1");
      answer((times) => ({ status: times < 4 ? 503 : 200 }));
      up();
      await passTo("2027-01-01T09:00:00Z");
      await pass(100);
      await change(id, {}, { payload: "2" });
      await pass(DAY);
      const event = firstOf(id);
      expect(event).to.deep.include({ state: "FAILED", reason: "attempts_exhausted" });
      await redriveEvents.one({ ...BY, id: event.id });
      await pass(MINUTE);

      expect(received().map(({ id, attempt, data }) => [id, attempt, data])).to.deep.equal([
        [event.id, 1, 1],
        [event.id, 2, 1],
        [event.id, 3, 1],
        [event.id, 4, 2],
      ]);
      expect(attemptsOf(event.id).map(({ number, status }) => [number, status])).to.deep.equal([
        [1, 503],
        [2, 503],
        [3, 503],
        [4, 200],
      ]);
    });

    it("sends the next attempt to the new destination", async () => {
      const { schedule, change, system, answer, up, pass, passTo, received } = setup();
      const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" } });
      const url = "https://new.test/";
      system.sender.listen(url, () => ({ status: 200 }));
      answer(() => ({ status: 503 }));
      up();
      await passTo("2027-01-01T09:00:00Z");
      await pass(100);
      await change(id, { destination: { url } });
      await pass(DAY);

      expect(received().map((one) => one.url)).to.deep.equal(["https://receiver.test/", url]);
    });
  });

  describe("of when it is sent", () => {
    for (const place of BEFORE_BEGIN) {
      it(`wins over an event that is claimed already, at ${place} (I7)`, async () => {
        const { schedule, change, when, up, passTo, deliveredAt, story, proof } = setup();
        const { id } = await schedule(daily);
        when(place, () => change(id, { when: { cron: "0 10 * * *" } }));
        up();
        await passTo("2027-01-02T00:00:00Z");

        expect(deliveredAt()).to.deep.equal(["2027-01-01T10:00:00.000Z"]);
        expect(story(id)).to.deep.equal([
          "2027-01-01T09:00 SKIPPED schedule_changed",
          "2027-01-01T10:00 COMPLETED",
          "2027-01-02T10:00 PENDING",
        ]);
        expect(await proof()).to.deep.include({ expected: 2, difference: 0 });
      });
    }

    for (const place of UNDER_WAY) {
      it(`does not call back an event whose attempt has begun, at ${place}`, async () => {
        const { schedule, change, when, up, passTo, deliveredAt, proof } = setup();
        const { id } = await schedule(daily);
        when(place, () => change(id, { when: { cron: "0 10 * * *" } }));
        up();
        await passTo("2027-01-02T00:00:00Z");

        expect(deliveredAt()).to.deep.equal(["2027-01-01T09:00:00.000Z", "2027-01-01T10:00:00.000Z"]);
        expect(await proof()).to.deep.include({ expected: 2, delivered: 2, difference: 0 });
      });
    }

    it("moves nothing if it says the same in other words, and leaves a claim good", async () => {
      const { schedule, change, when, eventsOf, up, passTo, deliveredAt } = setup();
      const { id, history } = await schedule(daily);
      const before = eventsOf(id);
      const said = { ...daily, timeZone: "Etc/UTC", gap: "shift", overlap: "first", leapDay: "feb28" };
      expect((await change(id, said)).history).to.deep.equal(history);
      expect(eventsOf(id)).to.deep.equal(before);
      when("publish.after_ack", () => change(id, { ...daily }));
      up();
      await passTo("2027-01-01T10:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-01T09:00:00.000Z"]);
    });

    it("gives no second event for a day that was served, when the zone moves west (W16)", async () => {
      const { schedule, change, up, passTo, deliveredAt, proof } = setup();
      const { id } = await schedule({ timeZone: "America/New_York", ...daily });
      up();
      await passTo("2027-01-01T15:00:00Z");
      await change(id, { timeZone: "America/Los_Angeles" });
      await passTo("2027-01-02T20:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-01T14:00:00.000Z", "2027-01-02T17:00:00.000Z"]);
      expect(await proof()).to.deep.include({ delivered: 2, difference: 0 });
    });

    it("goes on strictly after what was sent, however often it is changed back and forth (I4)", async () => {
      const { schedule, change, up, passTo, deliveredAt, proof } = setup();
      const { id } = await schedule(daily);
      up();
      for (let day = 1; day <= 9; day++) {
        await passTo(`2027-01-0${day}T09:30:00Z`);
        await change(id, { when: { cron: "0 10 * * *" } });
        await change(id, { when: { cron: "0 8 * * *" } });
        await change(id, daily);
      }
      await passTo("2027-01-10T00:00:00Z");

      expect(deliveredAt()).to.deep.equal(Array.from({ length: 9 }, (_, day) => `2027-01-0${day + 1}T09:00:00.000Z`));
      expect(await proof()).to.deep.include({ delivered: 9, difference: 0 });
    });

    it("ends the series if the new time has nothing ahead, and starts it again if it has", async () => {
      const { schedule, change, leaderOf, up, passTo, deliveredAt, proof } = setup();
      const { id } = await schedule(daily);
      await change(id, { until: "2027-01-01T00:00:00" });
      expect(leaderOf(id)).to.equal(null);
      up();
      await passTo("2027-01-03T00:00:00Z");
      expect(deliveredAt()).to.deep.equal([]);
      await change(id, { until: null });
      await passTo("2027-01-04T00:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-03T09:00:00.000Z"]);
      expect(await proof()).to.deep.include({ expected: 1, difference: 0 });
    });

    it("counts what was sent before when the series is made shorter or longer", async () => {
      const { schedule, change, up, passTo, deliveredAt, proof } = setup();
      const { id } = await schedule({ ...daily, count: 5 });
      up();
      await passTo("2027-01-02T12:00:00Z");
      await change(id, { count: 3 });
      await passTo("2027-01-10T00:00:00Z");
      expect(deliveredAt()).to.have.length(3);
      await change(id, { count: 4 });
      await passTo("2027-01-20T00:00:00Z");

      expect(deliveredAt()).to.have.length(4);
      expect(await proof()).to.deep.include({ expected: 4, delivered: 4, difference: 0 });
    });

    it("keeps a paused schedule's events asleep", async () => {
      const { schedule, change, pauseSchedule, resumeSchedule, up, passTo, deliveredAt } = setup();
      const { id } = await schedule(daily);
      await pauseSchedule.run({ ...BY, id });
      await change(id, { when: { cron: "0 10 * * *" } });
      up();
      await passTo("2027-01-01T09:30:00Z");
      await resumeSchedule.run({ ...BY, id });
      await passTo("2027-01-01T11:00:00Z");

      expect(deliveredAt()).to.deep.equal(["2027-01-01T10:00:00.000Z"]);
    });
  });

  it("takes a field away that is null, and leaves all others", async () => {
    const { schedule, change } = setup();
    const { id } = await schedule({ ...daily, lateness: { max: "PT1H" }, labels: { a: "1" }, key: "k" }, "[1.0]");
    const changed = await change(id, { lateness: null, labels: null });

    expect(changed).to.deep.include({ lateness: null, labels: {}, key: "k", payload: "[1.0]", timing: changed.timing });
    expect((await change(id, { payload: null })).payload).to.equal("{}");
  });

  it("merges what stands in fields, and takes away what is null there (RFC 7396)", async () => {
    const { schedule, change } = setup();
    const policies = { lateness: { max: "PT1H" }, catchUp: { policy: "all", within: "P1D" } };
    const { id } = await schedule({
      ...daily,
      ...policies,
      labels: { a: "1", b: "2" },
      retry: { maxAttempts: 3, cap: "PT9M" },
    });

    const changed = await change(id, { labels: { a: null, c: "3" }, retry: { within: "PT2H", cap: null } });
    expect(changed.labels).to.deep.equal({ b: "2", c: "3" });
    expect(changed.retry).to.deep.equal({ maxAttempts: 3, within: "PT2H", initial: "PT20S", cap: "PT6H" });
    expect((await change(id, { catchUp: { within: null } })).catchUp).to.deep.equal({ policy: "all" });
    expect((await change(id, { catchUp: "none" })).catchUp).to.deep.equal({ policy: "none" });
    expect((await change(id, { lateness: { max: "PT2H" } })).lateness).to.deep.equal({ max: "PT2H", then: "skip" });
  });

  it("changes a rule of one form in parts, and takes one of another form whole", async () => {
    const { schedule, change } = setup();
    const start = "2027-01-01T09:00:00";
    const { id } = await schedule({ when: { rrule: "FREQ=DAILY", start, exdates: [start] } });
    const whenOf = async (when: object) => (await change(id, { when })).timing.when;

    expect(await whenOf({ rrule: "FREQ=WEEKLY" })).to.deep.equal({ rrule: "FREQ=WEEKLY", start, exdates: [start] });
    expect(await whenOf({ exdates: null })).to.deep.equal({ rrule: "FREQ=WEEKLY", start });
    expect(await whenOf({ every: "PT1H", start })).to.deep.equal({ every: "PT1H", start });
    expect(await whenOf({ yearly: { month: 2, day: 3, time: "09:00" } })).to.deep.equal({
      yearly: { month: 2, day: 3, time: "09:00" },
    });
    expect(await whenOf({ yearly: { day: 4 } })).to.deep.equal({ yearly: { month: 2, day: 4, time: "09:00" } });
    expect(await codesOf(change(id, { when: { rrule: "FREQ=DAILY" } }))).to.include("/when/start required");
  });

  it("gives no prototype, however it is asked", async () => {
    const { schedule, change } = setup();
    const { id } = await schedule(daily);
    const patch = JSON.parse('{"__proto__":{"type":"x"},"labels":{"__proto__":{"a":"1"}}}') as object;
    expect(await codesOf(change(id, patch))).to.include("/__proto__ unknown_field");
  });

  it("refuses a revision that is not the present one, and changes nothing (W15)", async () => {
    const { schedule, change, tables } = setup();
    const { id } = await schedule(daily);
    const second = await change(id, { type: "digest" }, { revision: 1 });

    expect(await codesOf(change(id, { type: "other" }, { revision: 1 }))).to.deep.equal(["stale_revision"]);
    expect(tables.schedules.get(id)).to.deep.equal(second);
  });

  it("lets one of twenty changes of one revision through", async () => {
    const { schedule, change, tables } = setup();
    const { id } = await schedule(daily);
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) => change(id, { labels: { n: `${number}` } }, { revision: 1 })),
    );

    expect(answers.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    expect(tables.schedules.get(id)?.revision).to.equal(2);
  });

  it("changes nothing when anything of it is wrong", async () => {
    const { schedule, change, tables, eventsOf } = setup();
    const made = await schedule(daily);
    const events = eventsOf(made.id);

    expect(await codesOf(change(made.id, { when: { cron: "0 9 30 2 *" } }))).to.deep.equal(["/when/cron cron_never"]);
    expect(await codesOf(change(made.id, { destinationId: null }))).to.deep.equal(["/destinationId required"]);
    expect(await codesOf(change(made.id, []))).to.include(" not_an_object");
    expect(tables.schedules.get(made.id)).to.deep.equal(made);
    expect(eventsOf(made.id)).to.deep.equal(events);
  });

  it("knows no schedule that is deleted, or another tenant's", async () => {
    const { schedule, change, changeSchedule, deleteSchedule } = setup();
    const { id } = await schedule(daily);

    expect(await codesOf(changeSchedule.run({ tenant: "other", id, patch: {} }))).to.deep.equal(["schedule_not_found"]);
    await deleteSchedule.run({ ...BY, id });
    expect(await codesOf(change(id, {}))).to.deep.equal(["schedule_not_found"]);
  });
});
