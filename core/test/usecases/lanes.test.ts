import { expect } from "chai";
import { MemoryClock } from "../../src/memory/clock.js";
import { type Entry, Lanes } from "../../src/usecases/lanes.js";
import { passOn } from "../support/pass.js";

describe("Lanes", () => {
  function setup({ places = 90, patienceMs = 1_000, stallMs = 100 } = {}) {
    const clock = new MemoryClock(new Date("2027-01-01T00:00:00Z"));
    const lanes = new Lanes(clock, { places, patienceMs, stallMs });
    const pass = passOn(clock);
    /** Enters so many times, and keeps what each is told. */
    const enter = (count: number, destination = "slow", mayWait = true) => {
      const told: (Entry | null)[] = Array.from({ length: count }, () => null);
      told.forEach((_, index) => {
        void lanes.enter(destination, mayWait).then((entry) => (told[index] = entry));
      });
      return {
        gone: () => told.filter((entry) => entry?.go === true).length,
        back: () => told.flatMap((entry) => (entry?.go === false ? [entry.inMs] : [])),
        waiting: () => told.filter((entry) => entry === null).length,
      };
    };
    const leave = (count: number, durationMs: number | null = 10, destination = "slow") => {
      for (let number = 0; number < count; number++) lanes.leave(destination, durationMs);
    };
    return { clock, lanes, pass, enter, leave };
  }

  it("gives one destination a third of the places, and what is left to the others", async () => {
    const { enter, pass } = setup();
    const slow = enter(200);
    await pass(0);
    expect([slow.gone(), slow.waiting()]).to.deep.equal([30, 170]);

    const other = enter(200, "other");
    await pass(0);
    expect(other.gone()).to.equal(20); // a third of the sixty that are left

    const healthy = enter(1, "healthy");
    await pass(0);
    expect(healthy.gone()).to.equal(1);
  });

  it("lets no more than fifty go to a destination that has not answered yet", async () => {
    const { enter, leave, pass } = setup({ places: 900 });
    const unknown = enter(400);
    await pass(0);
    expect([unknown.gone(), unknown.waiting()]).to.deep.equal([50, 350]);
    leave(1);
    await pass(0);
    expect([unknown.gone(), unknown.waiting()]).to.deep.equal([301, 99]);
  });

  it("has a place for a healthy destination, however many others are slow", async () => {
    const { enter, pass } = setup({ places: 10 });
    for (let number = 0; number < 50; number++) enter(20, `slow ${number}`);
    await pass(1_000);
    const healthy = enter(1, "healthy");
    await pass(0);
    expect(healthy.gone()).to.equal(1);
  });

  it("lets those who wait go in their order, as places become free", async () => {
    const { enter, leave, pass } = setup();
    const slow = enter(40);
    await pass(0);
    leave(3);
    await pass(0);
    expect([slow.gone(), slow.waiting()]).to.deep.equal([33, 7]);
  });

  it("lets nobody overtake those who wait", async () => {
    const { enter, leave, pass } = setup();
    const first = enter(31);
    await pass(0);
    const second = enter(1);
    leave(1);
    await pass(0);
    expect([first.gone(), second.gone()]).to.deep.equal([31, 0]);
  });

  it("sends back who has waited for long enough, though others go", async () => {
    const { enter, leave, pass } = setup();
    const slow = enter(50);
    for (let number = 0; number < 11; number++) {
      await pass(90);
      leave(1, 90);
    }
    await pass(10);
    expect(slow.gone()).to.equal(41);
    expect(slow.back()).to.have.length(9);
  });

  it("sends back who waits where nothing has ended for a while, each to a later time", async () => {
    const { enter, pass } = setup();
    const slow = enter(35);
    await pass(99);
    expect(slow.back()).to.deep.equal([]);
    await pass(1);
    const back = slow.back();
    expect(back).to.have.length(5);
    expect(back).to.deep.equal([...back].sort((one, two) => one - two));
    expect(new Set(back).size).to.equal(5);
  });

  it("sends back at once whom a wait would not help, once it is known how slow the destination is", async () => {
    const { enter, leave, pass } = setup();
    enter(30);
    await pass(30_000);
    leave(1, 30_000);
    enter(1);
    const late = enter(10);
    await pass(0);
    expect(late.back()).to.have.length(10);
    // Thirty places and thirty seconds each: one a second.
    const steps = late.back().map((inMs, index, all) => inMs - (all[index - 1] ?? 0));
    expect(Math.min(...steps)).to.be.within(900, 1_100);
  });

  it("knows that a destination is slow before its first answer", async () => {
    const { enter, pass } = setup();
    enter(30);
    await pass(5_000);
    const late = enter(2);
    await pass(0);
    const [first = 0, second = 0] = late.back();
    expect(second - first).to.be.within(150, 180); // five seconds at least, in thirty places
  });

  it("makes nobody wait who has a place in a rate", async () => {
    const { enter, pass } = setup();
    enter(30);
    const prompt = enter(1, "slow", false);
    await pass(0);
    expect(prompt.back()).to.have.length(1);
  });

  it("counts those who wait among those who take room, and tells when there is room again", async () => {
    const { lanes, enter, leave, pass } = setup({ places: 9 });
    enter(20);
    await pass(0);
    expect(lanes.free).to.equal(0);
    let room = false;
    void lanes.room().then(() => (room = true));
    leave(3); // and three more go, and somebody still waits
    await pass(0);
    expect([lanes.free, room]).to.deep.equal([0, false]);
    await pass(200);
    expect(room).to.equal(true);
  });

  it("lets who waits for room go when the signal is aborted", async () => {
    const { lanes, enter, pass } = setup({ places: 3 });
    enter(3);
    const stop = new AbortController();
    let over = false;
    void lanes.room(stop.signal).then(() => (over = true));
    await pass(10);
    expect(over).to.equal(false);
    stop.abort();
    await pass(0);
    expect(over).to.equal(true);
  });
});
