import type { ZoneRules } from "../ports/zone-rules.js";
import { parseCron } from "./cron.js";
import { parseDuration } from "./duration.js";
import type { LocalRule } from "./local-rule.js";
import { eventIdOf, instantKey, type OccurrenceKey, parseKey, spreadOf, wallKey } from "./occurrence.js";
import { onceRule } from "./once.js";
import { parsePoint } from "./point.js";
import { type Gap, type Overlap, resolve } from "./resolve.js";
import { parseRRule } from "./rrule.js";
import { type Series, type SeriesMoment, ZonedSeries } from "./series.js";
import { StepSeries } from "./step-series.js";
import { type Timing, timingText } from "./timing.js";
import { dateFromDays, DAY, FIRST_WALL, LAST_WALL, parseTimeOfDay, parseWall, type Wall } from "./wall.js";
import { yearlyRule } from "./yearly.js";

export type OccurrenceNote = "gap" | "overlap" | "leap_day";

/** One occurrence of a rule, with the instant that today's zone data give it. Instants are epoch milliseconds. */
export interface Occurrence {
  readonly key: OccurrenceKey;
  /** The local time that the rule names. Where a gap moved it the clocks show another one: `instant + offset`. */
  readonly wall: Wall;
  readonly fold: 0 | 1;
  readonly offset: number;
  readonly instant: number;
  readonly note: OccurrenceNote | null;
}

/** A timing made ready to be asked. */
export class CompiledTiming {
  readonly timing: Timing;
  /** The bounds as instants, both inclusive. */
  readonly from: number;
  readonly until: number;
  readonly #series: Series;
  readonly #zones: ZoneRules;

  constructor(timing: Timing, zones: ZoneRules) {
    this.timing = timing;
    this.#zones = zones;
    this.#series = seriesOf(timing, zones);
    const { from, until, timeZone } = timing;
    // A bound that the clocks skip or repeat leaves out nothing of its day: it begins early, and ends late.
    this.from = from === undefined ? -Infinity : instantOf(from, timeZone, zones, "boundary", "first");
    this.until = Math.min(
      LAST_WALL, // as an instant too: no store keeps a later one
      until === undefined ? Infinity : instantOf(until, timeZone, zones, "shift", "second"),
    );
  }

  /** The first occurrence strictly after an instant. */
  after(instant: number): Occurrence | null {
    const moment = this.#series.after(Math.max(instant, this.from - 1, FIRST_WALL - DAY));
    return moment === null || moment.instant > this.until ? null : this.#occurrence(moment);
  }

  /** The last occurrence strictly before an instant. */
  before(instant: number): Occurrence | null {
    const moment = this.#series.before(Math.min(instant, this.until + 1, LAST_WALL + DAY));
    return moment === null || moment.instant < this.from ? null : this.#occurrence(moment);
  }

  /** What follows an occurrence, also when zone data have moved it, or taken it away, since it was computed. */
  successor(key: OccurrenceKey): Occurrence | null {
    const parts = parseKey(key);
    const next = this.after(this.instantOf(key));
    // New data can make an hour come twice that came once; who asked for one pass has had it.
    const again = next !== null && "wall" in parts && next.wall === parts.wall && this.timing.overlap !== "both";
    return again ? this.after(next.instant) : next;
  }

  /**
   * The occurrence of that name, if the series has one. New data can turn the one pass of an hour into the first or second
   * of two, or back: where one pass counts it is the same occurrence.
   */
  find(key: OccurrenceKey): Occurrence | null {
    const found = this.after(this.instantOf(key) - 1);
    if (found === null || found.key === key) return found;
    const parts = parseKey(key);
    const same = "wall" in parts && !this.onInstants && found.wall === parts.wall && this.timing.overlap !== "both";
    return same ? found : null;
  }

  /** Where a name stands on the line of instants today, whether or not it is an occurrence still. */
  instantOf(key: OccurrenceKey): number {
    const parts = parseKey(key);
    if ("instant" in parts) return parts.instant;
    const { timeZone, gap, overlap } = this.timing;
    const moments = resolve(this.#zones, timeZone, parts.wall, gap === "boundary" ? "boundary" : "shift", overlap);
    return (moments[parts.fold] ?? moments[0])?.instant ?? Number.NaN;
  }

  /** The first occurrence after an instant that also lies strictly after a time on the wall clock. */
  afterBoth(instant: number, wall: Wall): Occurrence | null {
    if (this.onInstants) return this.after(instant);
    const passed = resolve(this.#zones, this.timing.timeZone, wall, "shift", "first")[0]?.instant ?? instant;
    let found = this.after(Math.max(instant, passed - 1));
    while (found !== null && found.wall <= wall) found = this.after(found.instant);
    return found;
  }

  /** Whether the series stands on the line of instants, which no wall clock moves. */
  get onInstants(): boolean {
    return standsOnInstants(this.timing);
  }

  /**
   * When an occurrence's event is due: its instant, or later by a repeatable part of `spread`, yet before the next
   * occurrence, so that events of one series keep their order, and before the end of time.
   */
  dueAt(scheduleId: string, occurrence: Occurrence): number {
    if (this.timing.spread === undefined) return occurrence.instant;
    const spread = parseDuration(this.timing.spread) ?? 0;
    const room = (this.after(occurrence.instant)?.instant ?? LAST_WALL) - occurrence.instant;
    return occurrence.instant + spreadOf(eventIdOf(scheduleId, occurrence.key), Math.min(spread, room));
  }

  #occurrence(moment: SeriesMoment): Occurrence {
    const key = this.onInstants ? instantKey(moment) : wallKey(moment);
    const { wall, fold, offset, instant } = moment;
    return { key, wall, fold, offset, instant, note: moment.note ?? this.#leapNote(wall) };
  }

  #leapNote(wall: Wall): "leap_day" | null {
    const { when } = this.timing;
    if (!("yearly" in when) || when.yearly.month !== 2 || when.yearly.day !== 29) return null;
    return dateFromDays(Math.floor(wall / DAY)).day === 29 ? null : "leap_day";
  }
}

/** Compiles a timing that was checked before. */
export function compileTiming(timing: Timing, zones: ZoneRules): CompiledTiming {
  return new CompiledTiming(timing, zones);
}

/** Compiled timings, the most recently used kept: parsing a rule costs more than asking it. */
export class Recurrence {
  readonly zones: ZoneRules;
  readonly #size: number;
  readonly #compiled = new Map<string, CompiledTiming>();

  constructor(zones: ZoneRules, size = 4_096) {
    this.zones = zones;
    this.#size = size;
  }

  of(timing: Timing): CompiledTiming {
    const text = timingText(timing);
    const known = this.#compiled.get(text);
    if (known !== undefined) {
      this.#compiled.delete(text);
      this.#compiled.set(text, known);
      return known;
    }
    const compiled = compileTiming(timing, this.zones);
    this.#compiled.set(text, compiled);
    const [oldest] = this.#compiled.size > this.#size ? this.#compiled.keys() : [];
    if (oldest !== undefined) this.#compiled.delete(oldest);
    return compiled;
  }
}

function standsOnInstants({ when }: Timing): boolean {
  if ("every" in when) return true;
  return "at" in when && "instant" in (parsePoint(when.at) ?? {});
}

function seriesOf(timing: Timing, zones: ZoneRules): Series {
  const { when, timeZone } = timing;
  if ("every" in when) {
    return new StepSeries(
      instantOf(when.start, timeZone, zones),
      parseDuration(when.every) ?? Infinity,
      zones,
      timeZone,
    );
  }
  if (standsOnInstants(timing) && "at" in when) {
    return new StepSeries(instantOf(when.at, timeZone, zones), Infinity, zones, timeZone);
  }
  return new ZonedSeries(localRuleOf(timing), zones, { zone: timeZone, gap: timing.gap, overlap: timing.overlap });
}

function localRuleOf({ when, leapDay }: Timing): LocalRule {
  if ("cron" in when) return parseCron(when.cron);
  if ("yearly" in when) {
    const { month, day, time } = when.yearly;
    return yearlyRule(month, day, parseTimeOfDay(time) ?? 0, leapDay);
  }
  if ("rrule" in when) {
    const walls = (texts: readonly string[] = []) => texts.map((text) => parseWall(text) ?? 0);
    const { rrule, start, exdates, rdates } = when;
    return parseRRule({ rrule, start: parseWall(start) ?? 0, exdates: walls(exdates), rdates: walls(rdates) });
  }
  return onceRule("at" in when ? (parseWall(when.at) ?? 0) : 0);
}

function instantOf(
  text: string,
  zone: string,
  zones: ZoneRules,
  gap: Gap = "shift",
  overlap: Overlap = "first",
): number {
  const point = parsePoint(text);
  if (point === null) return Number.NaN;
  if ("instant" in point) return point.instant;
  return resolve(zones, zone, point.wall, gap, overlap)[0]?.instant ?? Number.NaN;
}
