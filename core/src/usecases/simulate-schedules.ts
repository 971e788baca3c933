import { InvalidInput } from "../errors.js";
import { type LocalTime, localTimeOf } from "../events/event.js";
import { eventIdOf } from "../recurrence/occurrence.js";
import type { CompiledTiming, Occurrence, OccurrenceNote, Recurrence } from "../recurrence/recurrence.js";
import type { Schedule } from "../schedules/schedule.js";

export interface SimulatedEvent {
  readonly id: string;
  readonly scheduleId: string;
  readonly type: string;
  readonly dueAt: Date;
  readonly local: LocalTime;
  readonly note: OccurrenceNote | null;
}

interface Head {
  readonly schedule: Schedule;
  readonly compiled: CompiledTiming;
  readonly occurrence: Occurrence;
  readonly dueAt: number;
  readonly left: number;
}

/** What would fire, and when, if nothing were changed: years of it in seconds, in the order of time, nothing stored. */
export class SimulateSchedules {
  readonly #recurrence: Recurrence;

  constructor(deps: { readonly recurrence: Recurrence }) {
    this.#recurrence = deps.recurrence;
  }

  *run(schedules: Iterable<Schedule>, from: Date, to: Date): Generator<SimulatedEvent> {
    if (to <= from)
      throw new InvalidInput([{ pointer: "/to", code: "to_before_from", message: "Must lie behind `from`" }]);
    const heads: Head[] = [];
    for (const schedule of schedules) {
      if (schedule.status !== "active") continue;
      const compiled = this.#recurrence.of(schedule.timing);
      const head = this.#head(schedule, compiled, from.getTime() - 1, schedule.timing.count ?? Infinity);
      if (head !== null) insert(heads, head);
    }
    for (let head = heads.pop(); head !== undefined && head.dueAt < to.getTime(); head = heads.pop()) {
      const { schedule, compiled, occurrence, dueAt, left } = head;
      yield {
        id: eventIdOf(schedule.id, occurrence.key),
        scheduleId: schedule.id,
        type: schedule.type,
        dueAt: new Date(dueAt),
        local: localTimeOf(occurrence, schedule.timing.timeZone),
        note: occurrence.note,
      };
      const next = this.#head(schedule, compiled, occurrence.instant, left - 1);
      if (next !== null) insert(heads, next);
    }
  }

  #head(schedule: Schedule, compiled: CompiledTiming, after: number, left: number): Head | null {
    const occurrence = left <= 0 ? null : compiled.after(after);
    if (occurrence === null) return null;
    return { schedule, compiled, occurrence, dueAt: compiled.dueAt(schedule.id, occurrence), left };
  }
}

/** Keeps the earliest at the end, where taking it costs nothing. */
function insert(heads: Head[], head: Head): void {
  let [low, high] = [0, heads.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((heads[middle]?.dueAt ?? 0) > head.dueAt) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, head);
}
