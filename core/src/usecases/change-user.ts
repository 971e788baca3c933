import { isJsonObject } from "../input/fields.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import { birthdayTiming } from "../users/birthday.js";
import { parseUser } from "../users/parse-user.js";
import type { User } from "../users/user.js";
import { applyChange, liveSchedule } from "./change-schedule.js";
import { liveUser } from "./live-user.js";

export interface ChangeUserDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  /** As it is for new users. */
  readonly greetingTime?: string;
}

export interface ChangeUserRequest {
  readonly tenant: string;
  readonly id: string;
  readonly patch: unknown;
  readonly revision?: number;
}

/** Changes a user, and with date or zone the birthday schedule, in one transaction (W15); a new name is sent at once. */
export class ChangeUser {
  readonly #deps: ChangeUserDeps;

  constructor(deps: ChangeUserDeps) {
    this.#deps = deps;
  }

  async run({ tenant, id, patch, revision }: ChangeUserRequest): Promise<User> {
    const { unitOfWork, recurrence, greetingTime } = this.#deps;
    return unitOfWork.run(tenant, async (transaction) => {
      const { users, now } = transaction;
      const user = await liveUser(users, id, revision);
      const { firstName, lastName, dateOfBirth, timezone } = user;
      const merged = isJsonObject(patch) ? { firstName, lastName, dateOfBirth, timezone, ...patch } : patch;
      const parsed = parseUser(merged, recurrence.zones, now);
      const changed: User = { ...user, ...parsed, revision: user.revision + 1, updatedAt: now };
      await users.save(changed);
      if (changed.dateOfBirth !== user.dateOfBirth || changed.timezone !== user.timezone) {
        const schedule = await liveSchedule(transaction, user.scheduleId);
        await applyChange(schedule, { timing: birthdayTiming(changed, greetingTime) }, transaction, recurrence);
      }
      return changed;
    });
  }
}
