import { expect } from "chai";
import { Unavailable } from "../../src/errors.js";
import { MemoryClock } from "../../src/memory/clock.js";
import { MemoryEventStore } from "../../src/memory/event-store.js";
import { MemoryTables } from "../../src/memory/tables.js";
import type { Ending } from "../../src/ports/event-store.js";
import { FinishQueue } from "../../src/usecases/finish-queue.js";
import { passOn } from "../support/pass.js";
import { failureOf } from "./support/scene.js";

describe("FinishQueue", () => {
  function setup(options = { flushMs: 5, maxBatch: 100 }) {
    const clock = new MemoryClock(new Date("2027-01-01T00:00:00Z"));
    const events = new MemoryEventStore(new MemoryTables(clock));
    /** What each statement ended, and when it was made. */
    const statements: { readonly at: number; readonly ids: readonly string[] }[] = [];
    const lost = new Set<string>();
    events.finish = (endings) => {
      statements.push({ at: clock.monotonic(), ids: endings.map(({ claim }) => claim.eventId) });
      return Promise.resolve({ lost: endings.map(({ claim }) => claim).filter(({ eventId }) => lost.has(eventId)) });
    };
    const queue = new FinishQueue(events, clock, options);
    return { clock, events, statements, lost, queue, pass: passOn(clock) };
  }

  const ending = (eventId: string, fence = 1): Ending => ({
    claim: { eventId, tenant: "main", fence },
    outcome: { state: "COMPLETED" },
  });

  it("puts what ends within a few milliseconds into one statement", async () => {
    const { queue, statements, pass } = setup();
    const first = queue.finish(ending("a"));
    await pass(3);
    expect(statements).to.deep.equal([]);
    const second = queue.finish(ending("b"));
    await pass(2);

    expect(await Promise.all([first, second])).to.deep.equal([false, false]);
    expect(statements).to.deep.equal([{ at: 5, ids: ["a", "b"] }]);
  });

  it("lets nobody wait longer than that, however steadily others come", async () => {
    const { queue, statements, pass } = setup();
    const all: Promise<boolean>[] = [];
    for (let number = 0; number < 12; number++) {
      all.push(queue.finish(ending(String(number))));
      await pass(1);
    }
    await pass(10);
    await Promise.all(all);

    // One that comes at 5 begins the next wait.
    expect(statements.map(({ ids }) => ids.length)).to.deep.equal([5, 5, 2]);
    expect(statements.map(({ at, ids }) => at - Number(ids[0]))).to.deep.equal([5, 5, 5]);
  });

  it("waits for nobody once a statement is full, and makes none that is fuller", async () => {
    const { queue, statements, pass } = setup({ flushMs: 5, maxBatch: 3 });
    const all = ["a", "b", "c", "d", "e", "f", "g"].map((id) => queue.finish(ending(id)));
    await pass(0);
    expect(statements).to.deep.equal([
      { at: 0, ids: ["a", "b", "c"] },
      { at: 0, ids: ["d", "e", "f"] },
    ]);
    await pass(5);
    await Promise.all(all);

    expect(statements.at(-1)).to.deep.equal({ at: 5, ids: ["g"] });
  });

  it("tells each whose claim was lost, and nobody else", async () => {
    const { queue, lost, pass } = setup();
    lost.add("b");
    const all = Promise.all(["a", "b", "c"].map((id) => queue.finish(ending(id))));
    await pass(5);

    expect(await all).to.deep.equal([false, true, false]);
  });

  it("tells two claims of one event apart", async () => {
    const { queue, events, pass } = setup();
    events.finish = () => Promise.resolve({ lost: [ending("a", 1).claim] });
    const all = Promise.all([queue.finish(ending("a", 1)), queue.finish(ending("a", 2))]);
    await pass(5);

    expect(await all).to.deep.equal([true, false]);
  });

  it("tells all of a statement that failed, and goes on with the next", async () => {
    const { queue, events, pass } = setup();
    const { finish } = events;
    const broken = new Error("The store is away");
    events.finish = () => Promise.reject(broken);
    const failures = ["a", "b"].map((id) => failureOf(queue.finish(ending(id))));
    await pass(5);
    expect(await Promise.all(failures)).to.deep.equal([broken, broken]);
    events.finish = finish;
    const next = queue.finish(ending("c"));
    await pass(5);

    expect(await next).to.equal(false);
  });

  it("writes again what the store, away for a moment, did not take: the requests were made", async () => {
    const { queue, events, statements, pass } = setup();
    const { finish } = events;
    let refusals = 3;
    events.finish = (endings) => (refusals-- > 0 ? Promise.reject(new Unavailable("away")) : finish(endings));
    const both = Promise.all([queue.finish(ending("a")), queue.finish(ending("b"))]);
    await pass(1_000);

    expect(await both).to.deep.equal([false, false]);
    expect(statements.map(({ ids }) => ids)).to.deep.equal([["a", "b"]]);
  });

  it("gives up on a store that stays away", async () => {
    const { queue, events, pass } = setup();
    events.finish = () => Promise.reject(new Unavailable("away"));
    const failure = failureOf(queue.finish(ending("a")));
    await pass(10_000);

    expect(await failure).to.be.instanceOf(Unavailable);
  });

  it("does not hold the next statement up while one is slow", async () => {
    const { queue, events, statements, clock, pass } = setup();
    const { finish } = events;
    events.finish = async (endings) => {
      await clock.sleep(1_000);
      return finish(endings);
    };
    const slow = queue.finish(ending("slow"));
    await pass(5);
    events.finish = finish;
    const quick = queue.finish(ending("quick"));
    await pass(5);

    expect(await quick).to.equal(false);
    expect(statements.map(({ ids }) => ids)).to.deep.equal([["quick"]]);
    await pass(1_000);
    expect(await slow).to.equal(false);
  });

  it("ends each by itself where one of them is more than the store can take", async () => {
    const { events, queue, statements, pass } = setup();
    const finish = events.finish.bind(events);
    events.finish = async (endings) => {
      if (endings.some(({ claim }) => claim.eventId === "bad")) throw new RangeError("No such thing");
      return finish(endings);
    };
    const all = ["a", "bad", "b"].map((id) => queue.finish(ending(id)));
    const settled = Promise.allSettled(all);
    await pass(5);

    expect((await settled).map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
    expect(statements.map(({ ids }) => ids)).to.deep.equal([["a"], ["b"]]);
  });
});
