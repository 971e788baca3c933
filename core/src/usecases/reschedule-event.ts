import { Conflict, InvalidInput, NotFound } from "../errors.js";
import { isTerminal, localTimeOf, type ScheduledEvent } from "../events/event.js";
import { moved } from "../events/life-cycle.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { parsePoint } from "../recurrence/point.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import { momentAt } from "../recurrence/moment-at.js";
import { resolve } from "../recurrence/resolve.js";
import { FIRST_WALL, LAST_WALL } from "../recurrence/wall.js";
import type { Timing } from "../recurrence/timing.js";
import { handOnSeries } from "./cancel-event.js";
import { liveSchedule } from "./change-schedule.js";

export interface RescheduleEventDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
}

export interface RescheduleEventRequest {
  readonly tenant: string;
  readonly id: string;
  /** A local date-time in the schedule's zone, or an instant. */
  readonly at: string;
  readonly actor: string;
  readonly note?: string;
}

/** Moves one event to another time. It keeps its id and its place; the rest of its series stays where it is. */
export class RescheduleEvent {
  readonly #deps: RescheduleEventDeps;

  constructor(deps: RescheduleEventDeps) {
    this.#deps = deps;
  }

  async run({ tenant, id, at, actor, note }: RescheduleEventRequest): Promise<ScheduledEvent> {
    const { unitOfWork, recurrence } = this.#deps;
    return unitOfWork.run(tenant, async (transaction) => {
      const event = await transaction.events.get(id);
      if (event === null) throw new NotFound("event", id);
      if (isTerminal(event.state)) throw new Conflict("wrong_state", `Event ${id} is ${event.state} already`);
      // Its time is part of what was sent, and every attempt sends the same.
      if (event.attempt > 0) throw new Conflict("wrong_state", `Event ${id} was tried already`);
      const schedule = await liveSchedule(transaction, event.scheduleId);
      const instant = this.#instantOf(at, schedule.timing);
      const local = localTimeOf(
        momentAt(recurrence.zones, schedule.timing.timeZone, instant),
        schedule.timing.timeZone,
      );
      const parked = schedule.status === "paused" && event.origin !== "callback"; // those no pause holds
      const there = moved(
        event,
        { dueAt: new Date(instant), local, note: null, pinned: true, leads: false },
        { parked },
      );
      await transaction.events.replace(there);
      if (event.leads) await handOnSeries(event, transaction, recurrence);
      await transaction.audit.record({ action: "event.rescheduled", subject: id, actor, note: note ?? null });
      return there;
    });
  }

  #instantOf(at: string, { timeZone, gap, overlap }: Timing): number {
    const point = parsePoint(at);
    if (point !== null && "instant" in point) return point.instant;
    const moment =
      point === null ? undefined : resolve(this.#deps.recurrence.zones, timeZone, point.wall, gap, overlap)[0];
    // Near either end of time the clocks of a zone may show a year that the instant does not lie in.
    const isOutside = moment !== undefined && (moment.instant < FIRST_WALL || moment.instant > LAST_WALL);
    if (moment !== undefined && !isOutside) return moment.instant;
    const [code, message] =
      point === null || isOutside
        ? ["not_a_date_time", "Must be a date-time such as 2027-03-14T09:00:00, from 1970 to 9999"]
        : ["never", `Does not exist in ${timeZone}, where the clock skips it`];
    throw new InvalidInput([{ pointer: "/at", code, message }]);
  }
}
