import { expect } from "chai";
import { ask, type Breaker, BREAKER_DEFAULTS, newBreaker, tell } from "../../src/destinations/breaker.js";
import { TurnedAway } from "../../src/destinations/turned-away.js";

describe("TurnedAway", () => {
  const { pauseMs, leastCalls } = BREAKER_DEFAULTS;

  /** A breaker that has just opened, and what it says to those who ask. */
  function setup() {
    let breaker: Breaker = newBreaker(0);
    for (let call = 0; call < leastCalls; call++) breaker = tell(breaker, false, 0);
    const away = new TurnedAway(BREAKER_DEFAULTS);
    const told = (count: number, gate = "a", now = 0) =>
      Array.from({ length: count }, () => {
        const answer = ask(breaker, now);
        return answer.go ? 0 : now + away.next(gate, breaker, answer.inMs);
      });
    return { breaker, away, told };
  }

  it("lets the first come back for the probe", () => {
    expect(setup().told(1)).to.deep.equal([pauseMs]);
  });

  it("spreads all others evenly over as long a time behind it", () => {
    const all = setup().told(1_000);
    expect(Math.min(...all)).to.equal(pauseMs);
    expect(Math.max(...all)).to.be.at.most(2 * pauseMs);
    const seconds = Map.groupBy(all, (at) => Math.floor(at / 1_000));
    for (const bucket of seconds.values()) expect(bucket.length / all.length).to.be.lessThan(0.04);
  });

  it("goes on in the row, whenever they ask, and keeps gates apart", () => {
    const { told } = setup();
    const [first, second] = [told(1), told(1, "a", pauseMs / 2)];
    expect(second[0]).to.be.greaterThan(first[0] ?? 0);
    expect(told(1, "b")).to.deep.equal([pauseMs]);
  });
});
