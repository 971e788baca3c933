import { Conflict, NotFound } from "../errors.js";
import { isTerminal, type ScheduledEvent } from "../events/event.js";
import { finished } from "../events/life-cycle.js";
import { insteadOf, successorOf } from "../events/new-event.js";
import type { Transaction, UnitOfWork } from "../ports/unit-of-work.js";
import type { Recurrence } from "../recurrence/recurrence.js";

export interface CancelEventDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
}

export interface CancelEventRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
  readonly note?: string;
}

/** Takes one event out; its series goes on (I5). Too late once its request is under way: `in_flight`. */
export class CancelEvent {
  readonly #deps: CancelEventDeps;

  constructor(deps: CancelEventDeps) {
    this.#deps = deps;
  }

  /** Cancelling what is cancelled changes nothing. */
  async run({ tenant, id, actor, note }: CancelEventRequest): Promise<ScheduledEvent> {
    const { unitOfWork, recurrence } = this.#deps;
    return unitOfWork.run(tenant, async (transaction) => {
      const event = await transaction.events.get(id);
      if (event === null) throw new NotFound("event", id);
      if (event.state === "CANCELLED") return event;
      if (isTerminal(event.state)) throw new Conflict("wrong_state", `Event ${id} is ${event.state} already`);
      const cancelled = finished(event, "CANCELLED", transaction.now, "cancelled");
      await transaction.events.replace(cancelled);
      if (event.leads) await handOnSeries(event, transaction, recurrence);
      await transaction.audit.record({ action: "event.cancelled", subject: id, actor, note: note ?? null });
      return cancelled;
    });
  }
}

/** Lets the successor of an event lead its series; the event itself must have stopped leading. */
export async function handOnSeries(
  event: ScheduledEvent,
  { schedules, events }: Transaction,
  recurrence: Recurrence,
): Promise<void> {
  const schedule = await schedules.get(event.scheduleId);
  if (schedule === null || schedule.status === "deleted") return;
  const compiled = recurrence.of(schedule.timing);
  const { version } = recurrence.zones;
  let next = successorOf(event, schedule, compiled, version);
  while (next !== null && (await events.get(next.id)) !== null) next = insteadOf(next, schedule, compiled, version);
  if (next !== null) await events.add([next]);
}
