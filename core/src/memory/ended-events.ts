import type { ScheduledEvent } from "../events/event.js";
import { isTerminal } from "../events/event.js";
import type { EndedEvents, EndedPage, EndedQuery, EndPlace } from "../ports/ended-events.js";
import type { MemoryTables } from "./tables.js";

type Ended = ScheduledEvent & { readonly finishedAt: Date };

export class MemoryEndedEvents implements EndedEvents {
  readonly #tables: MemoryTables;
  readonly #tenant: string;
  readonly #now: Date;

  constructor(tables: MemoryTables, tenant: string, now: Date) {
    this.#tables = tables;
    this.#tenant = tenant;
    this.#now = now;
  }

  /** One transaction runs at a time: whatever begins later ends no earlier than now. */
  async settled(): Promise<Date> {
    return this.#now;
  }

  async page({ limit, after, before, states, scheduleId, destinationId }: EndedQuery): Promise<EndedPage> {
    const found = [...this.#tables.events.values()].filter(
      (event): event is Ended =>
        event.tenant === this.#tenant &&
        isEnded(event) &&
        event.finishedAt < before &&
        compare(placeOf(event), after) > 0 &&
        (states === undefined || (isTerminal(event.state) && states.includes(event.state))) &&
        (scheduleId === undefined || event.scheduleId === scheduleId) &&
        (destinationId === undefined || event.destinationId === destinationId),
    );
    const events = found.sort((one, other) => compare(placeOf(one), placeOf(other))).slice(0, limit);
    const last = events.at(-1);
    if (last !== undefined && found.length > limit) return { events, place: placeOf(last), complete: false };
    const end = { finishedAt: before, id: "" };
    return { events, place: compare(end, after) > 0 ? end : after, complete: true };
  }
}

function isEnded(event: ScheduledEvent): event is Ended {
  return isTerminal(event.state) && event.finishedAt !== null;
}

function placeOf({ finishedAt, id }: Ended): EndPlace {
  return { finishedAt, id };
}

function compare(one: EndPlace, other: EndPlace): number {
  const apart = one.finishedAt.getTime() - other.finishedAt.getTime();
  return apart !== 0 ? apart : one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}
