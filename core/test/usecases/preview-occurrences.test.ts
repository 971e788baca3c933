import { expect } from "chai";
import { type Preview, PreviewOccurrences } from "../../src/usecases/preview-occurrences.js";
import { BY, codesOf, DAY, failureOf, scene, TENANT } from "./support/scene.js";

describe("PreviewOccurrences", () => {
  const START = "2027-01-01T00:00:00Z";

  function setup(start = START) {
    const whole = scene(start);
    const preview = new PreviewOccurrences(whole);
    return {
      ...whole,
      preview,
      unsaved: (fields: Record<string, unknown>) =>
        preview.unsaved({ timeZone: "Europe/Berlin", ...fields }, whole.clock.now()),
      saved: (id: string, rest: { after?: Date; count?: number } = {}) =>
        preview.saved({ tenant: TENANT, id, ...rest }),
    };
  }

  const shown = ({ items }: Preview) =>
    items.map(({ local, dueAt, note }) =>
      [
        local.dateTime.slice(0, 16),
        dueAt?.toISOString().slice(0, 16) ?? "-",
        ...(note === undefined ? [] : [note]),
      ].join(" "),
    );
  const dues = ({ items }: Preview) => items.flatMap(({ dueAt }) => dueAt?.toISOString() ?? []);
  /** What is wrong with fields that are not saved. */
  const wrong = async (fields: Record<string, unknown>) =>
    codesOf(Promise.resolve().then(() => setup().unsaved({ when: { cron: "0 9 * * *" }, ...fields })));

  it("shows the next ten of a timing that is not saved, and stores nothing", () => {
    const { unsaved, tables, recurrence } = setup();
    const { items, tzdata } = unsaved({ when: { cron: "0 9 * * *" } });

    expect(items).to.have.length(10);
    expect(items[0]).to.deep.equal({
      local: { dateTime: "2027-01-01T09:00:00", timeZone: "Europe/Berlin", offset: "+01:00", fold: 0 },
      dueAt: new Date("2027-01-01T08:00:00Z"),
    });
    expect(tzdata).to.equal(recurrence.zones.version);
    expect(tables.schedules.size + tables.events.size).to.equal(0);
  });

  for (const [what, fields, expected] of [
    [
      "an hour that the clocks skip",
      { when: { cron: "30 2 * * *" }, after: "2027-03-27T12:00:00Z", count: 2 },
      ["2027-03-28T03:30 2027-03-28T01:30 gap", "2027-03-29T02:30 2027-03-29T00:30"],
    ],
    [
      "an hour that is left out",
      { when: { cron: "30 2 * * *" }, gap: "skip", after: "2027-03-27T12:00:00Z", count: 1 },
      ["2027-03-28T03:30 - excluded", "2027-03-29T02:30 2027-03-29T00:30"],
    ],
    [
      "an hour that comes twice, the first time",
      { when: { cron: "30 2 * * *" }, after: "2027-10-30T12:00:00Z", count: 2 },
      ["2027-10-31T02:30 2027-10-31T00:30 overlap", "2027-11-01T02:30 2027-11-01T01:30"],
    ],
    [
      "an hour that comes twice, the second time",
      { when: { cron: "30 2 * * *" }, overlap: "second", after: "2027-10-30T12:00:00Z", count: 1 },
      ["2027-10-31T02:30 2027-10-31T01:30 overlap"],
    ],
    [
      "an hour that comes twice, both times",
      { when: { cron: "30 2 * * *" }, overlap: "both", after: "2027-10-30T12:00:00Z", count: 2 },
      ["2027-10-31T02:30 2027-10-31T00:30 overlap", "2027-10-31T02:30 2027-10-31T01:30 overlap"],
    ],
    [
      "a leap day in a common year",
      { when: { yearly: { month: 2, day: 29, time: "09:00" } }, count: 2 },
      ["2027-02-28T09:00 2027-02-28T08:00 leap_day", "2028-02-29T09:00 2028-02-29T08:00"],
    ],
    [
      "common years that are left out",
      { when: { yearly: { month: 2, day: 29, time: "09:00" } }, leapDay: "skip", count: 1 },
      ["2027-02-28T09:00 - excluded", "2028-02-29T09:00 2028-02-29T08:00"],
    ],
    [
      "exceptions, and dates in addition",
      {
        when: {
          rrule: "FREQ=DAILY",
          start: "2027-01-01T09:00:00",
          exdates: ["2027-01-02T09:00:00"],
          rdates: ["2027-01-01T12:00:00"],
        },
        count: 3,
      },
      [
        "2027-01-01T09:00 2027-01-01T08:00",
        "2027-01-01T12:00 2027-01-01T11:00",
        "2027-01-02T09:00 - excluded",
        "2027-01-03T09:00 2027-01-03T08:00",
      ],
    ],
  ] as const) {
    it(`says what becomes of ${what}`, () => {
      expect(shown(setup().unsaved(fields))).to.deep.equal(expected);
    });
  }

  it("ends where the series does", () => {
    const { unsaved } = setup();

    expect(dues(unsaved({ when: { cron: "0 9 * * *" }, until: "2027-01-03T23:00:00" }))).to.have.length(3);
    expect(dues(unsaved({ when: { cron: "0 9 * * *" }, count: 3 }))).to.have.length(3);
    expect(dues(unsaved({ when: { at: "2027-01-03T09:00:00" } }))).to.have.length(1);
    expect(dues(unsaved({ when: { at: "2026-01-03T09:00:00" } }))).to.deep.equal([]);
  });

  it("shows exceptions at the very end of a series", () => {
    const rrule = { rrule: "FREQ=DAILY;COUNT=2", start: "2027-01-01T09:00:00", exdates: ["2027-01-02T09:00:00"] };

    expect(shown(setup().unsaved({ when: rrule }))).to.deep.equal([
      "2027-01-01T09:00 2027-01-01T08:00",
      "2027-01-02T09:00 - excluded",
    ]);
  });

  it("shows a thousand at most", () => {
    expect(setup().unsaved({ when: { every: "PT1S", start: START }, count: 2_000 }).items).to.have.length(1_000);
  });

  it("begins strictly after an instant, with any offset", () => {
    const { unsaved } = setup();
    const daily = { when: { cron: "0 9 * * *" }, count: 1 };

    expect(dues(unsaved({ ...daily, after: "2027-02-01T08:00:00Z" }))).to.deep.equal(["2027-02-02T08:00:00.000Z"]);
    expect(dues(unsaved({ ...daily, after: "2027-02-01T08:59:59+01:00" }))).to.deep.equal(["2027-02-01T08:00:00.000Z"]);
  });

  for (const [field, value, code] of [
    ["after", "2027-01-01T09:00:00", "not_an_instant"],
    ["after", "soon", "not_an_instant"],
    ["after", "2027-02-30T09:00:00Z", "not_an_instant"],
    ["after", "9999-12-31T23:59:59-01:00", "not_an_instant"],
    ["after", 7, "not_text"],
    ["count", 0, "out_of_range"],
    ["count", 1.5, "out_of_range"],
    ["count", "3", "out_of_range"],
    ["timeZone", "Mars/Base", "unknown_zone"],
    ["when", { cron: "0 9 30 2 *" }, undefined],
    ["colour", "red", "unknown_field"],
  ] as const) {
    it(`refuses ${JSON.stringify(value)} as ${field} of what is not saved`, async () => {
      const [problem, ...others] = await wrong({ [field]: value });

      expect(others).to.deep.equal([]);
      expect(problem).to.equal(code === undefined ? "/when/cron cron_never" : `/${field} ${code}`);
    });
  }

  it("tells everything that is wrong at once", async () => {
    expect(await wrong({ after: "soon", count: 0, timeZone: "Mars/Base" })).to.have.members([
      "/after not_an_instant",
      "/count out_of_range",
      "/timeZone unknown_zone",
    ]);
  });

  it("shows the next ten of a saved schedule, or as many as asked for, from any instant", async () => {
    const { schedule, saved } = setup();
    const { id } = await schedule({ when: { cron: "0 9 * * *" } });

    expect(dues(await saved(id))).to.have.length(10);
    expect(dues(await saved(id, { count: 2, after: new Date("2027-05-01T09:00:00Z") }))).to.deep.equal([
      "2027-05-02T09:00:00.000Z",
      "2027-05-03T09:00:00.000Z",
    ]);
    expect(dues(await saved(id, { count: 1_000 }))).to.have.length(1_000);
  });

  it("knows at once that a long series is not used up by then", async () => {
    const { schedule, saved } = setup();
    const { id } = await schedule({ when: { every: "PT1S", start: START }, count: 1_000_000_000 });

    const far = await saved(id, { count: 1_000, after: new Date("2057-01-01T00:00:00Z") });
    expect(dues(far)).to.have.length(1_000);
    expect(dues(far)[0]).to.equal("2057-01-01T00:00:01.000Z");
  });

  it("refuses to count the events of a series one by one up to a far instant", async () => {
    const { schedule, saved } = setup();
    const { id } = await schedule({ when: { every: "PT1S", start: START }, count: 100_000 });

    const after = new Date(Date.parse(START) + 50_000_000);
    expect(dues(await saved(id, { count: 1_000, after: new Date(after.getTime() - 2_000) }))).to.have.length(1_000);
    expect(await codesOf(saved(id, { after: new Date("2027-01-02T03:40:00Z") }))).to.deep.equal(["/after too_far"]);
    expect(await codesOf(saved(id, { after: new Date("9999-01-01T00:00:00Z") }))).to.deep.equal(["/after too_far"]);
  });

  it("refuses to count over the clock changes of thousands of years", async () => {
    const { schedule, saved } = setup();
    const yearly = { timeZone: "America/New_York", when: { yearly: { month: 3, day: 12, time: "09:00" } } };
    const { id } = await schedule({ ...yearly, count: 186_124_621 });
    expect(dues(await saved(id, { count: 1, after: new Date("5000-01-01T00:00:00Z") }))).to.deep.equal([
      "5000-03-12T13:00:00.000Z",
    ]);
    expect(await codesOf(saved(id, { after: new Date("9999-12-31T00:00:00Z") }))).to.deep.equal(["/after too_far"]);
  });

  for (const after of [
    ...["1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2027-03-14T09:00:00.123456789Z", "2027-03-14T09:00Z"],
    "2027-03-14T09:00:00+23:00",
  ]) {
    it(`looks behind ${after}, saved and unsaved alike`, async () => {
      const { schedule, saved, unsaved } = setup();
      const daily = { timeZone: "Europe/Berlin", when: { cron: "0 9 * * *" } };
      const { id } = await schedule(daily);

      const items = unsaved({ ...daily, after }).items;
      expect(items).to.deep.equal((await saved(id, { after: new Date(after) })).items);
    });
  }

  for (const count of [0, -1, 1.5, 1_001, Number.NaN]) {
    it(`refuses to show ${count} of a saved schedule`, async () => {
      const { schedule, saved } = setup();
      const { id } = await schedule({ when: { cron: "0 9 * * *" } });

      expect(await codesOf(saved(id, { count }))).to.deep.equal(["/count out_of_range"]);
    });
  }

  it("knows no schedule that is deleted, or another tenant's", async () => {
    const { schedule, saved, preview, deleteSchedule } = setup();
    const { id } = await schedule({ when: { cron: "0 9 * * *" } });
    expect(await failureOf(preview.saved({ tenant: "other", id }))).to.deep.include({ code: "schedule_not_found", id });
    await deleteSchedule.run({ ...BY, id });

    expect(await codesOf(saved(id))).to.deep.equal(["schedule_not_found"]);
  });

  it("counts down what a saved series has left, until nothing is", async () => {
    const { schedule, saved, up, passTo } = setup();
    const { id } = await schedule({ when: { cron: "0 9 * * *" }, count: 3 });
    expect(dues(await saved(id))).to.have.length(3);
    up();
    await passTo("2027-01-02T00:00:00Z");
    expect(dues(await saved(id))).to.deep.equal(["2027-01-02T09:00:00.000Z", "2027-01-03T09:00:00.000Z"]);
    expect(dues(await saved(id, { after: new Date("2027-01-02T09:00:00Z") }))).to.have.length(1);
    await passTo("2027-01-04T00:00:00Z");

    expect(dues(await saved(id))).to.deep.equal([]);
  });

  it("counts what an edit left of the series", async () => {
    const { schedule, saved, changeSchedule, up, down, passTo, deliveredAt } = setup();
    const { id } = await schedule({ when: { cron: "0 9 * * *" }, count: 4 });
    up();
    await passTo("2027-01-02T10:00:00Z");
    await changeSchedule.run({ ...BY, id, patch: { when: { cron: "0 15 * * *" } } });
    const foreseen = dues(await saved(id));
    await passTo("2027-02-01T00:00:00Z");
    await down();

    expect(deliveredAt().slice(2)).to.deep.equal(foreseen);
    expect(foreseen).to.have.length(2);
  });

  for (const [what, fields] of [
    ["a daily series over both changes of the clocks", { when: { cron: "30 2 * * *" }, overlap: "both" }],
    ["a series with exceptions", daysWithout("2027-01-05T09:00:00", "2027-02-05T09:00:00")],
    ["a series that is spread", { when: { cron: "0 0 * * *" }, spread: "PT3H" }],
    ["a counted series", { when: { every: "PT36H", start: START }, count: 20 }],
    ["a series that skips", { when: { cron: "30 2 * * *" }, gap: "skip", until: "2027-05-01T00:00:00" }],
  ] as const) {
    it(`shows of ${what} what is really delivered`, async () => {
      const { schedule, saved, up, down, passTo, deliveredAt } = setup();
      const { id } = await schedule({ timeZone: "Europe/Berlin", ...fields });
      const foreseen = dues(await saved(id, { count: 1_000 }));
      up();
      await passTo("2027-12-01T00:00:00Z");
      await down();

      const seconds = (times: readonly string[]) => times.map((time) => Math.ceil(Date.parse(time) / 1_000));
      expect(deliveredAt().length).to.be.above(10);
      expect(seconds(deliveredAt())).to.deep.equal(seconds(foreseen.filter((at) => at < "2027-12-01")));
    });
  }

  it("shows where each falls, whenever it is asked", async () => {
    const { schedule, saved, clock } = setup();
    const { id } = await schedule({ when: { cron: "0 * * * *" }, spread: "PT1H" });
    const before = dues(await saved(id, { count: 100 }));
    clock.advance(DAY);

    expect(dues(await saved(id, { count: 76 }))).to.deep.equal(before.slice(24));
  });

  function daysWithout(...exdates: string[]) {
    return { when: { rrule: "FREQ=DAILY", start: "2027-01-01T09:00:00", exdates } };
  }
});
