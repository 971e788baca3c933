import { localTimeOf, type NewEvent } from "../events/event.js";
import type { Ids } from "../ports/ids.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { momentAt } from "../recurrence/moment-at.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import { liveSchedule } from "./change-schedule.js";

export interface RunScheduleDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  readonly ids: Ids;
}

export interface RunScheduleRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
  readonly note?: string;
}

/** Sends a schedule's request now, by hand, beside its series: nothing of the series changes. */
export class RunSchedule {
  readonly #deps: RunScheduleDeps;

  constructor(deps: RunScheduleDeps) {
    this.#deps = deps;
  }

  async run({ tenant, id, actor, note }: RunScheduleRequest): Promise<NewEvent> {
    const { unitOfWork, recurrence, ids } = this.#deps;
    const { zones } = recurrence;
    return unitOfWork.run(tenant, async (transaction) => {
      const schedule = await liveSchedule(transaction, id);
      const { timeZone } = schedule.timing;
      const eventId = ids.next();
      const event: NewEvent = {
        id: eventId,
        tenant,
        scheduleId: id,
        type: schedule.type,
        destinationId: schedule.destinationId,
        origin: "manual",
        key: `manual/${eventId}`,
        ordinal: 0,
        local: localTimeOf(momentAt(zones, timeZone, transaction.now.getTime()), timeZone),
        note: null,
        dueAt: transaction.now,
        tzdata: zones.version,
        state: "PENDING",
        reason: null,
        leads: false,
        parked: schedule.status === "paused",
      };
      await transaction.events.add([event]);
      await transaction.audit.record({ action: "schedule.run", subject: id, actor, note: note ?? null });
      return event;
    });
  }
}
