import type { UnitOfWork } from "../ports/unit-of-work.js";
import type { Schedule } from "../schedules/schedule.js";
import { liveSchedule } from "./change-schedule.js";
import type { PauseScheduleRequest } from "./pause-schedule.js";

/** Sets a paused schedule going again; what it missed meanwhile is its `catchUp`'s business, as after an outage. */
export class ResumeSchedule {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  /** Resuming what is not paused changes nothing. */
  async run({ tenant, id, actor, note, revision }: PauseScheduleRequest): Promise<Schedule> {
    return this.#unitOfWork.run(tenant, async (transaction) => {
      const schedule = await liveSchedule(transaction, id, revision);
      if (schedule.status !== "paused") return schedule;
      const resumed: Schedule = {
        ...schedule,
        status: "active",
        revision: schedule.revision + 1,
        updatedAt: transaction.now,
      };
      await transaction.schedules.save(resumed);
      await transaction.events.unpark(id);
      await transaction.audit.record({ action: "schedule.resumed", subject: id, actor, note: note ?? null });
      return resumed;
    });
  }
}
