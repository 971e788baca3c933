import { expect } from "chai";
import { onceRule } from "../../src/recurrence/once.js";
import { FIRST_WALL, HOUR, LAST_WALL, type Wall, formatWall, wallOf } from "../../src/recurrence/wall.js";
import { type LeapDay, yearlyRule } from "../../src/recurrence/yearly.js";

const NINE = 9 * HOUR;

describe("a yearly rule", () => {
  const leapDays: Record<LeapDay, string[]> = {
    feb28: ["2095-02-28", "2096-02-29", "2097-02-28", "2098-02-28"],
    mar1: ["2095-03-01", "2096-02-29", "2097-03-01", "2098-03-01"],
    skip: ["2096-02-29", "2104-02-29", "2108-02-29", "2112-02-29"],
  };
  for (const [leapDay, days] of Object.entries(leapDays) as [LeapDay, string[]][]) {
    it(`of 29 February with ${leapDay} finds ${days.join(", ")}, and goes back the same way`, () => {
      const rule = yearlyRule(2, 29, NINE, leapDay);
      const found = [wallOf(2094, 12, 31)];
      for (let step = 0; step < 4; step++) found.push(rule.after(found.at(-1)!)!);
      expect(found.slice(1).map(formatWall)).to.deep.equal(days.map((day) => `${day}T09:00:00`));
      for (let step = 4; step > 1; step--) expect(rule.before(found[step]!)).to.equal(found[step - 1]);
    });
  }

  it("leaves other days where they are, leap year or not", () => {
    expect(yearlyRule(2, 28, NINE, "mar1").after(wallOf(2028, 1, 1))).to.equal(wallOf(2028, 2, 28, NINE));
    expect(yearlyRule(3, 1, NINE, "skip").after(wallOf(2027, 1, 1))).to.equal(wallOf(2027, 3, 1, NINE));
  });

  it("is strictly after and strictly before, to the millisecond", () => {
    const rule = yearlyRule(12, 31, NINE, "feb28");
    const now = wallOf(2026, 12, 31, NINE);
    expect([rule.after(now - 1), rule.after(now)]).to.deep.equal([now, wallOf(2027, 12, 31, NINE)]);
    expect([rule.before(now + 1), rule.before(now)]).to.deep.equal([now, wallOf(2025, 12, 31, NINE)]);
  });

  it("knows no date-time outside the calendar", () => {
    const newYear = yearlyRule(1, 1, 0, "feb28");
    expect(newYear.after(-Infinity)).to.equal(FIRST_WALL);
    expect(newYear.before(FIRST_WALL)).to.equal(null);
    expect(newYear.before(Infinity)).to.equal(wallOf(9999, 1, 1));
    expect(newYear.after(LAST_WALL)).to.equal(null);
    expect(yearlyRule(2, 29, 0, "skip").after(wallOf(9996, 2, 29))).to.equal(null);
    expect(yearlyRule(2, 29, 0, "skip").before(wallOf(1972, 2, 29))).to.equal(null);
  });
});

describe("a rule for one moment", () => {
  it("has that date-time and no other", () => {
    const at: Wall = wallOf(2027, 3, 14, NINE);
    const rule = onceRule(at);
    expect([rule.after(at - 1), rule.after(at), rule.after(at + 1)]).to.deep.equal([at, null, null]);
    expect([rule.before(at + 1), rule.before(at), rule.before(at - 1)]).to.deep.equal([at, null, null]);
  });
});
