import { expect } from "chai";
import fc from "fast-check";
import { comeBack, NO_PLACES, type PlacesState, took } from "../../src/destinations/places.js";

const START = Date.UTC(2027, 2, 14);
const LONGEST_MS = 300_000;

/** So many find no place at once; what each is told. */
function turnedAway(state: PlacesState, places: number, count: number, now = START) {
  const told: number[] = [];
  for (let asked = 0; asked < count; asked++) {
    const answer = comeBack(state, places, now);
    state = answer.state;
    told.push(answer.inMs);
  }
  return { told, state };
}

function after(...durations: readonly number[]): PlacesState {
  return durations.reduce(took, NO_PLACES);
}

/** A crowd that comes back when it is told to, to places that each request holds for so long. */
function serve({ size, places, durationMs }: { size: number; places: number; durationMs: number }) {
  let state = NO_PLACES;
  let [asks, now] = [0, START];
  const ends: number[] = [];
  const waiting = Array.from({ length: size }, () => START);
  while (waiting.length > 0) {
    waiting.sort((one, other) => other - one);
    now = waiting.pop()!;
    for (const end of ends.filter((end) => end <= now)) {
      ends.splice(ends.indexOf(end), 1);
      state = took(state, durationMs);
    }
    asks++;
    if (ends.length < places) {
      ends.push(now + durationMs);
      continue;
    }
    const answer = comeBack(state, places, now);
    state = answer.state;
    waiting.push(now + answer.inMs);
  }
  return { forMs: Math.max(...ends) - START, asksEach: asks / size };
}

describe("comeBack", () => {
  it("tells each of a crowd another time, as far apart as places become free", () => {
    expect(turnedAway(after(900), 3, 4).told).to.deep.equal([300, 600, 900, 1_200]);
    expect(turnedAway(after(900), 1, 3).told).to.deep.equal([900, 1_800, 2_700]);
  });

  it("guesses while nothing is known", () => {
    expect(turnedAway(NO_PLACES, 2, 2).told).to.deep.equal([50, 100]);
  });

  it("goes on with the row while somebody is turned away again and again", () => {
    const { state } = turnedAway(after(1_000), 1, 10);
    expect(turnedAway(state, 1, 1, START + 1_500).told).to.deep.equal([9_500]);
  });

  it("begins anew when nobody has been turned away for a while: the crowd is gone, or was served sooner", () => {
    const { state } = turnedAway(after(1_000), 1, 100);
    expect(turnedAway(state, 1, 2, START + 2_000).told).to.deep.equal([1_000, 2_000]);
  });

  it("sends nobody away for longer than five minutes, and spreads those beyond", () => {
    const { told } = turnedAway(after(1_000), 1, 1_000);
    expect(told.slice(0, 300)).to.deep.equal(Array.from({ length: 300 }, (_, n) => 1_000 * (n + 1)));
    expect(Math.min(...told.slice(300))).to.be.within(LONGEST_MS / 2, LONGEST_MS / 2 + 1_000);
    expect(Math.max(...told)).to.equal(LONGEST_MS);
    expect(new Set(told.slice(300, 450)).size).to.equal(150);
  });

  it("tells a time within bounds whatever happened before, even to the clock", () => {
    const step = fc.record({
      passes: fc.integer({ min: -86_400_000, max: 86_400_000 }),
      durationMs: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3_600_000 })),
    });
    const places = fc.integer({ min: 1, max: 1_000 });
    fc.assert(
      fc.property(places, fc.array(step, { minLength: 1, maxLength: 200 }), (places, steps) => {
        let [state, now] = [NO_PLACES, START];
        for (const { passes, durationMs } of steps) {
          now += passes;
          if (durationMs !== null) state = took(state, durationMs);
          const answer = comeBack(state, places, now);
          state = answer.state;
          expect(answer.inMs).to.satisfy(Number.isInteger).and.be.within(1, LONGEST_MS);
          expect(state.tail - now).to.be.within(1, LONGEST_MS);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  for (const [places, durationMs] of [
    [1, 100],
    [3, 20],
    [3, 700],
    [20, 1_000],
  ] as const) {
    it(`has a crowd served by ${places} at a time, ${durationMs} ms each, about as fast as it can be`, () => {
      const size = 60 * places;
      const { forMs, asksEach } = serve({ size, places, durationMs });
      expect(forMs).to.be.lessThan(1.5 * 60 * durationMs + 5_000);
      expect(asksEach).to.be.lessThan(6);
    });
  }
});

describe("took", () => {
  it("takes the first duration as it is, and then a fifth of each", () => {
    expect(after(100).meanMs).to.equal(100);
    expect(after(100, 600).meanMs).to.equal(200);
  });

  it("forgets durations of long ago", () => {
    const shorter = after(60_000, ...Array<number>(30).fill(100));
    expect(shorter.meanMs).to.be.within(100, 200);
    const longer = after(100, ...Array<number>(30).fill(60_000));
    expect(longer.meanMs).to.be.within(59_000, 60_000);
  });
});
