import { type ConsumeOptions, Unavailable } from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import { consumeQueue } from "../../src/queues/consume-queue.js";
import type { Received } from "../../src/queues/text-queue.js";
import { FakeQueue } from "../support/fake-queue.js";
import { NOON, receivedOf } from "../support/messages.js";
import { passOn, turn } from "../support/turn.js";

const HIDDEN_MS = 60_000;
const WAITS = { waitMs: 5_000, hiddenMs: HIDDEN_MS };

interface Work {
  readonly received: Received;
  end(): void;
  fail(error: Error): void;
}

function setup(options: ConsumeOptions = { maxInFlight: 100, maxBatch: 10 }) {
  const clock = new MemoryClock(NOON);
  const [queue, telemetry, stop] = [new FakeQueue(), new MemoryTelemetry(), new AbortController()];
  const underWay = new Set<Work>();
  const work = (batch: readonly Received[]) =>
    batch.map(async (received) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const one: Work = { received, end: resolve, fail: reject };
      underWay.add(one);
      await promise.finally(() => underWay.delete(one));
    });
  let over = false;
  const isOver = () => over;
  const consumed = consumeQueue(
    { name: "test", queue, clock, telemetry },
    { ...options, ...WAITS },
    work,
    stop.signal,
  ).then(() => void (over = true));
  let given = 0;
  return {
    ...{ clock, queue, telemetry, stop, consumed, pass: passOn(clock), isOver },
    underWay: () => [...underWay],
    /** Answers the request that has waited longest, with so many messages. */
    give: async (count: number) => {
      await turn();
      const some = Array.from({ length: count }, () => receivedOf(++given, "text"));
      queue.asked[0]?.give(...some);
      await turn();
      return some;
    },
    endAll: async () => {
      stop.abort();
      while (!isOver()) {
        for (const asked of [...queue.asked]) asked.give();
        for (const one of [...underWay]) one.end();
        await turn();
      }
      await consumed;
    },
  };
}

describe("consumeQueue", () => {
  it("never has more under way than it may, nor asks for more than it has room for", async () => {
    const step = fc.record({
      what: fc.constantFrom("give", "give", "end", "fail", "break"),
      count: fc.integer({ min: 0, max: 10 }),
      at: fc.nat(30),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 15 }),
        fc.array(step, { minLength: 20, maxLength: 80, size: "max" }),
        async (maxInFlight, maxBatch, steps) => {
          const { queue, pass, underWay, endAll } = setup({ maxInFlight, maxBatch });
          let most = 0;
          for (const { what, count, at } of steps) {
            await turn();
            const expected = queue.asked.reduce((sum, asked) => sum + asked.most, 0);
            expect(underWay().length + expected, "under way or expected").to.be.at.most(maxInFlight);
            for (const asked of queue.asked) expect(asked.most).to.be.within(1, maxBatch);
            expect(queue.asked.length, "requests").to.be.at.most(8);
            // Where there is room somebody asks, unless a request has just failed.
            const { length } = underWay();
            if (length < maxInFlight && what !== "break") await pass(1_000);
            if (length < maxInFlight) expect(queue.asked.length, "somebody asks").to.be.greaterThan(0);
            most = Math.max(most, length);

            const asked = queue.asked[at % Math.max(1, queue.asked.length)];
            const one = underWay()[at % Math.max(1, length)];
            if (what === "give") {
              asked?.give(...Array.from({ length: Math.min(asked.most, count) }, (_, index) => receivedOf(index, "")));
            } else if (what === "break") asked?.fail(new Unavailable("the queue is away"));
            else if (what === "end") one?.end();
            else one?.fail(new Error("the work failed"));
            if (what === "break") await pass(1_000);
          }
          await endAll();
          expect(most).to.be.at.most(maxInFlight);
          expect(underWay()).to.deep.equal([]);
        },
      ),
      { numRuns: 100 },
    );
  }).timeout(60_000);

  it("asks by more requests while they come back full, and by one again once there is nothing", async () => {
    const { queue, give, endAll } = setup();
    await give(10);
    expect(queue.asked).to.have.length(2);
    await give(10);
    expect(queue.asked).to.have.length(3);
    for (let empty = 0; empty < 5; empty++) await give(0);
    expect(queue.asked).to.have.length(1);
    await endAll();
  });

  it("asks no more while all places are taken, and again as soon as one is free", async () => {
    const { queue, give, underWay, endAll } = setup({ maxInFlight: 2, maxBatch: 10 });
    await give(2);
    expect(queue.asked).to.deep.equal([]);
    underWay()[0]?.end();
    await turn();
    expect(queue.asked.map(({ most }) => most)).to.deep.equal([1]);
    await endAll();
  });

  describe("while work goes on", () => {
    it("keeps its messages out of sight, and no longer", async () => {
      const { queue, give, pass, underWay, endAll } = setup();
      const [short, long] = await give(2);
      await pass(21_000);
      expect(queue.kept).to.deep.equal([{ receipts: [short?.receipt, long?.receipt], ms: 60_000 }]);
      underWay()
        .find(({ received }) => received === short)
        ?.end();
      await pass(20_000);
      expect(queue.kept.slice(1)).to.deep.equal([{ receipts: [long?.receipt], ms: 60_000 }]);
      for (const one of underWay()) one.end();
      await pass(3_600_000);
      expect(queue.kept).to.have.length(2);
      await endAll();
    });

    it("leaves no message to itself for as long as it is kept, whenever it came", async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 120_000 }), async (comesAfter) => {
          const { queue, clock, give, pass, endAll } = setup();
          await pass(comesAfter);
          await give(1);
          let visibleAt = clock.monotonic() + HIDDEN_MS;
          for (let seen = 0, second = 0; second < 200; second++) {
            await pass(1_000);
            expect(clock.monotonic(), "out of sight").to.be.below(visibleAt);
            if (queue.kept.length > seen) visibleAt = clock.monotonic() + HIDDEN_MS;
            seen = queue.kept.length;
          }
          await endAll();
        }),
        { numRuns: 20 },
      );
    });

    it("does not ask for what has just come: it has its time", async () => {
      const { queue, give, pass, endAll } = setup();
      await pass(15_000);
      await give(1);
      await pass(5_000);
      expect(queue.kept).to.deep.equal([]);
      await pass(20_000);
      expect(queue.kept).to.have.length(1);
      await endAll();
    });

    it("tells where that fails, and tries again", async () => {
      const { queue, telemetry, give, pass, endAll } = setup();
      await give(1);
      queue.trouble = () => new Unavailable("the queue is away");
      await pass(21_000);
      expect(telemetry.of("trouble")).to.have.length(1);
      queue.trouble = () => null;
      await pass(20_000);
      expect(queue.kept).to.have.length(1);
      await endAll();
    });

    it("gives up after a quarter of an hour: then it is for others", async () => {
      const { queue, give, pass, endAll } = setup();
      await give(1);
      await pass(900_000);
      const extended = queue.kept.length;
      expect(extended).to.equal(44);
      await pass(900_000);
      expect(queue.kept).to.have.length(extended);
      await endAll();
    });
  });

  it("tells of a request that failed, and asks again after a second", async () => {
    const { queue, telemetry, give, pass, underWay, endAll } = setup();
    await turn();
    queue.asked[0]?.fail(new Unavailable("the queue is away"));
    await turn();
    expect(telemetry.of("trouble").map(({ where, error }) => [where, (error as Error).message])).to.deep.equal([
      ["test", "the queue is away"],
    ]);
    await pass(999);
    expect(queue.asked).to.deep.equal([]);
    await pass(1);
    await give(1);
    expect(underWay()).to.have.length(1);
    await endAll();
  });

  it("tells of work that failed, and goes on", async () => {
    const { telemetry, give, underWay, endAll } = setup({ maxInFlight: 1, maxBatch: 1 });
    await give(1);
    underWay()[0]?.fail(new Error("broken"));
    await give(1);
    expect(underWay()).to.have.length(1);
    expect(telemetry.of("trouble").map(({ error }) => (error as Error).message)).to.deep.equal(["broken"]);
    await endAll();
  });

  describe("once it is told to stop", () => {
    it("waits for the request that is under way, and gives back what it brings", async () => {
      const { queue, stop, give, underWay, consumed, isOver } = setup();
      await turn();
      stop.abort();
      await turn();
      expect(isOver(), "a request is under way").to.equal(false);
      const [late, later] = await give(2);
      await consumed;
      expect(queue.kept).to.deep.equal([{ receipts: [late?.receipt, later?.receipt], ms: 0 }]);
      expect(underWay()).to.deep.equal([]);
      expect(queue.asked).to.deep.equal([]);
    });

    it("waits for work, whose messages stay out of sight", async () => {
      const { queue, stop, give, pass, underWay, consumed, isOver } = setup();
      await give(1);
      stop.abort();
      await give(0);
      await pass(41_000);
      expect(isOver(), "work is under way").to.equal(false);
      expect(queue.kept).to.have.length(2);
      underWay()[0]?.end();
      await consumed;
    });

    it("does not wait for the second after a failure", async () => {
      const { clock, queue, stop, consumed } = setup();
      await turn();
      queue.asked[0]?.fail(new Unavailable("the queue is away"));
      await turn();
      stop.abort();
      await consumed;
      expect(clock.monotonic()).to.equal(0);
      expect(clock.nextWake).to.equal(null);
    });

    it("tells where it could not give back, and ends all the same", async () => {
      const { queue, telemetry, stop, give, consumed } = setup();
      await turn();
      stop.abort();
      queue.trouble = () => new Unavailable("the queue is away");
      await give(1);
      await consumed;
      expect(telemetry.of("trouble")).to.have.length(1);
    });

    it("asks for nothing where that was before it began", async () => {
      const queue = new FakeQueue();
      const deps = { name: "test", queue, clock: new MemoryClock(NOON), telemetry: new MemoryTelemetry() };
      const options = { maxInFlight: 1, maxBatch: 1, ...WAITS };
      await consumeQueue(deps, options, () => expect.fail("there is no work"), AbortSignal.abort());
      expect(queue.asked).to.deep.equal([]);
    });
  });
});
