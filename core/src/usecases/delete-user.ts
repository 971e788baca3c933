import { NotFound } from "../errors.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { endSchedule } from "./delete-schedule.js";

export interface DeleteUserRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
}

/** Removes a user and ends the birthday schedule: nobody who is gone is greeted. */
export class DeleteUser {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  async run({ tenant, id, actor }: DeleteUserRequest): Promise<void> {
    await this.#unitOfWork.run(tenant, async (transaction) => {
      const user = await transaction.users.get(id);
      if (user === null) throw new NotFound("user", id);
      const schedule = await transaction.schedules.get(user.scheduleId);
      if (schedule !== null && schedule.status !== "deleted") await endSchedule(schedule, transaction, actor);
      await transaction.users.remove(id);
    });
  }
}
