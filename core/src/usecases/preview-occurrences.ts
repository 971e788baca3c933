import { InvalidInput, NotFound } from "../errors.js";
import { type LocalTime, localTimeOf, type ScheduledEvent } from "../events/event.js";
import { Fields } from "../input/fields.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { parseInstant } from "../recurrence/point.js";
import { previewOf } from "../recurrence/preview.js";
import type { CompiledTiming, OccurrenceNote, Recurrence } from "../recurrence/recurrence.js";
import { readTiming } from "../recurrence/parse-timing.js";
import { SECOND } from "../recurrence/wall.js";

export interface PreviewItem {
  readonly local: LocalTime;
  /** Absent where the rule's local time is left out. */
  readonly dueAt?: Date;
  readonly note?: OccurrenceNote | "excluded";
}

export interface Preview {
  readonly items: readonly PreviewItem[];
  readonly tzdata: string;
}

export interface PreviewDeps {
  readonly recurrence: Recurrence;
  readonly unitOfWork: UnitOfWork;
}

const MOST = 1_000;
/** How far a series that counts its events is walked to find how many are left; about a hundred milliseconds. */
const MOST_STEPS = 50_000;
/** A step over the clock changes of a year takes longer than one within a day: each month of it counts as one more. */
const MONTH = 30 * 86_400_000;

/** What a schedule would do, told by the code that does it: nothing is stored. */
export class PreviewOccurrences {
  readonly #deps: PreviewDeps;

  constructor(deps: PreviewDeps) {
    this.#deps = deps;
  }

  /** Of timing fields that are not saved, with `after` (an instant) and `count` among them. */
  unsaved(input: unknown, now: Date): Preview {
    const { recurrence } = this.#deps;
    const fields = Fields.of(input);
    const after = fields.text("after");
    const from = after === undefined ? now.getTime() : parseInstant(after);
    if (from === null) {
      fields.problem("after", "not_an_instant", "Must be an instant such as 2027-03-14T09:00:00Z");
    }
    const timing = readTiming(fields, recurrence.zones);
    fields.refuseUnknown();
    fields.finish();
    if (timing === undefined || from === null) throw new InvalidInput(fields.problems);
    // `count` bounds the series and the preview alike: a series shown from its start has no more than it.
    const count = Math.min(timing.count ?? 10, MOST);
    return this.#preview(previewOf(timing, recurrence, { after: from, count }), timing.timeZone);
  }

  async saved(request: { tenant: string; id: string; after?: Date; count?: number }): Promise<Preview> {
    const { recurrence, unitOfWork } = this.#deps;
    const { tenant, id, after, count = 10 } = request;
    if (!Number.isInteger(count) || count < 1 || count > MOST) {
      throw new InvalidInput([{ pointer: "/count", code: "out_of_range", message: `Must be from 1 to ${MOST}` }]);
    }
    return unitOfWork.run(tenant, async ({ schedules, events, now }) => {
      const schedule = await schedules.get(id);
      if (schedule === null || schedule.status === "deleted") throw new NotFound("schedule", id);
      const { timing } = schedule;
      const from = (after ?? now).getTime();
      const left = timing.count === undefined ? count : leftOf(recurrence.of(timing), await events.leader(id), from);
      const items = previewOf(timing, recurrence, { after: from, count: Math.min(count, left), scheduleId: id });
      return this.#preview(items, timing.timeZone);
    });
  }

  #preview(items: ReturnType<typeof previewOf>, timeZone: string): Preview {
    return {
      items: items.map(({ occurrence, dueAt, note }) => ({
        local: localTimeOf(occurrence, timeZone),
        ...(dueAt !== null && { dueAt: new Date(dueAt) }),
        ...(note !== null && { note }),
      })),
      tzdata: this.#deps.recurrence.zones.version,
    };
  }
}

/** How many events a series that counts them has behind an instant. */
function leftOf(compiled: CompiledTiming, leader: ScheduledEvent | null, after: number): number {
  if (leader === null || compiled.timing.count === undefined) return 0;
  let left = compiled.timing.count - leader.ordinal + 1;
  const head = compiled.instantOf(leader.key);
  // No two lie within one second: so many cannot be used up by then.
  if (left > MOST + Math.max(0, after - head) / SECOND) return MOST;
  let one = compiled.find(leader.key);
  for (let steps = 0; one !== null && one.instant <= after && left > 0; left--) {
    const next = compiled.after(one.instant);
    steps += 1 + (next === null ? 0 : Math.floor((next.instant - one.instant) / MONTH));
    if (steps > MOST_STEPS) throw new InvalidInput([TOO_FAR]);
    one = next;
  }
  // Between the instant and the leading event lie those that were claimed or sent already.
  one = compiled.after(after);
  for (; one !== null && one.instant < head && left < MOST; left++) one = compiled.after(one.instant);
  return left;
}

const TOO_FAR = {
  pointer: "/after",
  code: "too_far",
  message: `Of a series that counts its events, no more than ${MOST_STEPS} events and months may lie before it`,
} as const;
