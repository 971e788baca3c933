import type { UnitOfWork } from "../ports/unit-of-work.js";
import { endSchedule } from "./delete-schedule.js";
import { liveUser } from "./live-user.js";

export interface DeleteUserRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
  readonly revision?: number;
}

/** Removes a user and ends the birthday schedule: nobody who is gone is greeted. */
export class DeleteUser {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  async run({ tenant, id, actor, revision }: DeleteUserRequest): Promise<void> {
    await this.#unitOfWork.run(tenant, async (transaction) => {
      const user = await liveUser(transaction.users, id, revision);
      const schedule = await transaction.schedules.get(user.scheduleId);
      if (schedule !== null && schedule.status !== "deleted") await endSchedule(schedule, transaction, actor);
      await transaction.users.remove(id);
    });
  }
}
