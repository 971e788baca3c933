import { expect } from "chai";
import { BY, DAY, scene } from "./support/scene.js";

describe("Reconcile", () => {
  const daily = { when: { cron: "0 9 * * *" } };
  const JANUARY_5 = "2027-01-05T00:00:00Z";
  const setup = () => scene("2027-01-01T00:00:00Z");
  const nothing = {
    ...{ expected: 0, delivered: 0, failed: 0, cancelled: 0, skipped: {}, open: 0 },
    ...{ missing: [], unexpected: [], difference: 0 },
  };

  /** A daily series of which four events were delivered. */
  async function delivered(fields: Record<string, unknown> = daily) {
    const whole = setup();
    const { id } = await whole.schedule(fields);
    whole.up();
    await whole.passTo(JANUARY_5);
    return { ...whole, id };
  }

  it("finds nothing where nothing is", async () => {
    expect(await setup().proof()).to.deep.equal(nothing);
  });

  it("expects nothing of what lies ahead", async () => {
    const { schedule, proof } = setup();
    await schedule(daily);

    expect(await proof()).to.deep.equal(nothing);
  });

  it("counts what was delivered", async () => {
    const { proof } = await delivered();

    expect(await proof()).to.deep.equal({ ...nothing, expected: 4, delivered: 4 });
  });

  it("counts what failed", async () => {
    const { schedule, answer, up, passTo, proof } = setup();
    await schedule(daily);
    answer((times) => ({ status: times === 2 ? 400 : 200 }));
    up();
    await passTo(JANUARY_5);

    expect(await proof()).to.deep.equal({ ...nothing, expected: 4, delivered: 3, failed: 1 });
  });

  it("counts what was cancelled", async () => {
    const { schedule, firstOf, cancelEvent, up, passTo, proof } = setup();
    const { id } = await schedule(daily);
    await cancelEvent.run({ ...BY, id: firstOf(id).id });
    up();
    await passTo(JANUARY_5);

    expect(await proof()).to.deep.equal({ ...nothing, expected: 4, delivered: 3, cancelled: 1 });
  });

  it("counts as open what waits for its retry, and what nobody has come to yet", async () => {
    const { schedule, answer, up, down, passTo, clock, proof } = setup();
    await schedule(daily);
    answer(() => ({ status: 503 }));
    up();
    await passTo("2027-01-01T09:00:10Z");
    await down();
    clock.advance(3 * DAY);

    expect(await proof()).to.deep.equal({ ...nothing, expected: 4, open: 4 });
  });

  for (const [reason, fields, away] of [
    ["missed", { ...daily, catchUp: { policy: "none" } }, 3],
    ["too_late", { ...daily, catchUp: { policy: "all" }, lateness: { max: "PT1H" } }, 3],
  ] as const) {
    it(`counts what was skipped as ${reason}`, async () => {
      const { schedule, clock, up, pass, proof } = setup();

      await schedule(fields);
      clock.advance(away * DAY);
      up();
      await pass(DAY);

      expect(await proof()).to.deep.equal({ ...nothing, expected: 4, delivered: 1, skipped: { [reason]: 3 } });
    });
  }

  it("counts what was skipped since the one before was still running", async () => {
    const { schedule, answer, up, passTo, proof } = setup();
    await schedule({ when: { every: "PT1H", start: "2027-01-01T01:00:00Z" }, count: 4, ifRunning: "skip" });
    answer((times) => (times === 1 ? { status: 503, retryAfter: "9000" } : { status: 200 }));
    up();
    await passTo(JANUARY_5);

    expect(await proof()).to.deep.equal({
      ...nothing,
      ...{ expected: 4, delivered: 2, skipped: { previous_still_running: 2 } },
    });
  });

  it("counts what an edit took away while it was due", async () => {
    const { schedule, clock, changeSchedule, up, passTo, proof } = setup();
    const { id } = await schedule(daily);
    clock.advance(DAY);
    await changeSchedule.run({ ...BY, id, patch: { when: { cron: "0 15 * * *" } } });
    up();
    await passTo(JANUARY_5);

    expect(await proof()).to.deep.equal({
      ...nothing,
      ...{ expected: 4, delivered: 3, skipped: { schedule_changed: 1 } },
    });
  });

  it("counts what was missed in a pause, and what came behind it", async () => {
    const { schedule, pauseSchedule, resumeSchedule, up, passTo, proof } = setup();
    const { id } = await schedule({ ...daily, catchUp: { policy: "none" } });
    up();
    await passTo("2027-01-01T12:00:00Z");
    await pauseSchedule.run({ ...BY, id });
    await passTo("2027-01-03T12:00:00Z");
    expect(await proof()).to.deep.include({ expected: 3, delivered: 1, open: 2, difference: 0 });
    await resumeSchedule.run({ ...BY, id });
    await passTo(JANUARY_5);

    expect(await proof()).to.deep.include({ expected: 4, difference: 0, open: 0 });
  });

  for (const [direction, zone] of [
    ["east", "Asia/Tokyo"],
    ["west", "America/Los_Angeles"],
  ] as const) {
    for (const [when, at] of [
      ["before the event of the day", "2027-01-03T06:00:00Z"],
      ["just behind it", "2027-01-03T09:10:00Z"],
    ] as const) {
      it(`finds no difference behind a move ${direction}, ${when}`, async () => {
        const { schedule, changeSchedule, up, passTo, proof, deliveredAt } = setup();
        const { id } = await schedule(daily);
        up();
        await passTo(at);
        await changeSchedule.run({ ...BY, id, patch: { timeZone: zone } });
        await passTo("2027-01-10T01:00:00Z");
        const { difference, expected } = await proof();

        expect(difference).to.equal(0);
        expect(expected).to.equal(deliveredAt().length);
      });
    }
  }

  it("finds no difference behind edits to and fro", async () => {
    const { schedule, changeSchedule, up, passTo, proof } = setup();
    const { id } = await schedule(daily);
    up();
    for (let day = 1; day < 20; day++) {
      await passTo(`2027-01-${String(day).padStart(2, "0")}T12:00:00Z`);
      const cron = day % 3 === 0 ? "0 9 * * *" : day % 3 === 1 ? "0 15 * * *" : "30 */5 * * *";
      await changeSchedule.run({ ...BY, id, patch: { when: { cron } } });
    }
    await passTo("2027-02-01T00:00:00Z");

    expect(await proof()).to.deep.include({ open: 0, skipped: {}, difference: 0 });
  });

  it("counts a redriven event once, as what it has become", async () => {
    const { schedule, answer, up, passTo, firstOf, redriveEvents, proof } = setup();
    const { id } = await schedule(daily);
    answer((times) => ({ status: times === 1 ? 400 : 200 }));
    up();
    await passTo("2027-01-04T00:00:00Z");
    expect(await proof()).to.deep.include({ delivered: 2, failed: 1 });
    await redriveEvents.one({ ...BY, id: firstOf(id).id });
    await passTo(JANUARY_5);

    expect(await proof()).to.deep.equal({ ...nothing, expected: 4, delivered: 4 });
  });

  for (const at of ["2027-01-01T05:00:00", "2027-01-03T20:00:00", "2027-02-01T00:00:00"]) {
    it(`finds no difference where an event was moved by hand, to ${at}`, async () => {
      const { schedule, firstOf, rescheduleEvent, up, passTo, proof } = setup();
      const { id } = await schedule(daily);
      await rescheduleEvent.run({ ...BY, id: firstOf(id).id, at });
      up();
      await passTo(JANUARY_5);
      expect(await proof()).to.deep.include({ expected: 4, difference: 0 });
      await passTo("2027-02-02T00:00:00Z");

      expect(await proof()).to.deep.equal({ ...nothing, expected: 32, delivered: 32 });
    });
  }

  it("does not count what was run by hand", async () => {
    const { id, runSchedule, pass, proof } = await delivered();
    await runSchedule.run({ ...BY, id });
    await pass(1_000);

    expect(await proof()).to.deep.equal({ ...nothing, expected: 4, delivered: 4 });
  });

  for (const [what, fields] of [
    ["counts its events", { ...daily, count: 2 }],
    ["has an end", { ...daily, until: "2027-01-02T23:00:00" }],
    ["is spread", { ...daily, count: 2, spread: "PT5H" }],
    ["has exceptions", rule("FREQ=DAILY;COUNT=3", "2027-01-02T09:00:00")],
  ] as const) {
    it(`expects no more of a series that ${what}`, async () => {
      const { proof } = await delivered(fields);

      expect(await proof()).to.deep.equal({ ...nothing, expected: 2, delivered: 2 });
    });
  }

  it("expects nothing of a deleted schedule from then on, and finds no difference", async () => {
    const { id, deleteSchedule, schedule, proof, pass } = await delivered();
    await deleteSchedule.run({ ...BY, id });
    await schedule(daily);
    await pass(DAY);

    expect(await proof(JANUARY_5)).to.deep.include({ expected: 1, delivered: 1, difference: 0 });
    expect(await proof()).to.deep.include({ open: 0, difference: 0 });
  });

  it("looks at one tenant alone", async () => {
    const { proof, reconcile } = await delivered();
    const all = { from: new Date("2027-01-01"), to: new Date("2028-01-01") };

    expect(await reconcile.run({ tenant: "other", ...all })).to.deep.equal(nothing);
    expect(await proof()).to.deep.include({ delivered: 4 });
  });

  it("looks at every schedule, over more than one page", async () => {
    const { schedule, up, passTo, proof } = setup();
    for (let number = 0; number < 450; number++) await schedule({ when: { at: "2027-01-01T09:00:00" } });
    up();
    await passTo(JANUARY_5);

    expect(await proof()).to.deep.equal({ ...nothing, expected: 450, delivered: 450 });
  });

  it("tells an event that is missing", async () => {
    const { id, tables, eventsOf, proof } = await delivered();
    const [, second] = eventsOf(id);
    if (second !== undefined) tables.removeEvent(second);

    expect(await proof()).to.deep.equal({
      ...nothing,
      ...{ expected: 4, delivered: 3, missing: [second?.id], difference: 1 },
    });
  });

  it("tells what is missing because nobody leads the series any more", async () => {
    const { leaderOf, id, tables, passTo, proof, down } = await delivered();
    const leader = leaderOf(id);
    if (leader !== null) tables.removeEvent(leader);
    await passTo("2027-01-08T00:00:00Z");
    await down();
    const { missing, difference, delivered: count } = await proof();

    expect(count).to.equal(4);
    expect(missing).to.have.length(3);
    expect(missing[0]).to.equal(leader?.id);
    expect(difference).to.equal(3);
  });

  it("tells an event that no rule has", async () => {
    const { id, firstOf, tables, proof } = await delivered();
    const first = firstOf(id);
    tables.putEvent({
      ...first,
      ...{ id: "stray", key: first.key.replace("T09", "T10") },
      dueAt: new Date("2027-01-01T10:00:00Z"),
    });

    expect(await proof()).to.deep.equal({
      ...nothing,
      ...{ expected: 4, delivered: 4, unexpected: ["stray"], difference: 1 },
    });
  });

  for (const [what, from, to, expected] of [
    ["begins with its `from`", "2027-01-02T09:00:00Z", "2027-01-03T00:00:00Z", 1],
    ["begins no earlier", "2027-01-02T09:00:00.001Z", "2027-01-03T00:00:00Z", 0],
    ["ends before its `to`", "2027-01-02T00:00:00Z", "2027-01-03T09:00:00Z", 1],
    ["ends no earlier", "2027-01-02T00:00:00Z", "2027-01-03T09:00:00.001Z", 2],
    ["may be empty", "2027-01-02T09:00:00Z", "2027-01-02T09:00:00Z", 0],
    ["may be upside down", "2027-01-04T00:00:00Z", "2027-01-01T00:00:00Z", 0],
    ["ends now at the latest", "2027-01-04T00:00:00Z", "2030-01-01T00:00:00Z", 1],
  ] as const) {
    it(`looks at a window that ${what}`, async () => {
      const { proof } = await delivered();

      expect(await proof(from, to)).to.deep.equal({ ...nothing, expected, delivered: expected });
    });
  }

  it("finds in a year what it finds in its days", async () => {
    const { proof } = await delivered({ when: { cron: "*/7 * * * *" }, spread: "PT5M" });
    let sum = 0;
    for (let day = 1; day < 5; day++) {
      const report = await proof(`2027-01-0${day}T00:00:00Z`, `2027-01-0${day + 1}T00:00:00Z`);
      expect(report.difference).to.equal(0);
      sum += report.expected;
    }

    expect(sum).to.equal((await proof()).expected);
  });

  function rule(rrule: string, ...exdates: string[]) {
    return { when: { rrule, start: "2027-01-01T09:00:00", exdates } };
  }
});
