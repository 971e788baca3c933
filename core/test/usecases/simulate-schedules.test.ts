import { expect } from "chai";
import { InvalidInput } from "../../src/errors.js";
import type { Schedule } from "../../src/schedules/schedule.js";
import { SimulateSchedules } from "../../src/usecases/simulate-schedules.js";
import { BY, scene } from "./support/scene.js";

describe("SimulateSchedules", () => {
  const from = new Date("2027-01-01T00:00:00Z");
  const daily = { when: { cron: "0 9 * * *" } };

  function setup() {
    const whole = scene(from.toISOString());
    const simulate = new SimulateSchedules({ recurrence: whole.recurrence });
    return {
      ...whole,
      simulate: (schedules: Iterable<Schedule>, to: string) => [...simulate.run(schedules, from, new Date(to))],
      lazily: (schedules: Iterable<Schedule>, to: string) => simulate.run(schedules, from, new Date(to)),
    };
  }

  it("tells just what the platform then delivers: which event, of what, and when", async () => {
    const { schedule, simulate, up, passTo, received } = setup();
    const schedules = [
      await schedule({ ...daily, timeZone: "Europe/Berlin" }),
      await schedule({ timeZone: "America/New_York", when: { cron: "30 2 * * SUN" }, gap: "boundary" }),
      await schedule({ timeZone: "America/New_York", when: { cron: "30 1 * * SUN" }, overlap: "both" }),
      await schedule({ when: { yearly: { month: 2, day: 29, time: "09:00" } } }),
      await schedule({ when: { rrule: "FREQ=MONTHLY;BYDAY=-1FR", start: "2027-01-29T17:00:00" }, count: 5 }),
      await schedule({ when: { every: "P9D", start: "2027-01-01T06:00:00Z" }, spread: "PT2H" }),
      await schedule({ when: { at: "2027-06-01T12:00:00+02:00" } }),
      await schedule({ ...daily, until: "2027-01-05T09:00:00" }),
    ];
    const foretold = simulate(schedules, "2027-12-31T00:00:00Z");
    up();
    await passTo("2027-12-30T23:59:59Z");

    const byTime = (one: readonly string[], other: readonly string[]) => (one.join() < other.join() ? -1 : 1);
    const delivered = received().map(({ at, id }) => [at, id]);
    expect(foretold.map(({ dueAt, id }) => [dueAt.toISOString(), id]).sort(byTime)).to.deep.equal(
      delivered.sort(byTime),
    );
    expect(delivered.length).to.be.above(400);
  });

  it("tells a year of a thousand schedules in the order of time", async () => {
    const { schedule, simulate } = setup();
    const schedules: Schedule[] = [];
    for (let number = 0; number < 1_000; number++) {
      const when = { cron: `${number % 60} ${number % 24} * * ${number % 7}` };
      schedules.push(await schedule({ when, timeZone: ["Europe/Berlin", "Asia/Tokyo"][number % 2] }));
    }
    const told = simulate(schedules, "2028-01-01T00:00:00Z");

    expect(told.length).to.be.within(52_000, 53_000);
    expect(told.every(({ dueAt }, index) => index === 0 || dueAt >= (told[index - 1]?.dueAt ?? dueAt))).to.equal(true);
    expect(new Set(told.map(({ id }) => id)).size).to.equal(told.length);
    expect(new Set(told.map(({ scheduleId }) => scheduleId)).size).to.equal(1_000);
  });

  it("contains its beginning, and not its end", async () => {
    const { schedule, simulate } = setup();
    const made = await schedule({ when: { cron: "0 0 * * *" } });

    expect(simulate([made], "2027-01-03T00:00:00Z").map(({ dueAt }) => dueAt.toISOString())).to.deep.equal([
      "2027-01-01T00:00:00.000Z",
      "2027-01-02T00:00:00.000Z",
    ]);
  });

  it("tells the local time and what the clock's change did to it", async () => {
    const { schedule, simulate } = setup();
    const made = await schedule({ timeZone: "America/New_York", when: { at: "2027-03-14T02:30:00" }, type: "alarm" });

    const [told] = simulate([made], "2028-01-01T00:00:00Z");
    expect(told).to.deep.include({ note: "gap", type: "alarm" });
    expect(told?.local).to.deep.equal({
      dateTime: "2027-03-14T03:30:00",
      timeZone: "America/New_York",
      offset: "-04:00",
      fold: 0,
    });
  });

  it("tells nothing of what is paused, deleted, or over", async () => {
    const { schedule, simulate, pauseSchedule, deleteSchedule, tables } = setup();
    const paused = await schedule(daily);
    const deleted = await schedule(daily);
    const once = await schedule({ when: { at: "2027-06-01T00:00:00" } });
    await pauseSchedule.run({ ...BY, id: paused.id });
    await deleteSchedule.run({ ...BY, id: deleted.id });

    expect(simulate(tables.schedules.values(), "2027-05-01T00:00:00Z")).to.deep.equal([]);
    expect(simulate(tables.schedules.values(), "2027-07-01T00:00:00Z").map((one) => one.scheduleId)).to.deep.equal([
      once.id,
    ]);
  });

  it("stores nothing, and works no further than it is asked to", async () => {
    const { schedule, lazily, tables } = setup();
    const made = await schedule({ when: { every: "PT1S", start: "2027-01-01T00:00:00Z" } });
    const before = tables.events.size;
    const told = lazily([made], "9999-01-01T00:00:00Z");

    expect(Array.from({ length: 3 }, () => (told.next().value as { dueAt: Date }).dueAt.getUTCSeconds())).to.deep.equal(
      [0, 1, 2],
    );
    expect(tables.events.size).to.equal(before);
  });

  it("refuses a stretch of time that ends where it begins, or before", async () => {
    const { simulate } = setup();

    for (const to of ["2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]) {
      expect(() => simulate([], to))
        .to.throw(InvalidInput)
        .with.deep.property("problems", [
          { pointer: "/to", code: "to_before_from", message: "Must lie behind `from`" },
        ]);
    }
  });
});
