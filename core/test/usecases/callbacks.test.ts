import { expect } from "chai";
import { BuryDeadLetters } from "../../src/usecases/bury-dead-letters.js";
import { BY, DAY, HOUR, MINUTE, scene, URL } from "./support/scene.js";

describe("Callbacks", () => {
  const TOLD = "https://told.test/";
  const hourly = { when: { cron: "0 * * * *" }, retry: { maxAttempts: 2, initial: "PT20S" } };
  const both = { onSuccess: { destination: { url: TOLD } }, onFailure: { destination: { url: TOLD } } };

  async function setup(fields: Record<string, unknown> = {}) {
    const whole = scene("2027-01-01T00:00:00Z");
    const { system, schedule } = whole;
    whole.answer(() => ({ status: 200 }), TOLD);
    const made = await schedule({ ...hourly, count: 1, ...both, ...fields });
    const told = () =>
      system.sender.received
        .filter(({ request }) => request.destination.url === TOLD)
        .map(({ request }) => ({
          id: request.id,
          attempt: request.attempt,
          body: JSON.parse(request.body) as unknown,
        }));
    const callbacks = () => whole.eventsOf(made.id).filter(({ origin }) => origin === "callback");
    const event = () => whole.eventsOf(made.id).find(({ origin }) => origin === "rule");
    return { ...whole, made, told, callbacks, event };
  }

  it("tell that an event was delivered, once, with what became of it", async () => {
    const { up, passTo, told, made, event, callbacks } = await setup();
    up();
    await passTo("2027-01-01T02:00:00Z");

    expect(told()).to.have.length(1);
    expect(told()[0]?.id).to.equal(callbacks()[0]?.id);
    expect(told()[0]?.id).to.not.equal(event()?.id);
    expect(told()[0]?.body).to.deep.include({
      type: "punctual.event.completed",
      data: {
        ...{ eventId: event()?.id, scheduleId: made.id, type: made.type, state: "COMPLETED", reason: null },
        ...{ dueAt: "2027-01-01T01:00:00.000Z", attempts: 1, status: 200 },
      },
    });
    expect(callbacks().map(({ state }) => state)).to.deep.equal(["COMPLETED"]);
  });

  it("tell that an event has failed for good, and nothing of the attempts before", async () => {
    const { up, pass, passTo, answer, told, event } = await setup();
    answer(() => ({ status: 503 }));
    up();
    await passTo("2027-01-01T01:00:00Z");
    await pass(500);
    expect(told()).to.deep.equal([]);
    await pass(HOUR);

    expect(told().map(({ body }) => body)).to.have.length(1);
    expect(told()[0]?.body).to.deep.include({ type: "punctual.event.failed" });
    const { data } = told()[0]?.body as { data: object };
    const failed = { eventId: event()?.id, state: "FAILED", reason: "attempts_exhausted", attempts: 2, status: 503 };
    expect(data).to.include(failed);
  });

  it("are not made where nobody asked for them", async () => {
    const { up, passTo, told, callbacks } = await setup({ onSuccess: undefined });
    up();
    await passTo("2027-01-01T02:00:00Z");

    expect([told(), callbacks()]).to.deep.equal([[], []]);
  });

  it("have retries of their own, and send the same bytes under the same id", async () => {
    const { up, passTo, answer, told, callbacks, event } = await setup();
    answer((times) => (times === 1 ? { status: 500 } : { status: 200 }), TOLD);
    up();
    await passTo("2027-01-01T02:00:00Z");

    expect(told().map(({ attempt }) => attempt)).to.deep.equal([1, 2]);
    expect(told()[0]).to.deep.include({ id: told()[1]?.id, body: told()[1]?.body });
    expect(callbacks()[0]).to.include({ state: "COMPLETED", attempt: 2 });
    expect(event()).to.include({ state: "COMPLETED", attempt: 1 });
  });

  it("that fail are not told of", async () => {
    const { up, passTo, answer, callbacks, told } = await setup();
    answer(() => ({ status: 400 }), TOLD);
    up();
    await passTo("2027-01-01T02:00:00Z");

    expect(told()).to.have.length(1);
    expect(callbacks().map(({ state, reason }) => [state, reason])).to.deep.equal([["FAILED", "rejected"]]);
  });

  it("tell again after a redrive, as another event", async () => {
    const { up, pass, passTo, answer, event, redriveEvents, told } = await setup();
    answer((times) => (times === 1 ? { status: 400 } : { status: 200 }), URL);
    up();
    await passTo("2027-01-01T02:00:00Z");
    await redriveEvents.one({ ...BY, id: event()?.id ?? "" });
    await pass(MINUTE);

    expect(told().map(({ body }) => (body as { type: string }).type)).to.deep.equal([
      "punctual.event.failed",
      "punctual.event.completed",
    ]);
    expect(new Set(told().map(({ id }) => id)).size).to.equal(2);
  });

  it("that failed say the same when they are redriven", async () => {
    const { up, pass, passTo, answer, callbacks, redriveEvents, told } = await setup();
    answer((times) => ({ status: times === 1 ? 400 : 200 }), TOLD);
    up();
    await passTo("2027-01-01T02:00:00Z");
    await redriveEvents.one({ ...BY, id: callbacks()[0]?.id ?? "" });
    await pass(MINUTE);

    expect(told()).to.have.length(2);
    expect(told()[1]?.body).to.deep.equal(told()[0]?.body);
  });

  for (const end of ["deleteSchedule", "pauseSchedule"] as const) {
    it(`go out though their schedule ended meanwhile: ${end}`, async () => {
      const { up, down, pass, passTo, answer, told, made, callbacks, ...desk } = await setup();
      answer((times) => ({ status: times < 2 ? 503 : 200 }), TOLD);
      up();
      await passTo("2027-01-01T01:00:00Z");
      await pass(100);
      await down();
      expect(callbacks()[0]).to.include({ state: "PENDING" });
      await desk[end].run({ ...BY, id: made.id });
      expect(callbacks()[0]).to.include({ state: "PENDING" });
      up();
      await pass(HOUR);

      expect(callbacks()[0]).to.include({ state: "COMPLETED" });
      expect(told()).to.have.length(2);
    });
  }

  it("go out though their schedule is paused, and somebody moved them", async () => {
    const { system, up, passTo, pass, made, callbacks, pauseSchedule, rescheduleEvent } = await setup();
    await passTo("2027-01-01T01:00:00Z");
    const { begun } = await system.events.takeDue({ limit: 1, leaseMs: MINUTE }, system.plan);
    const done = system.deliver.deliver(begun, system.clock.monotonic() + MINUTE);
    await pass(100);
    await done;
    await pauseSchedule.run({ ...BY, id: made.id });
    const id = callbacks()[0]?.id ?? "";
    await rescheduleEvent.run({ ...BY, id, at: "2027-01-01T03:00:00" });
    up();
    await pass(3 * HOUR);

    expect(callbacks()[0]).to.include({ state: "COMPLETED" });
  });

  it("tell of an event that was given up, since nobody heard of it", async () => {
    const { system, passTo, pass, told, event, up } = await setup();
    await passTo("2027-01-01T01:00:00Z");
    await system.handOver.run({ limit: 1, leaseMs: MINUTE, lookAheadMs: 0 });
    const letters = system.queue.receive(1).map(({ message }) => ({ message, reason: "too often" }));
    const { telemetry, failpoints } = system;
    await Promise.all(new BuryDeadLetters({ events: system.events, telemetry, failpoints }, 1).handle(letters));
    expect(event()).to.include({ state: "FAILED", reason: "undeliverable" });
    up();
    await pass(MINUTE);

    expect((told()[0]?.body as { data: object }).data).to.include({ reason: "undeliverable", attempts: 0 });
  });

  it("keep no event of their schedule from starting", async () => {
    const { up, passTo, answer, eventsOf, made } = await setup({ count: 2, ifRunning: "skip" });
    answer(() => ({ status: 200, afterMs: 9_000 }), TOLD);
    up();
    await passTo("2027-01-01T02:00:05Z");

    const states = eventsOf(made.id).flatMap(({ origin, state }) => (origin === "rule" ? [state] : []));
    expect(states).to.deep.equal(["COMPLETED", "COMPLETED"]);
  });

  it("tell of an event that only its next claim finds to have failed", async () => {
    const { system, passTo, pass, told, up } = await setup({ retry: { maxAttempts: 1 } });
    await passTo("2027-01-01T01:00:00Z");
    const { begun } = await system.events.takeDue({ limit: 1, leaseMs: MINUTE }, system.plan);
    expect(begun).to.have.length(1); // and its worker is never heard of again
    up();
    await pass(DAY);

    const [one] = told();
    expect(told()).to.have.length(1);
    expect((one?.body as { data: object }).data).to.include({ state: "FAILED", reason: "attempts_exhausted" });
  });

  it("that are claimed with an event of their schedule leave it alone", async () => {
    const { up, down, passTo, answer, eventsOf, made } = await setup({ count: 3, ifRunning: "skip" });
    up();
    await passTo("2027-01-01T01:30:00Z");
    answer(() => ({ status: 503 }), TOLD); // the callback is tried again when the next event is due
    await down();
    await passTo("2027-01-01T02:00:00Z");
    up();
    await passTo("2027-01-01T02:30:00Z");

    const states = eventsOf(made.id).flatMap(({ origin, state }) => (origin === "rule" ? [state] : []));
    expect(states).to.deep.equal(["COMPLETED", "COMPLETED", "PENDING"]);
  });

  it("are no part of the proof", async () => {
    const { up, passTo, proof } = await setup({ count: 3 });
    up();
    await passTo("2027-01-01T05:00:00Z");

    expect(await proof()).to.include({ expected: 3, delivered: 3, difference: 0 });
  });
});
