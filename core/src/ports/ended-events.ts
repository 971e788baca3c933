import type { ScheduledEvent, TerminalState } from "../events/event.js";

/**
 * What has ended, of one tenant, in the order of its ends: for whoever follows what happens. Every adapter promises:
 *   F1. pages run in the order of end and id; who goes on behind the place of the page before has each end once;
 *   F2. before the instant that `settled` gives nothing ends any more: a transaction that begins when that answer is there
 *       sees all that has, also of those whose transactions took long;
 *   F3. a page has nothing that ended at `before` or later; its place lies behind all that it looked at, also where little
 *       or nothing of it was asked for, and it is `complete` where that is all;
 *   F4. an event that was redriven is not there until it ends again.
 */
export interface EndedEvents {
  settled(): Promise<Date>;
  page(query: EndedQuery): Promise<EndedPage>;
}

export interface EndedQuery {
  readonly limit: number;
  /** Where it goes on: behind this place. */
  readonly after: EndPlace;
  /** What `settled` gave in a transaction before this one: what ends meanwhile is left for later. */
  readonly before: Date;
  readonly states?: readonly TerminalState[];
  readonly scheduleId?: string;
  readonly destinationId?: string;
}

/** A place in the order of ends: that of an event, or, with an empty id, before all that ended at that instant. */
export interface EndPlace {
  readonly finishedAt: Date;
  readonly id: string;
}

export interface EndedPage {
  readonly events: readonly ScheduledEvent[];
  readonly place: EndPlace;
  readonly complete: boolean;
}
