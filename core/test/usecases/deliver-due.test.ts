import { expect } from "chai";
import { DELIVER_DEFAULTS, DeliverEvents, type DeliverOptions } from "../../src/usecases/deliver-events.js";
import { DeliverDue } from "../../src/usecases/deliver-due.js";
import { DisableDestination } from "../../src/usecases/disable-destination.js";
import { MINUTE, scene, URL } from "./support/scene.js";

describe("DeliverDue", () => {
  const BATCH = { limit: 500, leaseMs: 30_000, lookAheadMs: 0 };

  function setup(options: Partial<DeliverOptions> = {}) {
    const whole = scene("2027-01-01T00:00:00Z");
    const { system, schedule, passTo, pass } = whole;
    const { events, plan, senders, gate, unitOfWork, clock, rng, telemetry, failpoints } = system;
    const disableDestination = new DisableDestination({ unitOfWork });
    const deliver = new DeliverEvents(
      { events, senders, gate, disableDestination, clock, rng, telemetry, failpoints },
      { ...DELIVER_DEFAULTS, ...options },
    );
    const due = new DeliverDue({ events, plan, deliver, clock, telemetry });
    const claimed = () => telemetry.of("claimed").reduce((sum, { count }) => sum + count, 0);
    return {
      ...whole,
      ...{ due, deliver, claimed, gate, telemetry },
      /** Events that are due at one, and the clock at one. */
      add: async (count: number, fields: Record<string, unknown> = {}) => {
        const at = { at: "2027-01-01T01:00:00" };
        for (let number = 0; number < count; number++) await schedule({ when: at, ...fields });
      },
      one: async () => {
        await passTo("2027-01-01T01:00:00Z");
        await pass(1);
      },
    };
  }

  it("delivers what is due, and tells how much it began", async () => {
    const { add, one, due, pass, received, system } = setup();
    await add(3);
    await one();
    const report = await due.run(BATCH);
    await pass(100);
    await due.settled();

    expect(report).to.deep.equal({ seen: 3, accepted: 3, refused: 0, held: 0 });
    expect(received()).to.have.length(3);
    expect(system.states()).to.deep.equal(["COMPLETED", "COMPLETED", "COMPLETED"]);
  });

  it("claims no more than there are places for, however long the gate thinks", async () => {
    const { add, one, due, gate, clock, pass, claimed } = setup({ places: 30 });
    const { admit } = gate;
    gate.admit = async (requests) => {
      await clock.sleep(5_000);
      return admit.call(gate, requests);
    };
    await add(100);
    await one();
    for (let turn = 0; turn < 5; turn++) void due.run(BATCH);
    await pass(4_000);

    expect(claimed()).to.be.within(1, 30);
  });

  it("waits for room no longer than it is told", async () => {
    const { add, one, due, answer, pass } = setup({ places: 3 });
    answer(() => ({ status: 200, afterMs: 9_000 }));
    await add(9);
    await one();
    void due.run(BATCH);
    await pass(10);
    const waiting = due.run({ ...BATCH, withinMs: 1_000 });
    await pass(1_000);

    expect(await waiting).to.include({ accepted: 0 });
  });

  it("puts off by the claim what would only be sent back", async () => {
    const { add, one, due, answer, pass, system, claimed } = setup({ places: 9 });
    answer(() => ({ status: 200, afterMs: 9_000 }));
    await add(20);
    await one();
    await due.run(BATCH);
    await pass(1_000);
    const before = claimed();
    const { seen, accepted } = await due.run(BATCH);

    expect(before).to.be.at.most(9);
    expect([seen > 0, accepted]).to.deep.equal([true, 0]);
    const waits = [...system.tables.events.values()].filter(({ state }) => state === "PENDING");
    expect(new Set(waits.map(({ wakeAt }) => wakeAt?.getTime())).size, "different times").to.be.greaterThan(5);
    expect(waits.every(({ fence, attempt }) => fence <= 1 && attempt === 0)).to.equal(true);
  });

  it("looks at what has just become due, too, where more is due than fits into a claim", async () => {
    const { due, add, schedule, passTo, pass, firstOf } = setup();
    await add(400);
    const late = await schedule({
      when: { at: "2027-01-01T01:00:01" },
      destination: { url: "https://other.example/" },
    });
    await passTo("2027-01-01T01:00:01Z");
    const small = { ...BATCH, limit: 50 };
    await due.run(small);
    await due.run(small);
    await pass(100);
    expect(firstOf(late.id).attempt).to.equal(1);
  });

  it("holds up no series that has to go on, and loses none of its occurrences", async () => {
    const { add, due, answer, pass, passTo, schedule, story } = setup({ places: 9 });
    answer(() => ({ status: 200, afterMs: 9_000 }));
    await add(50);
    const { id } = await schedule({ when: { cron: "* * * * *" }, count: 70 });
    await passTo("2027-01-01T00:50:00Z");
    for (let second = 0; second < 30 * 60; second += 5) {
      void due.run({ ...BATCH, withinMs: 100 });
      await pass(5_000);
    }
    await pass(MINUTE);

    expect(story(id).filter((line) => line.includes("SKIPPED") && line > "2027-01-01T00:51")).to.deep.equal([]);
  });

  it("ends all that it began, and then settles", async () => {
    const { add, one, due, answer, pass, received } = setup();
    answer(() => ({ status: 200, afterMs: 500 }), URL);
    await add(5);
    await one();
    await due.run(BATCH);
    let settled = false;
    void due.settled().then(() => (settled = true));
    await pass(100);
    expect([due.busy, settled]).to.deep.equal([true, false]);
    await pass(1_000);

    expect([due.busy, settled]).to.deep.equal([false, true]);
    expect(received()).to.have.length(5);
  });
});
