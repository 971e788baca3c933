import type { ZoneRules, ZoneSpan } from "../../ports/zone-rules.js";
import { REACH } from "../resolve.js";
import { DAY, FIRST_WALL, HOUR, LAST_WALL, MINUTE, SECOND } from "../wall.js";
import { LINKS } from "./links.js";
import { couldBeZone } from "./zone-name.js";

/**
 * The zone data that the JavaScript runtime brings along. `Intl` answers what the clocks show at one instant, not when
 * they change, so changes are searched for:
 *   1. time is cut into chunks of about a year, and the spans of a chunk are found when one of its instants is first
 *      asked for; a span never crosses the edge of a chunk, so it is the same whatever was asked before;
 *   2. in a chunk the offset is sampled every few days, and where two samples differ the change is bisected to the second.
 */
export class IntlZoneRules implements ZoneRules {
  readonly version: string;
  readonly #spellings = new Map<string, string>();
  readonly #timelines = new Map<string, Timeline>();

  /** The core cannot ask the runtime which release it has, so `version` comes from outside (`process.versions.tz`). */
  constructor(options: { version: string }) {
    this.version = options.version;
    for (const name of [...Intl.supportedValuesOf("timeZone"), ...LINKS]) {
      this.#spellings.set(name.toLowerCase(), name);
    }
  }

  find(name: string): string | null {
    if (!couldBeZone(name)) return null;
    const spelling = this.#spellings.get(name.toLowerCase());
    return spelling !== undefined && this.#open(spelling) !== null ? spelling : null;
  }

  span(zone: string, instant: number): ZoneSpan {
    return (this.#timelines.get(zone) ?? this.#named(zone)).span(instant);
  }

  #named(name: string): Timeline {
    const zone = this.find(name);
    const timeline = zone === null ? null : this.#open(zone);
    if (timeline === null) throw new RangeError(`No time zone is called "${name}"`);
    return timeline;
  }

  #open(zone: string): Timeline | null {
    const known = this.#timelines.get(zone);
    if (known !== undefined) return known;
    try {
      const timeline = new Timeline(zone);
      this.#timelines.set(zone, timeline);
      return timeline;
    } catch (error) {
      // A link may be younger than the runtime's data.
      if (error instanceof RangeError) return null;
      throw error;
    }
  }
}

// The shortest time that any zone kept an offset since 1970, or is to keep one, is a week less an hour (Noronha 2000).
const STEP = 3 * DAY;
// No table reaches further: from here on zones change twice a year by rule, months apart, or not at all.
const FAR = Date.UTC(2_100, 0, 1);
const FAR_STEP = 60 * DAY;
const CHUNK = 366 * DAY;
const FIRST_CHUNK = Math.floor((FIRST_WALL - REACH) / CHUNK);
const LAST_CHUNK = Math.floor((LAST_WALL + REACH) / CHUNK);
// All zones for a lifetime fit into some ten megabytes; a schedule in every year to 9999 does not grow further.
const MAX_CHUNKS = 64;

/** One zone's spans, as far as they were asked for. */
class Timeline {
  readonly #format: Intl.DateTimeFormat;
  readonly #chunks = new Map<number, readonly ZoneSpan[]>();
  #last: ZoneSpan | null = null;

  constructor(zone: string) {
    // Of all formats that tell the offset this is the fastest to make and to read: "0 GMT-05:00".
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: zone, minute: "numeric", timeZoneName: "longOffset" });
  }

  span(instant: number): ZoneSpan {
    const last = this.#last;
    if (last !== null && last.from <= instant && instant < last.until) return last;
    const index = Math.min(Math.max(Math.floor(instant / CHUNK), FIRST_CHUNK), LAST_CHUNK);
    const found = (this.#chunks.get(index) ?? this.#search(index)).find((span) => instant < span.until);
    if (found === undefined) throw new RangeError(`${instant} is no instant`);
    this.#last = found;
    return found;
  }

  #search(index: number): readonly ZoneSpan[] {
    const start = index * CHUNK;
    const end = start + CHUNK;
    const step = start < FAR ? STEP : FAR_STEP;
    const spans: ZoneSpan[] = [];
    let from = index === FIRST_CHUNK ? -Infinity : start;
    let offset = this.#offsetAt(start);
    for (let at = start; at < end - SECOND;) {
      const next = Math.min(at + step, end - SECOND);
      if (this.#offsetAt(next) === offset) {
        at = next;
        continue;
      }
      at = this.#changeBetween(at, next, offset);
      spans.push({ from, until: at, offset });
      from = at;
      offset = this.#offsetAt(at);
    }
    spans.push({ from, until: index === LAST_CHUNK ? Infinity : end, offset });
    this.#keep(index, spans);
    return spans;
  }

  #keep(index: number, spans: readonly ZoneSpan[]): void {
    const oldest = this.#chunks.keys().next();
    if (this.#chunks.size >= MAX_CHUNKS && oldest.done !== true) this.#chunks.delete(oldest.value);
    this.#chunks.set(index, spans);
  }

  /** The first second after `before`, and not after `after`, at which the offset is another. */
  #changeBetween(before: number, after: number, offset: number): number {
    const hour = this.#bisect(before, after, offset, HOUR);
    const [low, high] = [Math.max(before, hour - HOUR), Math.min(after, hour)];
    // Nearly all clocks change at a whole hour of UTC: the other eleven questions are spared.
    const isWhole = high - SECOND <= low || this.#offsetAt(high - SECOND) === offset;
    return isWhole ? high : this.#bisect(low, high, offset, SECOND);
  }

  /** The first multiple of `unit` behind `before` at which the offset is another, or the one at or behind `after`. */
  #bisect(before: number, after: number, offset: number, unit: number): number {
    let low = Math.floor(before / unit);
    let high = Math.ceil(after / unit);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetAt(middle * unit) === offset) low = middle;
      else high = middle;
    }
    return high * unit;
  }

  #offsetAt(instant: number): number {
    const parts = OFFSET.exec(this.#format.format(instant));
    if (parts === null) throw new Error(`Intl shows ${this.#format.format(instant)} where an offset should be`);
    const [, sign, hours, minutes, seconds] = parts;
    if (sign === undefined) return 0;
    const size = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds ?? 0) * SECOND;
    return sign === "-" ? -size : size;
  }
}

const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;
