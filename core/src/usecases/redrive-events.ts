import { Conflict, InvalidInput, NotFound } from "../errors.js";
import type { ScheduledEvent } from "../events/event.js";
import { redriven } from "../events/life-cycle.js";
import type { EventQuery } from "../ports/event-records.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";

export interface RedriveRequest {
  readonly tenant: string;
  readonly actor: string;
  readonly note?: string;
}

/** One failed event, or all that a filter finds, no more than so many a second. */
export type RedriveManyRequest = RedriveRequest & {
  readonly filter: Omit<EventQuery, "limit" | "after" | "states">;
  readonly perSecond: number;
};

const BATCH = 500;

/** Sets failed events going again: same id, a new budget of attempts, each once however often it is asked for. */
export class RedriveEvents {
  readonly #unitOfWork: UnitOfWork;

  constructor(deps: { readonly unitOfWork: UnitOfWork }) {
    this.#unitOfWork = deps.unitOfWork;
  }

  async one({ tenant, id, actor, note }: RedriveRequest & { readonly id: string }): Promise<ScheduledEvent> {
    return this.#unitOfWork.run(tenant, async ({ events, schedules, audit, now }) => {
      const event = await events.get(id);
      if (event === null) throw new NotFound("event", id);
      if (event.state !== "FAILED") throw new Conflict("wrong_state", `Event ${id} is ${event.state}, not FAILED`);
      if ((await schedules.get(event.scheduleId))?.status === "deleted") {
        throw new Conflict("wrong_state", `The schedule of event ${id} was deleted`);
      }
      const again = redriven(event, now);
      await events.replace(again);
      await audit.record({ action: "event.redriven", subject: id, actor, note: note ?? null });
      return again;
    });
  }

  async many({ tenant, filter, perSecond, actor, note }: RedriveManyRequest): Promise<{ readonly redriven: number }> {
    if (!Number.isFinite(perSecond) || perSecond <= 0) {
      throw new InvalidInput([{ pointer: "/perSecond", code: "out_of_range", message: "Must be more than 0" }]);
    }
    if (Object.values(filter as Record<string, unknown>).every((value) => value === undefined)) {
      const message = "Must name at least one condition; everything is not one";
      throw new InvalidInput([{ pointer: "/filter", code: "required", message }]);
    }
    let total = 0;
    // Each batch goes on behind the one before: what fails again meanwhile is left to the next call.
    let after: ScheduledEvent | undefined;
    for (;;) {
      const page = { states: ["FAILED"], limit: BATCH, ...(after !== undefined && { after }) } as const;
      const batch = await this.#unitOfWork.run(tenant, async ({ events, schedules, audit, now }) => {
        let again = 0;
        const failed = await events.list({ ...filter, ...page });
        const deleted = new Map<string, boolean>();
        for (const event of failed) {
          const { scheduleId } = event;
          const gone = deleted.get(scheduleId) ?? (await schedules.get(scheduleId))?.status === "deleted";
          deleted.set(scheduleId, gone);
          if (gone) continue;
          const wakeAt = new Date(now.getTime() + Math.ceil(((total + again) * 1_000) / perSecond));
          again++;
          await events.replace(redriven(event, wakeAt));
        }
        if (again > 0) {
          await audit.record({ action: "events.redriven", subject: tenant, actor, note: note ?? null });
        }
        return { failed, again };
      });
      total += batch.again;
      after = batch.failed.at(-1);
      if (batch.failed.length < BATCH) return { redriven: total };
    }
  }
}
