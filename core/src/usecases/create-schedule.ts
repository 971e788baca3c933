import { InvalidInput } from "../errors.js";
import type { NewEvent } from "../events/event.js";
import { firstEvent } from "../events/new-event.js";
import type { Ids } from "../ports/ids.js";
import type { Transaction, UnitOfWork } from "../ports/unit-of-work.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import { parseSchedule, type ScheduleInput, type Targets } from "../schedules/parse-schedule.js";
import type { Schedule } from "../schedules/schedule.js";
import { type Destinations, destinationsFor } from "./destination-for.js";
import { refuseUrls, type Senders } from "./refuse-url.js";

export interface CreateScheduleDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  readonly ids: Ids;
  readonly senders: Senders;
}

export interface CreateScheduleRequest {
  readonly tenant: string;
  readonly input: unknown;
  /** The payload as the text it came as; left out, `input.payload` is written anew. */
  readonly payload?: string;
}

export interface CreatedSchedule {
  readonly schedule: Schedule;
  readonly nextDueAt: Date | null;
}

/** Makes a schedule and its first event, in one transaction (I9). */
export class CreateSchedule {
  readonly #deps: CreateScheduleDeps;

  constructor(deps: CreateScheduleDeps) {
    this.#deps = deps;
  }

  async run({ tenant, input, payload }: CreateScheduleRequest): Promise<CreatedSchedule> {
    const { unitOfWork, recurrence, ids, senders } = this.#deps;
    const parsed = parseSchedule(input, payload ?? null, recurrence.zones);
    await refuseUrls(parsed, senders);
    return unitOfWork.run(tenant, async (transaction) => {
      const destinations = await destinationsFor(parsed, { transaction, tenant, ids });
      const schedule = newSchedule(parsed, { id: ids.next(), tenant, destinations, now: transaction.now });
      return addSchedule(schedule, transaction, recurrence);
    });
  }
}

export interface NewScheduleFacts {
  readonly id: string;
  readonly tenant: string;
  readonly destinations: Destinations;
  readonly now: Date;
  readonly userId?: string;
}

/** What a caller says of a schedule, but for where its events go: that has become ids. */
export type SettledInput = Omit<ScheduleInput, keyof Targets>;

export function newSchedule(
  input: SettledInput,
  { id, tenant, destinations, now, userId }: NewScheduleFacts,
): Schedule {
  const { key, type, timing, payload, catchUp, lateness, ifRunning, retry, labels } = input;
  return {
    id,
    tenant,
    key,
    type,
    timing,
    ...destinations,
    payload,
    catchUp,
    lateness,
    ifRunning,
    retry,
    labels,
    userId: userId ?? null,
    status: "active",
    revision: 1,
    history: [],
    createdAt: now,
    updatedAt: now,
  };
}

/** Stores a new schedule with its first event; one that has nothing ahead of it is refused. */
export async function addSchedule(
  schedule: Schedule,
  transaction: Transaction,
  recurrence: Recurrence,
): Promise<CreatedSchedule> {
  const [ready] = planFirst([schedule], transaction.now, recurrence);
  if (ready === undefined) throw new InvalidInput([NOTHING_AHEAD]);
  await transaction.schedules.add([ready.schedule]);
  await transaction.events.add([ready.event]);
  return { schedule: ready.schedule, nextDueAt: ready.event.dueAt };
}

export const NOTHING_AHEAD = {
  pointer: "/when",
  code: "in_the_past",
  message: "Has no occurrence that lies ahead",
} as const;

/** Pairs schedules with their first events; those with nothing ahead of them are left out. */
export function planFirst(
  schedules: readonly Schedule[],
  now: Date,
  recurrence: Recurrence,
): readonly { readonly schedule: Schedule; readonly event: NewEvent }[] {
  return schedules.flatMap((schedule) => {
    const compiled = recurrence.of(schedule.timing);
    const event = firstEvent(schedule, compiled, now, recurrence.zones.version);
    if (event === null) return [];
    return [{ schedule: { ...schedule, history: [{ timing: schedule.timing, first: event.key, ordinal: 1 }] }, event }];
  });
}
