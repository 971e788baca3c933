import { Conflict } from "../errors.js";
import { finished, isBetweenAttempts, isInFlight } from "../events/life-cycle.js";
import type { Transaction, UnitOfWork } from "../ports/unit-of-work.js";
import type { Schedule } from "../schedules/schedule.js";
import { liveSchedule } from "./change-schedule.js";

export interface DeleteScheduleRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
  readonly revision?: number;
}

/** Ends a schedule: its open events are cancelled; one that is being delivered or awaited just now still ends in its own way. */
export class DeleteSchedule {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  async run({ tenant, id, actor, revision }: DeleteScheduleRequest): Promise<void> {
    await this.#unitOfWork.run(tenant, async (transaction) => {
      const schedule = await liveSchedule(transaction, id, revision);
      if (schedule.userId !== null) {
        throw new Conflict("belongs_to_user", `Schedule ${id} is the birthday of user ${schedule.userId}`);
      }
      await endSchedule(schedule, transaction, actor);
    });
  }
}

export async function endSchedule(schedule: Schedule, transaction: Transaction, actor: string): Promise<void> {
  const { events, schedules, audit, now } = transaction;
  const { id } = schedule;
  await schedules.save({ ...schedule, status: "deleted", revision: schedule.revision + 1, updatedAt: now });
  await events.park(id); // whatever waits: no one claims it while it is cancelled
  // Callbacks tell of what has happened, and go on.
  for (const origin of ["rule", "manual"] as const) {
    for (;;) {
      const open = await events.list({ scheduleId: id, origin, states: ["PENDING", "PROCESSING"], limit: BATCH });
      const waiting = open.filter((event) => !isInFlight(event, now) && !isBetweenAttempts(event));
      for (const event of waiting) await events.replace(finished(event, "CANCELLED", now, "schedule_deleted"));
      if (open.length < BATCH || waiting.length === 0) break;
    }
  }
  await audit.record({ action: "schedule.deleted", subject: id, actor, note: null });
}

const BATCH = 500;
