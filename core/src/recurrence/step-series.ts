import type { ZoneRules } from "../ports/zone-rules.js";
import { momentAt } from "./moment-at.js";
import type { Moment } from "./resolve.js";
import type { Series } from "./series.js";
import { DAY, LAST_WALL } from "./wall.js";

/** So that no clock on earth shows the year 10000. */
const LAST_INSTANT = LAST_WALL - DAY;

/** A fixed step on the line of instants, which no clock change moves. One moment alone has an endless step. */
export class StepSeries implements Series {
  readonly #start: number;
  readonly #step: number;
  readonly #zones: ZoneRules;
  readonly #zone: string;

  constructor(start: number, step: number, zones: ZoneRules, zone: string) {
    this.#start = start;
    this.#step = step;
    this.#zones = zones;
    this.#zone = zone;
  }

  after(instant: number): Moment | null {
    if (instant < this.#start) return this.#moment(this.#start);
    if (this.#step === Infinity) return null;
    const next = this.#start + (Math.floor((instant - this.#start) / this.#step) + 1) * this.#step;
    return next > LAST_INSTANT ? null : this.#moment(next);
  }

  before(instant: number): Moment | null {
    if (instant <= this.#start) return null;
    if (this.#step === Infinity) return this.#moment(this.#start);
    const end = Math.min(instant, LAST_INSTANT + 1);
    return this.#moment(this.#start + (Math.ceil((end - this.#start) / this.#step) - 1) * this.#step);
  }

  #moment(instant: number): Moment {
    return momentAt(this.#zones, this.#zone, instant);
  }
}
