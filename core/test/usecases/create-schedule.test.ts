import { expect } from "chai";
import { BY, codesOf, failureOf, MINUTE, scene, TENANT, URL } from "./support/scene.js";

describe("CreateSchedule", () => {
  const setup = (start = "2027-01-01T00:00:00Z") => scene(start);
  const daily = { when: { cron: "0 9 * * *" } };

  it("makes a schedule and its first event, which leads the series (I9)", async () => {
    const { createSchedule, eventsOf, tables } = setup();
    const { schedule, nextDueAt } = await createSchedule.run({
      tenant: TENANT,
      input: { type: "report", timeZone: "Europe/Berlin", destination: { url: URL }, ...daily },
    });

    expect(nextDueAt?.toISOString()).to.equal("2027-01-01T08:00:00.000Z");
    expect(tables.schedules.get(schedule.id)).to.deep.equal(schedule);
    expect(schedule).to.deep.include({ revision: 1, status: "active", key: null });
    const [event, ...others] = eventsOf(schedule.id);
    expect(others).to.deep.equal([]);
    expect(event).to.deep.include({ state: "PENDING", leads: true, ordinal: 1, dueAt: nextDueAt, wakeAt: nextDueAt });
    expect(event?.local).to.deep.equal({
      dateTime: "2027-01-01T09:00:00",
      timeZone: "Europe/Berlin",
      offset: "+01:00",
      fold: 0,
    });
    expect(schedule.history).to.deep.equal([{ timing: schedule.timing, first: event?.key, ordinal: 1 }]);
  });

  it("makes nothing at all if the first event cannot be stored (I9, W14)", async () => {
    const { schedule, tables } = setup();
    const broken = new Error("The store went away");
    tables.putEvent = () => {
      throw broken;
    };

    expect(await failureOf(schedule(daily))).to.equal(broken);
    expect([tables.schedules.size, tables.events.size, tables.destinations.size]).to.deep.equal([0, 0, 0]);
  });

  for (const [what, fields, problem] of [
    ["a moment that has passed", { when: { at: "2026-12-31T23:59:59" } }, "/when in_the_past"],
    ["the very moment that it is", { when: { at: "2027-01-01T00:00:00Z" } }, "/when in_the_past"],
    ["a series that is over", { ...daily, until: "2026-12-31T00:00:00" }, "/when in_the_past"],
    ["a day that never comes", { when: { cron: "0 9 30 2 *" } }, "/when/cron cron_never"],
    ["an unknown zone", { ...daily, timeZone: "Mars/Base" }, "/timeZone unknown_zone"],
    ["an unknown field", { ...daily, colour: "red" }, "/colour unknown_field"],
    ["a destination that is not there", { ...daily, destinationId: "nowhere" }, "/destinationId destination_not_found"],
  ] as const) {
    it(`refuses ${what} by field and reason, and keeps nothing of it`, async () => {
      const { schedule, tables } = setup();

      expect(await codesOf(schedule(fields))).to.deep.equal([problem]);
      expect([tables.schedules.size, tables.events.size, tables.destinations.size]).to.deep.equal([0, 0, 0]);
    });
  }

  it("knows no destination of another tenant", async () => {
    const { schedule, createDestination } = setup();
    const { destination: theirs } = await createDestination.run({ ...BY, tenant: "other", input: { url: URL } });

    expect(await codesOf(schedule({ ...daily, destinationId: theirs.id }))).to.deep.equal([
      "/destinationId destination_not_found",
    ]);
  });

  it("shares one destination among schedules that describe the same", async () => {
    const { schedule, tables } = setup();
    const one = await schedule(daily);
    const other = await schedule(daily);
    const another = await schedule({ ...daily, destination: { url: URL, headers: { "x-team": "a" } } });

    expect(other.destinationId).to.equal(one.destinationId);
    expect(another.destinationId).to.not.equal(one.destinationId);
    expect(tables.destinations.size).to.equal(2);
  });

  it("keeps no destination that no schedule came to need", async () => {
    const { schedule, tables } = setup();
    await failureOf(schedule({ when: { at: "2020-01-01T00:00:00" }, destination: { url: "https://other.test/" } }));

    expect(tables.destinations.size).to.equal(0);
  });

  it("refuses a key that is taken, and leaves its owner alone", async () => {
    const { schedule, tables } = setup();
    const first = await schedule({ ...daily, key: "invoices" }, '"first"');

    expect(await codesOf(schedule({ ...daily, key: "invoices" }, '"second"'))).to.deep.equal(["key_taken"]);
    expect([...tables.schedules.values()]).to.deep.equal([first]);
    expect(tables.events.size).to.equal(1);
  });

  it("gives a key to another tenant, and again once its owner is gone", async () => {
    const { schedule, createSchedule, deleteSchedule } = setup();
    const first = await schedule({ ...daily, key: "invoices" });
    const input = { type: "report", timeZone: "Etc/UTC", destination: { url: URL }, ...daily, key: "invoices" };
    const theirs = await createSchedule.run({ tenant: "other", input });
    await deleteSchedule.run({ ...BY, id: first.id });
    const second = await schedule({ ...daily, key: "invoices" });

    expect(new Set([first.id, theirs.schedule.id, second.id]).size).to.equal(3);
  });

  it("makes as many schedules as it is asked for at once, no two alike (W28)", async () => {
    const { schedule, tables } = setup();
    await Promise.all(Array.from({ length: 50 }, () => schedule(daily)));

    expect([tables.schedules.size, tables.events.size, tables.destinations.size]).to.deep.equal([50, 50, 1]);
  });

  it("sends the payload's own text: long numbers, spelling, spacing and order", async () => {
    const { schedule, up, passTo, bodies } = setup();
    const text = '{"b" : 12345678901234567890,  "a":1.0,"e":1E3, "u":"\\u00e9","a": [ ]}';
    await schedule({ when: { at: "2027-01-01T01:00:00" } }, text);
    up();
    await passTo("2027-01-01T01:00:00Z");

    expect(bodies()).to.deep.equal([`{"type":"report","timestamp":"2027-01-01T01:00:00.000Z","data":${text}}`]);
  });

  it("sends an empty object where nothing is to be said", async () => {
    const { schedule, up, passTo, received } = setup();
    await schedule({ when: { at: "2027-01-01T01:00:00" } });
    up();
    await passTo("2027-01-01T01:00:00Z");

    expect(received().map(({ data }) => data)).to.deep.equal([{}]);
  });

  it("carries any type, target and payload on from event to event, year after year (W2, W33)", async () => {
    const { schedule, up, passTo, received, system, story } = setup();
    const url = "https://wedding.test/";
    system.sender.listen(url, () => ({ status: 200 }));
    const { id } = await schedule(
      { type: "anniversary", destination: { url }, when: { yearly: { month: 6, day: 1, time: "12:00" } } },
      '{"n":1}',
    );
    up();
    await passTo("2031-12-31T00:00:00Z");

    expect(received().map(({ url, data, at }) => [at.slice(0, 10), url, data])).to.deep.equal(
      ["2027", "2028", "2029", "2030", "2031"].map((year) => [`${year}-06-01`, url, { n: 1 }]),
    );
    expect(system.sender.received.map(({ request }) => request.body.slice(0, 21))).to.deep.equal(
      Array(5).fill('{"type":"anniversary"'),
    );
    expect(story(id).at(-1)).to.equal("2032-06-01T12:00 PENDING");
  });

  it("makes as many events as the series counts, and no more", async () => {
    const { schedule, up, passTo, deliveredAt, leaderOf, story } = setup();
    const { id } = await schedule({ ...daily, count: 3 });
    up();
    await passTo("2027-02-01T00:00:00Z");

    expect(deliveredAt().map((at) => at.slice(0, 13))).to.deep.equal([
      "2027-01-01T09",
      "2027-01-02T09",
      "2027-01-03T09",
    ]);
    expect(leaderOf(id)).to.equal(null);
    expect(story(id)).to.have.length(3);
  });

  it("moves each event by the same part of its spread, whenever it is asked, and keeps their order", async () => {
    const { schedule, up, passTo, deliveredAt, simulated } = setupSpread();
    const made = await schedule({ when: { every: "PT1H", start: "2027-01-01T00:00:00Z" }, spread: "PT30M", count: 20 });
    up();
    await passTo("2027-01-02T00:00:00Z");

    const offsets = deliveredAt().map((at, index) => Date.parse(at) - Date.parse(simulated(made)[index] ?? ""));
    expect(offsets).to.deep.equal(Array(20).fill(0));
    const parts = deliveredAt().map((at) => Date.parse(at) % (60 * MINUTE));
    expect(Math.max(...parts)).to.be.within(1, 30 * MINUTE - 1);
    expect(new Set(parts).size).to.be.above(15);
  });

  function setupSpread() {
    const whole = setup();
    const { recurrence } = whole;
    return {
      ...whole,
      /** The due times of the first 20 occurrences, asked of the rule alone. */
      simulated: ({ id, timing }: Awaited<ReturnType<typeof whole.schedule>>) => {
        const compiled = recurrence.of(timing);
        const times: string[] = [];
        let one = compiled.after(Date.parse("2027-01-01T00:00:00Z"));
        for (; one !== null && times.length < 20; one = compiled.after(one.instant)) {
          times.push(new Date(compiled.dueAt(id, one)).toISOString());
        }
        return times;
      },
    };
  }
});
