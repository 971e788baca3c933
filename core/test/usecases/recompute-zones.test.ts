import { expect } from "chai";
import { claimPlanner } from "../../src/events/plan-claim.js";
import { Recurrence } from "../../src/recurrence/recurrence.js";
import { TableZoneRules } from "../../src/recurrence/zones/table-zone-rules.js";
import type { ZoneSpanStart } from "../../src/recurrence/zones/zone-table.js";
import { CreateSchedule } from "../../src/usecases/create-schedule.js";
import { HandOverDue } from "../../src/usecases/hand-over-due.js";
import { Reconcile } from "../../src/usecases/reconcile.js";
import { RecomputeZones } from "../../src/usecases/recompute-zones.js";
import { RescheduleEvent } from "../../src/usecases/reschedule-event.js";
import { BY, failureOf, HOUR, scene, TENANT, URL } from "./support/scene.js";

describe("RecomputeZones", () => {
  const zonesOf = (version: string, spans: readonly ZoneSpanStart[]) =>
    new TableZoneRules({ version, zones: { "Moon/Tycho": spans, "Etc/UTC": [[null, 0]] }, links: {} });
  const JUNE = Date.parse("2027-06-01T02:00:00Z");
  /** The old data: an hour ahead of UTC for ever. */
  const old = zonesOf("2027a", [[null, HOUR]]);
  const daily = { when: { cron: "0 9 * * *" } };
  const july = { when: { at: "2027-07-01T09:00:00" } };

  /** Schedules are made with the old data; from June on the new ones are two hours ahead, if nothing else is said. */
  function setup({
    next = zonesOf("2027b", [
      [null, HOUR],
      [JUNE, 2 * HOUR],
    ]),
    start = "2027-05-31T00:00:00Z",
  } = {}) {
    const whole = scene(start);
    const { unitOfWork, ids, system } = whole;
    const { telemetry, failpoints, senders } = system;
    const before = new Recurrence(old);
    const after = new Recurrence(next);
    const create = new CreateSchedule({ unitOfWork, recurrence: before, ids, senders });
    const recompute = new RecomputeZones({ unitOfWork, recurrence: after, telemetry, failpoints });
    return {
      ...whole,
      ...{ telemetry, failpoints, after },
      schedule: async (fields: Record<string, unknown>) => {
        const input = { type: "report", timeZone: "Moon/Tycho", destination: { url: URL }, ...fields };
        return (await create.run({ tenant: TENANT, input })).schedule;
      },
      recompute,
      run: async (dryRun = false) => recompute.run({ tenant: TENANT, dryRun }),
      due: (id: string) => whole.eventsOf(id).map(({ dueAt }) => dueAt.toISOString().slice(0, 16)),
      rows: () => structuredClone([...whole.tables.events.values()]),
      /** Claims what is due, with the old data or the new, and says who was handed over. */
      claim: async (recurrence = before) => {
        const handOver = new HandOverDue({ ...system, plan: claimPlanner(recurrence) });
        return handOver.run({ limit: 100, leaseMs: 30_000, lookAheadMs: 0 });
      },
      proven: async () => {
        const window = { from: new Date(start), to: new Date("2028-01-01") };
        return new Reconcile({ unitOfWork, recurrence: after }).run({ tenant: TENANT, ...window });
      },
    };
  }

  it("moves an open event to where its local time is under the new data", async () => {
    const { schedule, run, due, firstOf, telemetry } = setup();
    const { id } = await schedule(july);
    expect(due(id)).to.deep.equal(["2027-07-01T08:00"]);
    const report = await run();

    expect(due(id)).to.deep.equal(["2027-07-01T07:00"]);
    const event = firstOf(id);
    expect(event).to.deep.include({ tzdata: "2027b", wakeAt: event.dueAt, leads: true, state: "PENDING" });
    expect(event.local).to.deep.include({ dateTime: "2027-07-01T09:00:00", offset: "+02:00" });
    const move = { id: event.id, scheduleId: id, timeZone: "Moon/Tycho", from: new Date("2027-07-01T08:00:00Z") };
    expect(report).to.deep.equal({ tzdata: "2027b", schedules: 1, moved: [{ ...move, to: event.dueAt }] });
    expect(telemetry.of("zone_data_changed")).to.deep.equal([
      { kind: "zone_data_changed", from: "2027a", to: "2027b", moved: 1 },
    ]);
  });

  it("tells how far it has come after each schedule", async () => {
    const { schedule, recompute } = setup();
    await schedule(july);
    await schedule(daily);
    await schedule(july);
    const told: unknown[] = [];
    await recompute.run({ tenant: TENANT, dryRun: true, onSchedule: (soFar) => told.push(soFar) });

    expect(told).to.deep.equal([
      { schedules: 1, moved: 1 },
      { schedules: 2, moved: 1 },
      { schedules: 3, moved: 2 },
    ]);
  });

  it("marks as seen what the new data leave where it is", async () => {
    const { schedule, run, due, firstOf } = setup();
    const { id } = await schedule(daily);
    const { moved } = await run();

    expect(moved).to.deep.equal([]);
    expect(due(id)).to.deep.equal(["2027-05-31T08:00"]);
    expect(firstOf(id).tzdata).to.equal("2027b");
  });

  it("leaves instants alone", async () => {
    const { schedule, run, due } = setup();
    const every = await schedule({ when: { every: "P1D", start: "2027-07-01T00:00:00Z" } });
    const at = await schedule({ when: { at: "2027-07-01T09:00:00+01:00" } });

    expect((await run()).moved).to.deep.equal([]);
    expect([due(every.id), due(at.id)]).to.deep.equal([["2027-07-01T00:00"], ["2027-07-01T08:00"]]);
  });

  it("has a series go on under the new data", async () => {
    const { schedule, run, due, claim, clock, after } = setup({ start: "2027-05-31T12:00:00Z" });
    const { id } = await schedule(daily);
    await run();
    clock.advanceTo(new Date("2027-06-01T07:00:00Z"));

    expect(await claim(after)).to.deep.include({ accepted: 1 });
    expect(due(id)).to.deep.equal(["2027-06-01T07:00", "2027-06-02T07:00"]);
  });

  it("drops an occurrence that new data skip, and goes on with the next", async () => {
    const next = zonesOf("2027b", [
      [null, HOUR],
      [JUNE, 2 * HOUR],
    ]);
    const { schedule, run, due, firstOf } = setup({ next, start: "2027-05-31T12:00:00Z" });
    const { id } = await schedule({ when: { cron: "30 3 * * *" }, gap: "skip" });
    const before = firstOf(id);
    const { moved } = await run();

    expect(before.dueAt.toISOString()).to.equal("2027-06-01T02:30:00.000Z");
    expect(moved).to.deep.equal([
      { id: before.id, scheduleId: id, timeZone: "Moon/Tycho", from: before.dueAt, to: null },
    ]);
    expect(due(id)).to.deep.equal(["2027-06-02T01:30"]);
  });

  it("drops the only event of a series, and revives it when newer data have it again", async () => {
    const { schedule, run, due, unitOfWork, telemetry, failpoints } = setup();
    const { id } = await schedule({ when: { at: "2027-06-01T03:30:00" }, gap: "skip" });
    await run();
    expect(due(id)).to.deep.equal([]);
    const newer = new Recurrence(zonesOf("2027c", [[null, HOUR]]));
    const again = new RecomputeZones({ unitOfWork, recurrence: newer, telemetry, failpoints });
    await again.run({ tenant: TENANT });

    expect(due(id)).to.deep.equal(["2027-06-01T02:30"]);
  });

  it("revives nothing that is over", async () => {
    const { schedule, run, claim, clock, due, rows } = setup();
    const { id } = await schedule({ ...daily, count: 1 });
    clock.advanceTo(new Date("2027-05-31T08:00:00Z"));
    await claim();
    const event = rows()[0];
    await run();

    expect(due(id)).to.have.length(1);
    expect(event?.leads).to.equal(false);
  });

  it("tells in a dry run what it would do, and changes nothing", async () => {
    const { schedule, run, rows, telemetry } = setup();
    await schedule(july);
    await schedule({ when: { cron: "30 3 1 6 *" }, gap: "skip" });
    const before = rows();
    const dry = await run(true);

    expect(rows()).to.deep.equal(before);
    expect(dry.moved).to.have.length(2);
    expect(telemetry.of("zone_data_changed")).to.deep.equal([]);
    expect(await run()).to.deep.equal(dry);
  });

  it("changes nothing a second time", async () => {
    const { schedule, run, rows, telemetry } = setup();
    await schedule(july);
    await schedule(daily);
    await run();
    const after = rows();

    expect(await run()).to.deep.equal({ tzdata: "2027b", schedules: 2, moved: [] });
    expect(rows()).to.deep.equal(after);
    expect(telemetry.of("zone_data_changed")).to.have.length(1);
  });

  it("is run again after it was cut short, and ends where one run does", async () => {
    const { schedule, run, failpoints, tables } = setup();
    for (let number = 0; number < 300; number++) await schedule(july);
    const died = new Error("The process was ended");
    let passed = 0;
    failpoints.arm("recompute.mid_batch", () => {
      if (++passed === 120) throw died;
    });
    expect(await failureOf(run())).to.equal(died);
    failpoints.disarm("recompute.mid_batch");

    expect((await run()).moved).to.have.length(180);
    const times = new Set([...tables.events.values()].map(({ dueAt }) => dueAt.toISOString()));
    expect([...times]).to.deep.equal(["2027-07-01T07:00:00.000Z"]);
  });

  it("moves an event of a paused schedule, and leaves it parked", async () => {
    const { schedule, run, due, firstOf, pauseSchedule } = setup();
    const { id } = await schedule(july);
    await pauseSchedule.run({ ...BY, id });
    await run();

    expect(due(id)).to.deep.equal(["2027-07-01T07:00"]);
    expect(firstOf(id).wakeAt).to.equal(null);
  });

  it("leaves an event where a hand has put it", async () => {
    const { schedule, run, firstOf, tables, unitOfWork } = setup();
    const rescheduleEvent = new RescheduleEvent({ unitOfWork, recurrence: new Recurrence(old) });
    const { id } = await schedule(july);
    const { id: eventId } = firstOf(id);
    await rescheduleEvent.run({ ...BY, id: eventId, at: "2027-07-05T12:00:00Z" });
    const before = tables.events.get(eventId);

    expect((await run()).moved).to.deep.equal([]);
    expect(tables.events.get(eventId)).to.deep.equal(before);
  });

  it("leaves out what is deleted, and other tenants", async () => {
    const { schedule, run, deleteSchedule, unitOfWork, rows } = setup();
    const { id } = await schedule(july);
    await deleteSchedule.run({ ...BY, id });
    const before = rows();

    expect((await run()).moved).to.deep.equal([]);
    expect(rows()).to.deep.equal(before);
    expect(await unitOfWork.run("other", async ({ schedules }) => schedules.list({ limit: 1 }))).to.deep.equal([]);
  });

  for (const [what, offset, dueThen] of [
    ["later", 0, "2027-05-31T09:00"],
    ["earlier", 2 * HOUR, "2027-05-31T07:00"],
  ] as const) {
    it(`has a claimed event that has not begun follow data that put it ${what}: its claim is void`, async () => {
      const next = zonesOf("2027b", [[null, offset]]);
      const { schedule, run, due, claim, clock, firstOf, system, received, pass } = setup({ next });
      const { id } = await schedule(daily);
      clock.advanceTo(new Date("2027-05-31T08:00:00Z"));
      await claim();
      await run();
      expect(due(id)[0]).to.equal(dueThen);
      expect(firstOf(id)).to.deep.include({ state: "PENDING", wakeAt: firstOf(id).dueAt });
      const messages = system.queue.receive(10).map(({ message }) => message);
      const handled = Promise.all(system.deliver.handle(messages));
      await pass(1_000);
      await handled;

      expect(messages).to.have.length(1);
      expect(received()).to.deep.equal([]);
    });
  }

  it("leaves one leading event to each series, wherever it finds it, and no difference", async () => {
    const { schedule, run, claim, clock, tables, proven, after } = setup({ start: "2027-05-30T00:00:00Z" });
    const { id } = await schedule({ when: { cron: "0 */3 * * *" } });
    for (let step = 0; step < 40; step++) {
      clock.advance(3 * HOUR);
      if (step === 16) await run();
      await claim(step < 16 ? undefined : after);
    }
    const leaders = [...tables.eventsOf(id)].filter(({ leads }) => leads);

    expect(leaders).to.have.length(1);
    expect((await proven()).difference).to.equal(0);
  });
});
