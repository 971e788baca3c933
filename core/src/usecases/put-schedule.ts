import { InvalidInput } from "../errors.js";
import type { Ids } from "../ports/ids.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import { echo } from "../input/echo.js";
import { isJsonObject } from "../input/fields.js";
import { parseSchedule } from "../schedules/parse-schedule.js";
import { sameTiming } from "../recurrence/timing.js";
import type { Schedule } from "../schedules/schedule.js";
import { applyChange } from "./change-schedule.js";
import { addSchedule, newSchedule, type SettledInput } from "./create-schedule.js";
import { type Destinations, destinationsFor } from "./destination-for.js";
import { refuseUrls, type Senders } from "./refuse-url.js";

export interface PutScheduleDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  readonly ids: Ids;
  readonly senders: Senders;
}

export interface PutScheduleRequest {
  readonly tenant: string;
  /** The caller's own name for the schedule. */
  readonly key: string;
  readonly input: unknown;
  readonly payload?: string;
}

/** Creates the schedule of that key, or makes the one that is there what it should be. Said twice, it changes nothing. */
export class PutSchedule {
  readonly #deps: PutScheduleDeps;

  constructor(deps: PutScheduleDeps) {
    this.#deps = deps;
  }

  async run(request: PutScheduleRequest): Promise<{ readonly schedule: Schedule; readonly created: boolean }> {
    const { tenant, key, input, payload } = request;
    const { unitOfWork, recurrence, ids, senders } = this.#deps;
    const parsed = parseSchedule(withKey(input, key), payload ?? null, recurrence.zones);
    await refuseUrls(parsed, senders);
    return unitOfWork.run(tenant, async (transaction) => {
      const destinations = await destinationsFor(parsed, { transaction, tenant, ids });
      const known = await transaction.schedules.getByKey(key);
      if (known === null) {
        const fresh = newSchedule(parsed, { id: ids.next(), tenant, destinations, now: transaction.now });
        return { schedule: (await addSchedule(fresh, transaction, recurrence)).schedule, created: true };
      }
      if (saysTheSame(known, { ...parsed, ...destinations })) return { schedule: known, created: false };
      const schedule = await applyChange(known, { ...parsed, ...destinations }, transaction, recurrence);
      return { schedule, created: false };
    });
  }
}

function withKey(input: unknown, key: string): unknown {
  if (!isJsonObject(input)) return input;
  if (input.key === undefined || input.key === key) return { ...input, key };
  throw new InvalidInput([
    { pointer: "/key", code: "not_this_key", message: `Must be ${echo(key)}, as in the address` },
  ]);
}

function saysTheSame(schedule: Schedule, input: SettledInput & Destinations): boolean {
  const rest = (one: Omit<typeof input, "key" | "timing">) => {
    const { type, destinationId, onSuccess, onFailure, payload, catchUp, lateness, ifRunning, retry, labels } = one;
    const { maxAttempts, within, initial, cap } = retry;
    return JSON.stringify([
      [type, destinationId, onSuccess, onFailure, payload, catchUp.policy, catchUp.within, lateness, ifRunning],
      [maxAttempts, within, initial, cap, Object.entries(labels).sort()],
    ]);
  };
  return sameTiming(schedule.timing, input.timing) && rest(schedule) === rest(input);
}
