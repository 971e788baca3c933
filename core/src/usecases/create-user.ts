import { Conflict } from "../errors.js";
import { birthdayTiming, BIRTHDAY_TEMPLATE, BIRTHDAY_TYPE } from "../users/birthday.js";
import { parseUser } from "../users/parse-user.js";
import type { User } from "../users/user.js";
import type { Ids } from "../ports/ids.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import type { ScheduleInput } from "../schedules/parse-schedule.js";
import { SCHEDULE_DEFAULTS } from "../schedules/schedule.js";
import { addSchedule, newSchedule } from "./create-schedule.js";
import { destinationFor } from "./destination-for.js";

export interface CreateUserDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  readonly ids: Ids;
  /** Where birthday greetings go; null where nobody has said it yet. */
  readonly greetings: ScheduleInput["destination"] | null;
  /** At what time of the day; nine in the morning, if left out. */
  readonly greetingTime?: string;
}

/** Makes a user, the birthday schedule and its first event: all of them, or none (W14). */
export class CreateUser {
  readonly #deps: CreateUserDeps;

  constructor(deps: CreateUserDeps) {
    this.#deps = deps;
  }

  async run({ tenant, input }: { readonly tenant: string; readonly input: unknown }): Promise<User> {
    const { unitOfWork, recurrence, ids, greetings, greetingTime } = this.#deps;
    if (greetings === null) throw new Conflict("no_greetings", "Where birthday greetings go is not configured");
    return unitOfWork.run(tenant, async (transaction) => {
      const { now } = transaction;
      const parsed = parseUser(input, recurrence.zones, now);
      const destinationId = await destinationFor(greetings, { transaction, tenant, ids });
      const destinations = { destinationId, onSuccess: null, onFailure: null };
      const userId = ids.next();
      const schedule = newSchedule(
        {
          ...SCHEDULE_DEFAULTS,
          key: null,
          type: BIRTHDAY_TYPE,
          timing: birthdayTiming(parsed, greetingTime),
          payload: BIRTHDAY_TEMPLATE,
          lateness: null,
          labels: {},
        },
        { id: ids.next(), tenant, destinations, now, userId },
      );
      await addSchedule(schedule, transaction, recurrence);
      const user: User = {
        ...parsed,
        id: userId,
        tenant,
        scheduleId: schedule.id,
        revision: 1,
        createdAt: now,
        updatedAt: now,
      };
      await transaction.users.add(user);
      return user;
    });
  }
}
