import {
  eventIdOf,
  type ClaimRequest,
  type EventStore,
  isAskedFor,
  isTerminal,
  lifeCycle,
  type OutgoingRequest,
  parseDuration,
  type ScheduledEvent,
} from "@punctual/core";
import { MemoryTables } from "@punctual/core/memory";
import { bound } from "./bound.js";
import type { Stage } from "./stage.js";

/** A promise that was broken. */
export interface Violation {
  /** R1 to R15, or I1 to I10. */
  readonly promise: string;
  readonly at: number;
  readonly what: string;
}

interface Change {
  readonly before: ScheduledEvent | undefined;
  readonly after: ScheduledEvent;
}

/** Memory tables that show every committed change of an event to a watch. */
export class WatchedTables extends MemoryTables {
  #changes: Change[] = [];
  onCommit: (changes: readonly Change[], now: Date) => void = () => undefined;

  override async transaction<T>(work: (now: Date) => Promise<T> | T): Promise<T> {
    return super.transaction(async (now) => {
      this.#changes = [];
      const result = await work(now);
      this.onCommit(this.#changes, now);
      return result;
    });
  }

  override putEvent(event: ScheduledEvent): void {
    this.#changes.push({ before: this.events.get(event.id), after: event });
    super.putEvent(event);
  }
}

const ACTIONS = [
  "claim",
  "begin",
  "accept",
  "complete",
  "fail",
  "retry",
  "release",
  "skip",
  "cancel",
  "reschedule",
  "redrive",
] as const;

/** Looks at every change and every request while they happen. */
export class Watch {
  readonly violations: Violation[] = [];
  readonly #world: Stage;
  /** Bodies by event and generation: a redrive begins a new one. */
  readonly #bodies = new Map<string, string>();
  #claimedTogether: ReadonlySet<string> = new Set();
  /** The highest that the store's clock ever was ahead of the simulation's. */
  #aheadMost = 0;

  constructor(world: Stage, tables: WatchedTables) {
    this.#world = world;
    tables.onCommit = (changes, now) => {
      this.#claimedTogether = new Set(changes.filter(isClaim).map(({ after }) => after.id));
      for (const change of changes) this.#change(change, now);
    };
  }

  broken(promise: string, what: string): void {
    if (this.violations.length < 20) this.violations.push({ promise, at: this.#world.sinceStart, what });
  }

  clockStepped(ahead: number): void {
    this.#aheadMost = Math.max(this.#aheadMost, ahead);
  }

  /** A store whose claims are looked at: nobody who has waited longer may be passed over (R14), or shorter where the latest are asked for. */
  inOrder(events: EventStore): EventStore {
    const { wakes } = this.#world.tables;
    const due = wakes.due.bind(wakes);
    const waiting = () => due(this.#world.storeNow.getTime(), Infinity);
    const check = (claimed: readonly string[], all: readonly string[], { limit, latest = false }: ClaimRequest) => {
      const first = new Set(latest ? all.slice(-limit) : all.slice(0, limit));
      const passed = claimed.find((id) => all.includes(id) && !first.has(id));
      if (passed !== undefined) this.broken("R14", `${passed} was claimed before others that had waited longer`);
    };
    return {
      ...bound(events),
      claimDue: async (request, plan) => {
        const all = waiting();
        const report = await events.claimDue(request, plan);
        check(
          report.claims.map(({ eventId }) => eventId),
          all,
          request,
        );
        return report;
      },
      takeDue: async (request, plan) => {
        const all = waiting();
        const report = await events.takeDue(request, plan);
        check(
          report.begun.map(({ event }) => event.id),
          all,
          request,
        );
        return report;
      },
    };
  }

  #change({ before, after }: Change, now: Date): void {
    const { id } = after;
    const schedule = this.#world.tables.schedules.get(after.scheduleId);
    if (schedule === undefined) return this.broken("U1", `${id} has no schedule`);
    if (after.tenant !== schedule.tenant)
      this.broken("R11", `${id} belongs to ${after.tenant}, not ${schedule.tenant}`);
    if (after.origin === "rule" && id !== eventIdOf(schedule.id, after.key)) this.broken("R3", `${id} is not its name`);
    if (before === undefined) return;
    if (isTerminal(before.state)) {
      const redriven = before.state === "FAILED" && after.state === "PENDING" && after.redrives === before.redrives + 1;
      if (!redriven) this.broken("R4", `${id} went from ${before.state} to ${after.state}`);
      return;
    }
    if (!ACTIONS.some((action) => lifeCycle.nextState(before.state, action) === after.state)) {
      this.broken("R4", `${id} went from ${before.state} to ${after.state}`);
    }
    if (after.fence < before.fence) this.broken("I2", `${id}: its fence fell from ${before.fence} to ${after.fence}`);
    if (after.fence > before.fence) this.#claim(before, after, now);
    if (after.begunAt !== null && before.begunAt === null) this.#begin(before, after);
    if (after.fence > MOST_CLAIMS) this.broken("R9", `${id} was claimed ${after.fence} times`);
    if (before.begunAt !== null && after.state === "CANCELLED" && before.wakeAt !== null && before.wakeAt > now) {
      this.#unlessCancelledByItsWorker(before, after);
    }
  }

  #claim(before: ScheduledEvent, after: ScheduledEvent, now: Date): void {
    const { id } = after;
    const { lookAheadMs, missedAfterMs } = this.#world.settings;
    if (before.state === "PROCESSING" && before.wakeAt !== null && before.wakeAt > now) {
      this.broken("I1", `${id} was claimed while it was held`);
    }
    // Set back, a clock can see the end of a lease before the due time for which the event was taken ahead.
    const setBack = this.#world.faultsDrawn.clockSteps.length > 0;
    if (before.attempt === 0 && !setBack && before.dueAt.getTime() > now.getTime() + lookAheadMs) {
      this.broken("I8", `${id} was claimed ${before.dueAt.getTime() - now.getTime()} ms early`);
    }
    if (before.begunAt !== null) this.#world.counts.reclaims++;
    if (before.attempt > 0 || before.origin !== "rule" || before.pinned || before.redrives > 0) return;
    const schedule = this.#world.tables.schedules.get(after.scheduleId);
    if (schedule === undefined) return;
    if (schedule.ifRunning !== "start" && this.#othersRunning(after)) {
      this.broken("ifRunning", `${id} was started beside another one of its schedule`);
    }
    const wanted = Math.max(before.dueAt.getTime(), before.wakeAt?.getTime() ?? 0);
    if (now.getTime() - wanted <= missedAfterMs) return;
    const { policy, within } = schedule.catchUp;
    const tooOld = within !== undefined && before.dueAt.getTime() < now.getTime() - (parseDuration(within) ?? 0);
    if (policy === "none" || tooOld) this.broken("catchUp", `${id} was missed, and taken all the same (${policy})`);
  }

  #othersRunning(event: ScheduledEvent): boolean {
    for (const other of this.#world.tables.eventsOf(event.scheduleId)) {
      if (other.id === event.id || other.origin === "callback" || isTerminal(other.state)) continue;
      // Another one of the same claim was asked about after this one.
      const together = this.#claimedTogether.has(other.id);
      const tried = other.attempt - (together && other.begunAt !== null ? 1 : 0);
      if (tried > 0 || (other.state === "PROCESSING" && !together)) return true;
    }
    return false;
  }

  #begin(before: ScheduledEvent, after: ScheduledEvent): void {
    if (before.state !== "PROCESSING") this.broken("I3", `${after.id} was begun while it was ${before.state}`);
    if (before.fence !== after.fence) this.broken("I3", `${after.id} changed its fence as it began`);
  }

  #unlessCancelledByItsWorker(before: ScheduledEvent, after: ScheduledEvent): void {
    if (after.reason === "cancelled") this.broken("Q3", `${before.id} was cancelled while it was being delivered`);
  }

  /** A request arrives at a receiver. */
  request(request: OutgoingRequest): void {
    const { tables, settings, time, faultsDrawn } = this.#world;
    const { id, body } = request;
    const event = tables.events.get(id);
    if (event === undefined) return this.broken("R3", `${id} was sent, and is no event`);
    const early = event.dueAt.getTime() - (time.now + this.#aheadMost);
    if (early > 0) this.broken("R1", `${id} was sent ${early} ms early`);
    const generation = `${id}/${event.redrives}`;
    const known = this.#bodies.get(generation);
    if (known !== undefined && known !== body) this.broken("R5", `${id} was sent with two bodies`);
    this.#bodies.set(generation, body);
    const own = event.origin === "callback" || body.includes(`"tenant":"${event.tenant}"`);
    if (!own || !request.destination.url.includes(event.tenant))
      this.broken("R11", `${id} carries what is another tenant's`);
    const seen = this.#world.receivers.seen.get(id)?.length ?? 0;
    if (seen > settings.mostRequests) this.broken("R9", `${id} was sent ${seen} times`);
    this.#pauseBefore(event);
    // A clock that jumps ends leases before their holders can know: then two attempts may meet.
    if (faultsDrawn.clockSteps.length > 0) return;
    this.#liveAttempt(request, event);
  }

  /** Between two attempts lies a pause, and no shorter one than the receiver asked for. */
  #pauseBefore(event: ScheduledEvent): void {
    const { tables, receivers, time, faultsDrawn } = this.#world;
    const last = receivers.seen.get(event.id)?.at(-1);
    const recorded = tables.attempts.get(event.id)?.find(({ number }) => number === last?.attempt);
    // A redrive comes when it is asked for, and so does a resume.
    const untouched = event.redrives === 0 && tables.schedules.get(event.scheduleId)?.revision === 1;
    if (last === undefined || recorded === undefined || !untouched || faultsDrawn.clockSteps.length > 0) return;
    const least = recorded.error === "unknown" ? 0 : Math.max(1_000, recorded.status === 429 ? last.retryAfterMs : 0);
    const pause = time.now - last.at;
    if (pause < least) this.broken("retry", `${event.id} was tried again after ${pause} ms instead of ${least}`);
  }

  #liveAttempt(request: OutgoingRequest, event: ScheduledEvent): void {
    const { tables } = this.#world;
    const { id } = event;
    const schedule = tables.schedules.get(event.scheduleId);
    const destination = tables.destinations.get(request.destination.id);
    const attempts = tables.attempts.get(id)?.length ?? 0;
    if (event.state === "CANCELLED") return this.broken("R8", `${id} was sent after it was cancelled`);
    if (event.state !== "PROCESSING" || event.begunAt === null || attempts + 1 !== request.attempt) {
      return this.broken("R7", `${id} was sent as attempt ${request.attempt} while ${event.state}, ${attempts} done`);
    }
    if (schedule === undefined || destination === undefined) return;
    const { begunAt } = event;
    if (event.origin === "callback") return; // it goes out whatever becomes of its schedule
    if (schedule.status !== "active" && begunAt > schedule.updatedAt) {
      this.broken("I7", `${id} was sent although its schedule was ${schedule.status}`);
    }
    if (!destination.enabled && begunAt > destination.updatedAt) {
      this.broken("I7", `${id} was sent to a destination that was disabled`);
    }
    if (schedule.destinationId !== destination.id && begunAt > schedule.updatedAt) {
      this.broken("I7", `${id} was sent to a destination that it no longer has`);
    }
    if (event.attempt > schedule.retry.maxAttempts && begunAt > schedule.updatedAt) {
      this.broken("R9", `${id} was tried ${event.attempt} times of ${schedule.retry.maxAttempts}`);
    }
    const latest =
      schedule.lateness === null || isAskedFor(event)
        ? Infinity
        : event.dueAt.getTime() + (parseDuration(schedule.lateness.max) ?? 0);
    if (begunAt.getTime() > latest && begunAt > schedule.updatedAt) this.broken("lateness", `${id} was sent too late`);
  }
}

function isClaim({ before, after }: Change): boolean {
  return after.fence > (before?.fence ?? after.fence);
}

/** More claims than this of one event are a loop that leads nowhere. */
const MOST_CLAIMS = 150;
