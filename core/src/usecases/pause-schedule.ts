import type { UnitOfWork } from "../ports/unit-of-work.js";
import type { Schedule } from "../schedules/schedule.js";
import { liveSchedule } from "./change-schedule.js";

export interface PauseScheduleRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
  readonly note?: string;
  readonly revision?: number;
}

/** Holds a schedule: nothing of it is sent until it is resumed, whether claimed already or not (I7). */
export class PauseSchedule {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  /** Pausing what is paused changes nothing. */
  async run({ tenant, id, actor, note, revision }: PauseScheduleRequest): Promise<Schedule> {
    return this.#unitOfWork.run(tenant, async (transaction) => {
      const schedule = await liveSchedule(transaction, id, revision);
      if (schedule.status === "paused") return schedule;
      const paused: Schedule = {
        ...schedule,
        status: "paused",
        revision: schedule.revision + 1,
        updatedAt: transaction.now,
      };
      await transaction.schedules.save(paused);
      await transaction.events.park(id);
      await transaction.audit.record({ action: "schedule.paused", subject: id, actor, note: note ?? null });
      return paused;
    });
  }
}
