import type { LocalRule } from "./local-rule.js";
import { DAY, FIRST_WALL, LAST_WALL, type Wall, dateFromDays, isLeapYear, wallOf } from "./wall.js";

/** What a rule for 29 February does in a year without one. */
export type LeapDay = "feb28" | "mar1" | "skip";

// From 2096 to 2104, as 2100 has no 29 February.
const LONGEST_WAIT_YEARS = 8;

/** Once each year. The month, the day and the time are taken to be valid. */
export function yearlyRule(month: number, day: number, timeOfDayMs: number, leapDay: LeapDay): LocalRule {
  const inYear = (year: number): Wall | null => {
    if (month !== 2 || day !== 29 || isLeapYear(year)) return wallOf(year, month, day, timeOfDayMs);
    if (leapDay === "skip") return null;
    return leapDay === "feb28" ? wallOf(year, 2, 28, timeOfDayMs) : wallOf(year, 3, 1, timeOfDayMs);
  };
  return {
    after(wall) {
      const from = Math.max(wall, FIRST_WALL - 1);
      const year = yearOf(from);
      for (let ahead = 0; ahead <= LONGEST_WAIT_YEARS; ahead++) {
        const found = inYear(year + ahead);
        if (found !== null && found > from) return found <= LAST_WALL ? found : null;
      }
      return null;
    },
    before(wall) {
      const from = Math.min(wall, LAST_WALL + 1);
      const year = yearOf(from);
      for (let back = 0; back <= LONGEST_WAIT_YEARS; back++) {
        const found = inYear(year - back);
        if (found !== null && found < from) return found >= FIRST_WALL ? found : null;
      }
      return null;
    },
  };
}

function yearOf(wall: Wall): number {
  return dateFromDays(Math.floor(wall / DAY)).year;
}
