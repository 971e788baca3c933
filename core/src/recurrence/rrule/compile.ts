import { DAY, HOUR, MINUTE, SECOND, dateFromDays, weekday, type Wall } from "../wall.js";
import { ClockCells, DayCells, spanOf } from "./cells.js";
import { dayCode, type Frequency, type RRuleParts } from "./parts.js";
import { CellSeries, PositionSeries, emptySeries, indexAt, type Series } from "./series.js";
import { YearDays, type DayFilter } from "./year-days.js";

/**
 * The table of RFC 5545, section 3.3.10, in three moves. Below a part's own unit it expands: into days of a span or times
 * of a cell. Above it limits: which days, and which cells of a day. What no part says comes from the start.
 */
export function compile(parts: RRuleParts, start: Wall): Series {
  const { freq } = parts;
  const days = new YearDays(dayFilter(parts, start));
  if (freq === "SECONDLY" || freq === "MINUTELY" || freq === "HOURLY") {
    const cellMs = freq === "SECONDLY" ? SECOND : freq === "MINUTELY" ? MINUTE : HOUR;
    const phase = { origin: Math.floor(start / cellMs), interval: parts.interval };
    const times = choose(timesWithin(cellMs, parts, start), parts.bySetPos);
    const cells = new ClockCells(days, cellMs, phase, cellsOfDay(freq, parts));
    return times.length === 0 ? emptySeries : new CellSeries(cells, cellMs, times);
  }
  const span = spanOf(freq, parts.weekStart);
  const phase = { origin: span.indexOf(Math.floor(start / DAY)), interval: parts.interval };
  const cells = new DayCells(days, span, phase);
  const times = timesWithin(DAY, parts, start);
  if (parts.bySetPos !== null && freq !== "DAILY") {
    return new PositionSeries(cells, days, span, times, parts.bySetPos);
  }
  const chosen = choose(times, parts.bySetPos);
  return chosen.length === 0 ? emptySeries : new CellSeries(cells, DAY, chosen);
}

function dayFilter(parts: RRuleParts, start: Wall): DayFilter {
  const { freq, byMonth, byMonthDay, byYearDay, byWeekNo, byDay } = parts;
  const startDay = Math.floor(start / DAY);
  const { month, day } = dateFromDays(startDay);
  const isDayGiven = byMonthDay !== null || byYearDay !== null || byDay !== null;
  // A week number says the week only, so its day is the start's weekday, as it is for FREQ=WEEKLY.
  const isWeekdayImplied = !isDayGiven && (freq === "WEEKLY" || byWeekNo !== null);
  const isMonthDayImplied = !isDayGiven && !isWeekdayImplied && (freq === "MONTHLY" || freq === "YEARLY");
  const isMonthImplied = isMonthDayImplied && freq === "YEARLY";
  return {
    months: asSet(byMonth ?? (isMonthImplied ? [month] : null)),
    monthDays: asSet(byMonthDay ?? (isMonthDayImplied ? [day] : null)),
    yearDays: asSet(byYearDay),
    weekNumbers: asSet(byWeekNo),
    weekdays: asSet(byDay ?? (isWeekdayImplied ? [dayCode(0, weekday(startDay))] : null)),
    ordinalsIn: freq === "YEARLY" && byMonth === null ? "year" : "month",
    weekStart: parts.weekStart,
  };
}

function asSet(numbers: readonly number[] | null): ReadonlySet<number> | null {
  return numbers === null ? null : new Set(numbers);
}

/** The times an occurrence may have within an hour, a minute, a second or a day, in milliseconds. */
function timesWithin(cellMs: number, parts: RRuleParts, start: Wall): Int32Array {
  const field = (given: readonly number[] | null, unitMs: number, perNext: number) =>
    unitMs >= cellMs ? [0] : (given ?? [Math.floor(start / unitMs) % perNext]);
  return combine([
    [field(parts.byHour, HOUR, 24), HOUR],
    [field(parts.byMinute, MINUTE, 60), MINUTE],
    [field(parts.bySecond, SECOND, 60), SECOND],
  ]);
}

/** The hours, minutes or seconds of a day that BYHOUR, BYMINUTE and BYSECOND leave; null leaves all. */
function cellsOfDay(
  freq: Extract<Frequency, "SECONDLY" | "MINUTELY" | "HOURLY">,
  parts: RRuleParts,
): Int32Array | null {
  const { byHour, byMinute, bySecond } = parts;
  const hours = byHour ?? upTo(24);
  const minutes = byMinute ?? upTo(60);
  const seconds = bySecond ?? upTo(60);
  switch (freq) {
    case "HOURLY":
      return byHour && combine([[hours, 1]]);
    case "MINUTELY":
      return byHour === null && byMinute === null
        ? null
        : combine([
            [hours, 60],
            [minutes, 1],
          ]);
    case "SECONDLY":
      if (byHour === null && byMinute === null && bySecond === null) return null;
      return combine([
        [hours, 3_600],
        [minutes, 60],
        [seconds, 1],
      ]);
  }
}

function upTo(end: number): readonly number[] {
  return Array.from({ length: end }, (_, index) => index);
}

/** All sums of one number of each list times its factor; sorted, as the lists are and each factor outweighs the next. */
function combine(lists: readonly (readonly [readonly number[], number])[]): Int32Array {
  return lists.reduce((sums, [numbers, factor]) => {
    const longer = new Int32Array(sums.length * numbers.length);
    let index = 0;
    for (const sum of sums) for (const number of numbers) longer[index++] = sum + number * factor;
    return longer;
  }, new Int32Array(1));
}

/** BYSETPOS where every set is the same. */
function choose(times: Int32Array, positions: readonly number[] | null): Int32Array {
  if (positions === null) return times;
  const indexes = new Set(positions.map((position) => indexAt(position, times.length)));
  return times.filter((_, index) => indexes.has(index));
}
