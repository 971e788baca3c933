import { isTerminal, type Reason, type ScheduledEvent } from "../events/event.js";
import type { EventQuery, EventRecords } from "../ports/event-records.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { eventIdOf, type OccurrenceKey } from "../recurrence/occurrence.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import type { Timing } from "../recurrence/timing.js";
import type { Schedule, Segment } from "../schedules/schedule.js";

export interface ReconcileDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
}

export interface ReconcileReport {
  /** Occurrences that the rules of the schedules have in the window. */
  readonly expected: number;
  readonly delivered: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: Readonly<Partial<Record<Reason, number>>>;
  /** Waiting or being delivered, or to be created yet by an event that is. */
  readonly open: number;
  /** Occurrences of which nothing is known: must be none. */
  readonly missing: readonly string[];
  /** Events that no rule has: must be none. */
  readonly unexpected: readonly string[];
  /** 0, or something is wrong. */
  readonly difference: number;
  /** Where it goes on, if there may be more schedules than were looked at. */
  readonly next?: string;
}

export interface ReconcileRequest {
  readonly tenant: string;
  readonly from: Date;
  readonly to: Date;
  /** How many schedules are looked at; all, if left out. */
  readonly limit?: number;
  /** `next` of the part before. */
  readonly after?: string;
}

const PAGE = 200;
const ROWS = 1_000;

/**
 * The proof (I10): what should have happened in a window of time is computed from the schedules and their history alone,
 * what did happen is counted from the events, and the two are compared id by id.
 */
export class Reconcile {
  readonly #deps: ReconcileDeps;

  constructor(deps: ReconcileDeps) {
    this.#deps = deps;
  }

  async run({ tenant, limit = Infinity, ...request }: ReconcileRequest): Promise<ReconcileReport> {
    const sum = new Sum();
    let { after } = request;
    for (let left = limit; left > 0; left -= PAGE) {
      const most = Math.min(PAGE, left);
      const page = await this.#deps.unitOfWork.run(tenant, async ({ schedules, events, now }) => {
        const found = await schedules.list({ limit: most, deleted: true, ...(after !== undefined && { after }) });
        const part = new Sum();
        for (const schedule of found) {
          // Nothing of a deleted schedule was to happen after it was deleted.
          const end = schedule.status === "deleted" ? schedule.updatedAt : now;
          await this.#one(schedule, events, { from: request.from, to: request.to < end ? request.to : end }, part);
        }
        return { found, part };
      });
      sum.add(page.part);
      after = page.found.at(-1)?.id;
      if (page.found.length < most || after === undefined) return sum.report();
    }
    return { ...sum.report(), ...(after !== undefined && { next: after }) };
  }

  async #one(
    schedule: Schedule,
    events: EventRecords,
    window: { readonly from: Date; readonly to: Date },
    sum: Sum,
  ): Promise<void> {
    const expected = this.#expected(schedule, window);
    const actual = await rowsOf(schedule, events, { dueFrom: window.from, dueBefore: window.to });
    const leader = await events.leader(schedule.id);
    const last = leader ?? (await lastOf(schedule, events));
    const ahead = last === null ? Infinity : this.#deps.recurrence.of(schedule.timing).instantOf(last.key);
    const ended = schedule.status === "deleted";
    let toCome = ended ? 0 : (schedule.timing.count ?? Infinity) - (last?.ordinal ?? 0);
    for (const [id, { instant, twin }] of expected) {
      const event = actual.get(id) ?? (await events.get(id)) ?? (twin === null ? null : await events.get(twin));
      if (event !== null) sum.count(event);
      else if (instant <= ahead) sum.missing.push(id);
      else if (toCome-- > 0) {
        // The leading event has not made its successors yet; without one, nobody will.
        if (leader !== null) sum.countToCome();
        else sum.missing.push(id);
      }
    }
    for (const [id, event] of actual) {
      // What was made with other zone data cannot be held against these.
      const comparable = event.tzdata === this.#deps.recurrence.zones.version;
      if (!expected.has(id) && comparable && !this.#isOfHistory(schedule, event)) sum.unexpected.push(id);
    }
  }

  /** The window's occurrences by the ids of their events, as the history of the schedule has them. */
  #expected(schedule: Schedule, window: { readonly from: Date; readonly to: Date }): Map<string, Expected> {
    const expected = new Map<string, Expected>();
    for (const segment of schedule.history) {
      const { compiled, first, last } = this.#bounds(segment);
      const start = Math.max(first, window.from.getTime());
      const end = Math.min(last, window.to.getTime() - 1);
      if (start > end) continue; // nothing of it lies in the window; a timing that has nothing ahead lies nowhere
      let one = compiled.after(start - 1);
      for (; one !== null && one.instant <= end; one = compiled.after(one.instant)) {
        const { instant, key } = one;
        expected.set(eventIdOf(schedule.id, key), { instant, twin: twinOf(schedule.id, key, segment.timing) });
      }
    }
    return expected;
  }

  #isOfHistory(schedule: Schedule, event: ScheduledEvent): boolean {
    return schedule.history.some((segment) => {
      const { compiled, first, last } = this.#bounds(segment);
      const found = compiled.find(event.key) ?? compiled.find(otherPass(event.key));
      return found !== null && found.instant >= first && found.instant <= last;
    });
  }

  #bounds({ timing, first, last }: Segment) {
    const compiled = this.#deps.recurrence.of(timing);
    return {
      compiled,
      first: first === null ? Infinity : compiled.instantOf(first),
      last: last === undefined ? Infinity : last === null ? -Infinity : compiled.instantOf(last),
    };
  }
}

interface Expected {
  readonly instant: number;
  /** The id that its event has if its hour came once when that was made. */
  readonly twin: string | null;
}

/** The last event of the series, open or ended. */
async function lastOf(schedule: Schedule, events: EventRecords): Promise<ScheduledEvent | null> {
  const settled = await events.lastSettled(schedule.id, "series");
  // Only looked at: what is to be changed is locked, and workers would wait for this, or this be run again for them.
  const open = await rowsOf(schedule, events, { states: ["PENDING", "PROCESSING"] });
  return (
    [...open.values(), ...(settled === null ? [] : [settled])].sort((one, two) => two.ordinal - one.ordinal)[0] ?? null
  );
}

/** New zone data can turn the one pass of an hour into the first or second of two: it is one occurrence all the same. */
function twinOf(scheduleId: string, key: OccurrenceKey, { overlap }: Timing): string | null {
  return overlap === "both" || key.endsWith("Z") ? null : eventIdOf(scheduleId, otherPass(key));
}

function otherPass(key: OccurrenceKey): OccurrenceKey {
  return key.endsWith("/0") ? `${key.slice(0, -1)}1` : key.endsWith("/1") ? `${key.slice(0, -1)}0` : key;
}

async function rowsOf(
  schedule: Schedule,
  events: EventRecords,
  which: Pick<EventQuery, "dueFrom" | "dueBefore" | "states">,
): Promise<Map<string, ScheduledEvent>> {
  const rows = new Map<string, ScheduledEvent>();
  for (let after: { dueAt: Date; id: string } | undefined; ;) {
    const page = await events.list({
      ...which,
      scheduleId: schedule.id,
      origin: "rule",
      limit: ROWS,
      ...(after !== undefined && { after }),
    });
    for (const event of page) rows.set(event.id, event);
    after = page.at(-1);
    if (page.length < ROWS) return rows;
  }
}

class Sum {
  readonly missing: string[] = [];
  readonly unexpected: string[] = [];
  #delivered = 0;
  #failed = 0;
  #cancelled = 0;
  #open = 0;
  readonly #skipped: Partial<Record<Reason, number>> = {};

  count({ state, reason }: ScheduledEvent): void {
    if (state === "COMPLETED") this.#delivered++;
    else if (state === "FAILED") this.#failed++;
    else if (state === "CANCELLED") this.#cancelled++;
    else if (isTerminal(state)) this.#skipped[reason ?? "missed"] = (this.#skipped[reason ?? "missed"] ?? 0) + 1;
    else this.#open++;
  }

  countToCome(): void {
    this.#open++;
  }

  add(other: Sum): void {
    this.missing.push(...other.missing);
    this.unexpected.push(...other.unexpected);
    this.#delivered += other.#delivered;
    this.#failed += other.#failed;
    this.#cancelled += other.#cancelled;
    this.#open += other.#open;
    for (const [reason, count] of Object.entries(other.#skipped) as [Reason, number][]) {
      this.#skipped[reason] = (this.#skipped[reason] ?? 0) + count;
    }
  }

  report(): ReconcileReport {
    const skipped = Object.values(this.#skipped).reduce((sum, count) => sum + count, 0);
    const known = this.#delivered + this.#failed + this.#cancelled + skipped + this.#open;
    return {
      expected: known + this.missing.length,
      delivered: this.#delivered,
      failed: this.#failed,
      cancelled: this.#cancelled,
      skipped: this.#skipped,
      open: this.#open,
      missing: this.missing,
      unexpected: this.unexpected,
      difference: this.missing.length + this.unexpected.length,
    };
  }
}
