import { expect } from "chai";
import { Unavailable } from "../../src/errors.js";
import type { Message } from "../../src/ports/transport.js";
import { BuryDeadLetters } from "../../src/usecases/bury-dead-letters.js";
import { BY, HOUR, MINUTE, scene } from "./support/scene.js";

describe("BuryDeadLetters", () => {
  const batch = { limit: 10, leaseMs: HOUR, lookAheadMs: 0 };

  /** Events that are due, and their messages, which the queue has given up. */
  async function setup(events = 1, mostClaims?: number) {
    const whole = scene("2027-01-01T00:00:00Z");
    const { schedule, system, tables, clock } = whole;
    for (let number = 0; number < events; number++) await schedule({ when: { cron: "0 1 * * *" } });
    clock.advance(HOUR);
    const { telemetry, failpoints } = system;
    const buryDeadLetters = new BuryDeadLetters({ events: system.events, telemetry, failpoints }, mostClaims);
    const bury = (messages: readonly (Message | null)[]) =>
      Promise.all(buryDeadLetters.handle(messages.map((message) => ({ message, reason: "received too often" }))));
    /** Claims what is due, and takes its messages off the queue: nobody will ever see them. */
    const lose = async (): Promise<readonly Message[]> => {
      await system.handOver.run(batch);
      const received = system.queue.receive(100);
      for (const one of received) one.settle({ kind: "ack" });
      return received.map(({ message }) => message);
    };
    return { ...whole, bury, lose, states: () => system.states(), first: () => [...tables.events.values()][0] };
  }

  it("offers an event again whose message died, so that it is still delivered (W4)", async () => {
    const { bury, lose, up, pass, received, first } = await setup();
    const dead = await lose();
    const verdicts = await bury(dead);
    up();
    await pass(MINUTE);

    expect(verdicts).to.deep.equal([{ kind: "ack" }]);
    expect(received()).to.have.length(1);
    expect(first()).to.deep.include({ state: "COMPLETED", fence: 2 });
  });

  it("gives an event up whose messages died again and again: it fails visibly, and its series goes on (I5)", async () => {
    const { bury, lose, first, tables, up, passTo, received, proof } = await setup(1, 3);
    const fences: number[] = [];
    for (let round = 0; round < 3; round++) {
      expect(first()?.state).to.equal("PENDING");
      const dead = await lose();
      fences.push(...dead.map(({ fence }) => fence));
      await bury(dead);
    }
    expect(fences).to.deep.equal([1, 2, 3]);
    expect(first()).to.deep.include({ state: "FAILED", reason: "undeliverable" });
    up();
    await passTo("2027-01-02T02:00:00Z");

    expect(received().map(({ at }) => at)).to.deep.equal(["2027-01-02T01:00:00.000Z"]);
    expect(tables.events.size).to.equal(3);
    expect(await proof()).to.deep.include({ failed: 1, delivered: 1, difference: 0 });
  });

  it("decides about each message by itself", async () => {
    const { bury, lose, tables } = await setup(3, 2);
    const [one, ...others] = await lose();
    if (one === undefined) throw new Error("There is no message");
    await bury([one]);
    const [again] = await lose();
    await bury([...(again === undefined ? [] : [again]), ...others]);

    const states = [...tables.events.values()].filter(({ ordinal }) => ordinal === 1).map(({ state }) => state);
    expect(states.sort()).to.deep.equal(["FAILED", "PENDING", "PENDING"]);
  });

  it("leaves alone what somebody else holds meanwhile", async () => {
    const { bury, lose, clock, first, system } = await setup(1, 1);
    const dead = await lose();
    clock.advance(2 * HOUR);
    await system.handOver.run(batch);
    const held = first();
    await bury(dead);

    expect(held).to.deep.include({ state: "PROCESSING", fence: 2 });
    expect(first()).to.deep.equal(held);
  });

  for (const mostClaims of [1, 5]) {
    it(`leaves alone what a worker is at, ${mostClaims === 1 ? "hopeless" : "hopeful"} as it is`, async () => {
      const { bury, lose, system, first, pass, answer, received } = await setup(1, mostClaims);
      answer(() => ({ status: 200, afterMs: 5_000 }));
      const dead = await lose();
      const [verdict] = system.deliver.handle(dead);
      await pass(1_000);
      await bury(dead);
      await pass(10_000);
      await verdict;

      expect(received()).to.have.length(1);
      expect(first()).to.deep.include({ state: "COMPLETED", fence: 1 });
    });
  }

  it("leaves alone what has ended, or is gone", async () => {
    const { bury, lose, cancelEvent, first } = await setup(1, 1);
    const dead = await lose();
    await cancelEvent.run({ ...BY, id: first()?.id ?? "" });
    const ended = first();
    const stranger = dead.map((message) => ({ ...message, eventId: "none" }));
    const verdicts = await bury([...dead, ...stranger]);

    expect(first()).to.deep.equal(ended);
    expect(verdicts).to.deep.equal([{ kind: "ack" }, { kind: "ack" }]);
  });

  it("touches no event of another tenant, whatever the message says", async () => {
    const { bury, lose, first } = await setup(1, 1);
    const forged = (await lose()).map((message) => ({ ...message, tenant: "other" }));
    await bury(forged);

    expect(first()?.state).to.equal("PROCESSING");
  });

  it("tells of each dead letter, with its reason", async () => {
    const { bury, lose, system } = await setup(2);
    const dead = await lose();
    await bury(dead);

    expect(system.telemetry.of("dead_letter")).to.deep.equal(
      dead.map(({ eventId }) => ({ kind: "dead_letter", eventId, reason: "received too often" })),
    );
  });

  it("keeps what cannot be read, tells of it, and buries its neighbours all the same", async () => {
    const { bury, lose, system, first } = await setup(1, 1);
    const verdicts = await bury([null, ...(await lose())]);

    expect(verdicts).to.deep.equal([{ kind: "reject", reason: "received too often" }, { kind: "ack" }]);
    expect(system.telemetry.of("dead_letter").map(({ eventId }) => eventId)).to.have.members([null, first()?.id]);
    expect(first()?.state).to.equal("FAILED");
  });

  it("decides about what it can while the store is away, and leaves the rest to be offered again", async () => {
    const { lose, system } = await setup();
    const { telemetry, failpoints } = system;
    const giveUp = () => Promise.reject(new Unavailable("The store is away"));
    const events = Object.assign(Object.create(system.events) as typeof system.events, { giveUp });
    const bury = new BuryDeadLetters({ events, telemetry, failpoints });
    const [message = null] = await lose();
    const letters = [message, null].map((one) => ({ message: one, reason: "received too often" }));
    const verdicts = await Promise.allSettled(bury.handle(letters));

    expect(verdicts.map(({ status }) => status)).to.deep.equal(["rejected", "fulfilled"]);
    expect(system.telemetry.of("dead_letter").map(({ eventId }) => eventId)).to.deep.equal([null]);
  });

  it("sets an event that was given up going again by a redrive", async () => {
    const { bury, lose, first, redriveEvents, up, pass, received } = await setup(1, 1);
    await bury(await lose());
    await redriveEvents.one({ ...BY, id: first()?.id ?? "" });
    up();
    await pass(MINUTE);

    expect(received()).to.have.length(1);
  });
});
