import { expect } from "chai";
import fc from "fast-check";
import { type RateState, takePlace } from "../../src/destinations/rate.js";
import { SeededRng } from "../../src/memory/chance.js";

const START = Date.UTC(2027, 2, 14);

/** Asks at each of the times, in order; the times at which a request may start. */
function started(rate: number, times: readonly number[]): readonly number[] {
  let state: RateState | null = null;
  const starts: number[] = [];
  for (const now of times) {
    const answer = takePlace(state, rate, now);
    state = answer.state;
    if (answer.go) starts.push(now);
  }
  return starts;
}

/** What so many who ask at once, and find no place free, are told. */
function sentAway(from: RateState, rate: number, count: number): readonly number[] {
  let state = from;
  return Array.from({ length: count }, () => {
    const answer = takePlace(state, rate, START);
    state = answer.state;
    return answer.go ? Number.NaN : answer.inMs;
  });
}

/** The most starts within any second, both its ends included. */
function busiestSecond(starts: readonly number[]): number {
  let [most, first] = [0, 0];
  starts.forEach((start, index) => {
    while (start - starts[first]! > 1_000) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

/** How much of a rate is used at least when there is enough demand: the margins within a second cost the rest. */
const USED = 0.84;

/** A crowd that asks again whenever it was told to, a little late each time. */
function crowd(rate: number, size: number, untilMs: number, lateMs: number): readonly number[] {
  const rng = new SeededRng(rate);
  let state: RateState | null = null;
  let waiting = Array.from({ length: size }, () => START);
  const starts: number[] = [];
  while (waiting.length > 0) {
    waiting.sort((one, other) => one - other);
    const now = waiting[0]!;
    if (now > START + untilMs) break;
    const answer = takePlace(state, rate, now);
    state = answer.state;
    waiting = waiting.slice(1);
    if (answer.go) starts.push(now);
    else waiting.push(now + answer.inMs + Math.floor(rng.next() * (lateMs + 1)));
  }
  return starts;
}

describe("takePlace", () => {
  it("lets no second see more than the rate, however it is asked", () => {
    const gaps = fc.array(
      fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 3_000 })),
      {
        minLength: 1,
        maxLength: 1_500,
        size: "max",
      },
    );
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 2_000 })), gaps, (rate, gaps) => {
        let now = START;
        const starts = started(
          rate,
          gaps.map((gap) => (now += gap)),
        );
        expect(starts[0]).to.equal(START + gaps[0]!);
        expect(busiestSecond(starts)).to.be.at.most(rate);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  for (const rate of [1, 2, 3, 7, 10, 60, 99, 333, 501, 700, 999, 1_000, 5_000, 100_000]) {
    it(`uses a rate of ${rate} where it is asked all the time`, () => {
      const times: number[] = [];
      const perMs = Math.ceil(rate / 1_000) + 1;
      for (let ms = 0; ms < 5_000; ms++) for (let again = 0; again < perMs; again++) times.push(START + ms);
      const starts = started(rate, times);
      expect(busiestSecond(starts)).to.be.at.most(rate);
      expect(starts.length).to.be.at.least(Math.floor(rate * 5 * USED));
    });
  }

  it("uses a rate also where it is asked in batches", () => {
    const times = Array.from({ length: 250 }, (_, batch) => Array<number>(50).fill(START + batch * 20)).flat();
    const starts = started(1_000, times);
    expect(busiestSecond(starts)).to.be.at.most(1_000);
    expect(starts.length).to.be.at.least(5_000 * USED);
  });

  for (const rate of [5, 50, 200]) {
    for (const lateMs of [5, 50, 100]) {
      it(`lets a crowd in at ${rate} a second, one after another, though each comes up to ${lateMs} ms late`, () => {
        const starts = crowd(rate, rate * 8, 7_000, lateMs);
        expect(busiestSecond(starts)).to.be.at.most(rate);
        expect(starts.length).to.be.at.least(Math.floor(rate * 7 * USED));
      });
    }
  }

  it("spreads those that it sends away", () => {
    let state: RateState | null = null;
    const told: number[] = [];
    for (let asked = 0; asked < 100; asked++) {
      const answer = takePlace(state, 10, START);
      state = answer.state;
      if (!answer.go) told.push(answer.inMs);
    }
    expect(told).to.have.length(99);
    expect(new Set(told).size).to.equal(99);
    expect(told.every((inMs) => Number.isInteger(inMs) && inMs >= 1)).to.equal(true);
    expect(told.at(-1)).to.be.within(9_900, 9_900 / USED + 100);
  });

  it("sends nobody away for longer than five minutes, and spreads those beyond", () => {
    const told = sentAway({ nextFree: START + 1, tail: START }, 1, 1_000);
    expect(Math.max(...told)).to.be.within(299_000, 300_000);
    expect(Math.min(...told.slice(300))).to.be.at.least(150_000);
    expect(new Set(told).size).to.be.at.least(900);
    expect(
      sentAway({ nextFree: START + 1, tail: START + 86_400_000 }, 1, 1)[0],
      "after a clock that went back",
    ).to.be.at.most(300_000);
  });

  it("waits no longer than for a place at the present rate, though the rate was lower or the clock ahead", () => {
    const state = { nextFree: START + 3_600_000, tail: START + 3_600_000 };
    const first = takePlace(state, 10, START);
    expect(first.go).to.equal(false);
    expect(takePlace(first.state, 10, START + 150).go).to.equal(true);
  });

  it("begins the row anew when a place was free for a while: the crowd is gone", () => {
    const after = (idleMs: number) => {
      const answer = takePlace({ nextFree: START - idleMs, tail: START + 60_000 }, 10, START);
      return sentAway(answer.state, 10, 1)[0];
    };
    expect(after(500), "the crowd may be a little late").to.equal(60_000);
    expect(after(1_200)).to.be.lessThan(200);
  });

  it("lets no receiver see more than the rate where no request is longer on its way than another by 75 ms", () => {
    const ways = fc.infiniteStream(fc.integer({ min: 0, max: 75 }));
    const gaps = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 200, maxLength: 1_000, size: "max" });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), gaps, ways, (rate, gaps, ways) => {
        let now = START;
        const starts = started(
          rate,
          gaps.map((gap) => (now += gap)),
        );
        const arrivals = starts.map((start) => start + (ways.next().value as number));
        expect(busiestSecond(arrivals.toSorted((one, other) => one - other))).to.be.at.most(rate);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("saves nothing up while nobody asks", () => {
    const idle = [START, ...Array<number>(50).fill(START + 3_600_000)];
    expect(started(10, idle)).to.have.length(2);
  });
});
