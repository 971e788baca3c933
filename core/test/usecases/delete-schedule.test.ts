import { expect } from "chai";
import { toySignatureOf } from "../../src/memory/signatures.js";
import { BEFORE_BEGIN, BY, codesOf, DAY, HOUR, MINUTE, scene, UNDER_WAY, URL } from "./support/scene.js";

describe("DeleteSchedule", () => {
  const setup = () => scene("2027-01-01T00:00:00Z");
  const daily = { when: { cron: "0 9 * * *" } };

  it("cancels what is open, and nothing is sent any more", async () => {
    const { schedule, runSchedule, deleteSchedule, tables, up, pass, deliveredAt, audited } = setup();
    const { id } = await schedule(daily);
    await runSchedule.run({ ...BY, id });
    await deleteSchedule.run({ ...BY, id });
    up();
    await pass(3 * DAY);

    expect(deliveredAt()).to.deep.equal([]);
    expect([...tables.events.values()].map(({ state, reason }) => `${state} ${reason}`)).to.deep.equal([
      "CANCELLED schedule_deleted",
      "CANCELLED schedule_deleted",
    ]);
    expect(audited()).to.deep.equal(["schedule.run", "schedule.deleted"]);
  });

  for (const place of BEFORE_BEGIN) {
    it(`wins at ${place}: nothing is sent (I7)`, async () => {
      const { schedule, deleteSchedule, when, up, pass, deliveredAt, story } = setup();
      const { id } = await schedule(daily);
      when(place, () => deleteSchedule.run({ ...BY, id }));
      up();
      await pass(3 * DAY);

      expect(deliveredAt()).to.deep.equal([]);
      expect(story(id)).to.deep.equal([
        "2027-01-01T09:00 CANCELLED schedule_deleted",
        "2027-01-02T09:00 CANCELLED schedule_deleted",
      ]);
    });
  }

  for (const place of UNDER_WAY) {
    it(`lets the attempt end that has begun, at ${place}, and it is the last`, async () => {
      const { schedule, deleteSchedule, when, up, pass, deliveredAt, story } = setup();
      const { id } = await schedule(daily);
      when(place, () => deleteSchedule.run({ ...BY, id }));
      up();
      await pass(3 * DAY);

      expect(deliveredAt()).to.have.length(1);
      expect(story(id)).to.deep.equal(["2027-01-01T09:00 COMPLETED", "2027-01-02T09:00 CANCELLED schedule_deleted"]);
    });
  }

  describe("of an event that is awaited", () => {
    /** Its receiver has answered 202, and is to say within ten minutes how it went. */
    async function awaited() {
      const whole = setup();
      const { createDestination, schedule, answer, up, passTo, acknowledgeEvent, clock, firstOf } = whole;
      const input = { url: URL, ackWithinMs: 10 * MINUTE };
      const { destination, secret } = await createDestination.run({ ...BY, input });
      const { id } = await schedule({ ...daily, destinationId: destination.id });
      answer(() => ({ status: 202 }));
      up();
      await passTo("2027-01-01T09:00:01Z");
      const event = () => firstOf(id);
      const say = async (word: object) => {
        const [body, timestamp] = [JSON.stringify(word), Math.floor(clock.now().getTime() / 1_000)];
        const signature = toySignatureOf({ id: event().id, timestamp, body }, secret);
        const message = { id: event().id, timestamp: String(timestamp), signature, body };
        return acknowledgeEvent.run({ tenant: BY.tenant, id: event().id, message });
      };
      return { ...whole, id, event, say };
    }

    it("leaves that alone, and its receiver's word still counts", async () => {
      const { id, event, say, deleteSchedule, pass, deliveredAt, story } = await awaited();
      const before = event();
      expect(before).to.include({ state: "PROCESSING", attempt: 1, begunAt: null });
      await deleteSchedule.run({ ...BY, id });
      expect(event()).to.deep.equal(before);
      await pass(9 * MINUTE);
      await say({ attempt: 1, outcome: "ack" });
      await pass(HOUR);

      expect(story(id)).to.deep.equal(["2027-01-01T09:00 COMPLETED", "2027-01-02T09:00 CANCELLED schedule_deleted"]);
      expect(deliveredAt()).to.have.length(1);
    });

    it("cancels it when its time is over without a word", async () => {
      const { id, deleteSchedule, pass, deliveredAt, story } = await awaited();
      await deleteSchedule.run({ ...BY, id });
      await pass(9 * MINUTE);
      expect(story(id)[0]).to.equal("2027-01-01T09:00 PROCESSING");
      await pass(2 * MINUTE);

      expect(story(id)[0]).to.equal("2027-01-01T09:00 CANCELLED schedule_deleted");
      expect(deliveredAt()).to.have.length(1);
    });
  });

  it("makes no second attempt for one that failed while it was being deleted", async () => {
    const { schedule, deleteSchedule, answer, when, up, pass, deliveredAt, story } = setup();
    const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" } });
    answer(() => ({ status: 503 }));
    when("http.after_response", () => deleteSchedule.run({ ...BY, id }));
    up();
    await pass(3 * DAY);

    expect(deliveredAt()).to.have.length(1);
    expect(story(id)).to.deep.equal(["2027-01-01T09:00 CANCELLED schedule_deleted"]);
  });

  it("cancels a paused schedule's events too", async () => {
    const { schedule, pauseSchedule, deleteSchedule, story } = setup();
    const { id } = await schedule(daily);
    await pauseSchedule.run({ ...BY, id });
    await deleteSchedule.run({ ...BY, id });

    expect(story(id)).to.deep.equal(["2027-01-01T09:00 CANCELLED schedule_deleted"]);
  });

  it("cancels more events than one page holds", async () => {
    const { schedule, runSchedule, deleteSchedule, system } = setup();
    const { id } = await schedule(daily);
    for (let number = 0; number < 1_200; number++) await runSchedule.run({ ...BY, id });
    await deleteSchedule.run({ ...BY, id });

    expect(system.states().filter((state) => state === "CANCELLED")).to.have.length(1_201);
  });

  it("leaves what has ended as it ended", async () => {
    const { schedule, deleteSchedule, up, passTo, eventsOf } = setup();
    const { id } = await schedule(daily);
    up();
    await passTo("2027-01-02T10:00:00Z");
    const ended = eventsOf(id).filter(({ state }) => state === "COMPLETED");
    await deleteSchedule.run({ ...BY, id });

    expect(eventsOf(id).filter(({ state }) => state === "COMPLETED")).to.deep.equal(ended);
    expect(ended).to.have.length(2);
  });

  it("leaves its failed events failed: a redrive is refused afterwards", async () => {
    const { schedule, deleteSchedule, redriveEvents, firstOf, answer, up, pass, deliveredAt, story } = setup();
    const { id } = await schedule({ when: { at: "2027-01-01T09:00:00" } });
    answer(() => ({ status: 400 }));
    up();
    await pass(10 * HOUR);
    await deleteSchedule.run({ ...BY, id });
    const refusal: unknown = await redriveEvents.one({ ...BY, id: firstOf(id).id }).catch((error: unknown) => error);
    await pass(MINUTE);

    expect(refusal).to.deep.include({ family: "conflict", code: "wrong_state" });
    expect(deliveredAt()).to.have.length(1);
    expect(story(id)).to.deep.equal(["2027-01-01T09:00 FAILED rejected"]);
  });

  it("refuses a revision that is not the present one, what is deleted already, and what is not there", async () => {
    const { schedule, deleteSchedule, tables } = setup();
    const made = await schedule(daily);
    const { id } = made;

    expect(await codesOf(deleteSchedule.run({ ...BY, id, revision: 2 }))).to.deep.equal(["stale_revision"]);
    expect(await codesOf(deleteSchedule.run({ ...BY, tenant: "other", id }))).to.deep.equal(["schedule_not_found"]);
    expect(tables.schedules.get(id)).to.deep.equal(made);
    await deleteSchedule.run({ ...BY, id, revision: 1 });
    expect(await codesOf(deleteSchedule.run({ ...BY, id }))).to.deep.equal(["schedule_not_found"]);
    expect(await codesOf(deleteSchedule.run({ ...BY, id: "none" }))).to.deep.equal(["schedule_not_found"]);
  });
});
