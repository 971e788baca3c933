import { comeBack, NO_PLACES, type PlacesState, took } from "../destinations/places.js";
import type { Clock } from "../ports/clock.js";

export interface LanesOptions {
  /** Requests under way at one time, all destinations together; a little more where there are very many. */
  readonly places: number;
  /** How long an event waits here for its destination before it goes back. */
  readonly patienceMs: number;
  /** It goes back at once where no request to its destination has ended for so long. */
  readonly stallMs: number;
}

/** Whether an event may go, at once or after a while; if not, when it should ask again. */
export type Entry = { readonly go: true } | { readonly go: false; readonly inMs: number };

interface Lane {
  underWay: number;
  /** When one last ended, or the first of them began. */
  moved: number;
  places: PlacesState;
  readonly waiting: Waiting[];
  /** Whether somebody looks after the patience of those who wait. */
  watched: boolean;
}

interface Waiting {
  readonly since: number;
  readonly answer: (entry: Entry) => void;
}

/**
 * The requests that one worker has under way, by destination. No destination gets more places than half of what the others
 * leave free: so a slow one, or several, never take them all, and a single one still gets a third. Who finds none waits a
 * moment, which is enough where answers come fast; where they do not, it goes back to the store and makes room.
 */
export class Lanes {
  readonly #clock: Clock;
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, Lane>();
  #underWay = 0;
  #waiting = 0;
  #expected = 0;
  readonly #forRoom = new Set<() => void>();

  constructor(clock: Clock, options: LanesOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** How many more may enter: who waits in a lane has a place to wait at. */
  get free(): number {
    return Math.max(0, this.#options.places - this.#underWay - this.#waiting - this.#expected);
  }

  /** So many are on their way here, and have a place; `arrived` gives it back. */
  expect(count: number): void {
    this.#expected += count;
  }

  arrived(count: number): void {
    this.#expected -= count;
    this.#stir();
  }

  /** Until one more may enter, or the signal is aborted. */
  async room(signal?: AbortSignal): Promise<void> {
    while (this.free === 0 && signal?.aborted !== true) {
      const { promise, resolve: come } = Promise.withResolvers<void>();
      const resolve = () => come();
      this.#forRoom.add(resolve);
      signal?.addEventListener("abort", resolve, { once: true });
      await promise;
      signal?.removeEventListener("abort", resolve); // a signal may outlive many waits
      this.#forRoom.delete(resolve);
    }
  }

  /** How long whoever came behind so many others would be sent back for, where that is certain. */
  fullFor(destinationId: string, coming: number): number | null {
    const lane = this.#lane(destinationId);
    const most = this.#most(lane);
    const waiting = lane.underWay + lane.waiting.length + coming - most;
    if (waiting < 0) return null;
    // While nothing is known of it, no more shall wait than could go next: they would keep others out.
    const enough = lane.places.meanMs === null && waiting >= most;
    if (!enough && !this.#inVain(lane, waiting)) return null;
    const entry = this.#back(lane);
    return entry.go ? null : entry.inMs;
  }

  /** Whoever was let go leaves again. Who has a place reserved elsewhere for this very moment does not wait. */
  async enter(destinationId: string, mayWait = true): Promise<Entry> {
    const lane = this.#lane(destinationId);
    const most = this.#most(lane);
    if (lane.underWay < most && lane.waiting.length === 0) return this.#go(lane);
    if (!mayWait || this.#inVain(lane)) return this.#back(lane);
    return new Promise((answer) => {
      lane.waiting.push({ since: this.#clock.monotonic(), answer });
      this.#waiting++;
      if (!lane.watched) void this.#watch(lane);
    });
  }

  /** `durationMs` is how long its request took; null where none was made. */
  leave(destinationId: string, durationMs: number | null): void {
    const lane = this.#lanes.get(destinationId);
    if (lane === undefined) return;
    lane.underWay--;
    this.#underWay--;
    lane.moved = this.#clock.monotonic();
    if (durationMs !== null) lane.places = took(lane.places, durationMs);
    while (lane.waiting.length > 0 && lane.underWay < this.#most(lane)) this.#call(lane)?.answer(this.#go(lane));
    this.#stir();
    if (lane.underWay === 0 && this.#lanes.size > MOST_REMEMBERED) this.#lanes.delete(destinationId);
  }

  #most({ underWay, places: { meanMs } }: Lane): number {
    const leftByOthers = this.#options.places - (this.#underWay - underWay);
    const fair = Math.max(1, Math.floor(leftByOthers / 3));
    return meanMs === null ? Math.min(fair, MOST_UNKNOWN) : fair;
  }

  /** Whether waiting would take too long: by how long requests take, or since none has ended for so long. */
  #inVain(lane: Lane, waiting = lane.waiting.length): boolean {
    const { patienceMs, stallMs } = this.#options;
    const wait = (this.#meanMs(lane) * (waiting + 1)) / this.#most(lane);
    return wait >= patienceMs || this.#stalledMs(lane) >= stallMs;
  }

  #go(lane: Lane): Entry {
    if (lane.underWay === 0) lane.moved = this.#clock.monotonic();
    lane.underWay++;
    this.#underWay++;
    return { go: true };
  }

  #back(lane: Lane): Entry {
    const known = { ...lane.places, meanMs: this.#meanMs(lane) };
    const { inMs, state } = comeBack(known, this.#most(lane), this.#clock.monotonic());
    lane.places = { ...state, meanMs: lane.places.meanMs };
    return { go: false, inMs };
  }

  /** The first of those who wait. */
  #call(lane: Lane): Waiting | undefined {
    this.#waiting--;
    return lane.waiting.shift();
  }

  #stir(): void {
    if (this.free > 0) for (const resolve of this.#forRoom) resolve();
  }

  /** Sends back those whose patience is over, until nobody waits. */
  async #watch(lane: Lane): Promise<void> {
    const { patienceMs, stallMs } = this.#options;
    lane.watched = true;
    for (let first = lane.waiting[0]; first !== undefined; first = lane.waiting[0]) {
      const now = this.#clock.monotonic();
      await this.#clock.sleep(Math.min(first.since + patienceMs - now, Math.max(LEAST_MS, lane.moved + stallMs - now)));
      const stalled = this.#stalledMs(lane) >= stallMs;
      const late = lane.waiting.filter(({ since }) => stalled || this.#clock.monotonic() - since >= patienceMs);
      for (let count = late.length; count > 0; count--) this.#call(lane)?.answer(this.#back(lane));
      this.#stir();
    }
    lane.watched = false;
  }

  /** How long a request takes: at least as long as none has ended, though there were some under way. */
  #meanMs(lane: Lane): number {
    return Math.max(lane.places.meanMs ?? 0, this.#stalledMs(lane));
  }

  #stalledMs({ underWay, moved }: Lane): number {
    return underWay === 0 ? 0 : this.#clock.monotonic() - moved;
  }

  #lane(destinationId: string): Lane {
    let lane = this.#lanes.get(destinationId);
    if (lane === undefined) {
      lane = { underWay: 0, moved: 0, places: NO_PLACES, waiting: [], watched: false };
      this.#lanes.set(destinationId, lane);
    }
    return lane;
  }
}

const MOST_REMEMBERED = 10_000;
/** So many go to a destination that has not answered yet: to open connections for more would hold up all others. */
const MOST_UNKNOWN = 50;
/** Nobody is looked after more often. */
const LEAST_MS = 5;
