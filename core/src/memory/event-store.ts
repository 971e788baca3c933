import { eventFrom, isTerminal, type NewEvent, type ScheduledEvent } from "../events/event.js";
import { accepted, begun, claimed, type ClaimRef, finished, handedBack, holds, retried } from "../events/life-cycle.js";
import type {
  Backlog,
  BeginReport,
  Begun,
  Claim,
  ClaimPlan,
  ClaimReport,
  ClaimRequest,
  ClaimVerdict,
  DueEvent,
  Ending,
  EventStore,
  NextWake,
  PlanClaim,
  TakeReport,
  TakeRequest,
  TellOthers,
} from "../ports/event-store.js";
import type { Schedule } from "../schedules/schedule.js";
import type { MemoryTables } from "./tables.js";

export class MemoryEventStore implements EventStore {
  readonly #tables: MemoryTables;

  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  async claimDue(request: ClaimRequest, plan: PlanClaim): Promise<ClaimReport> {
    const report = await this.#tables.transaction(async (now) => this.#claim(request, plan, now));
    if (report.seen > 0) await this.#tables.failpoints.at("claim.after_commit");
    return report;
  }

  async takeDue(request: TakeRequest, plan: PlanClaim): Promise<TakeReport> {
    const report = await this.#tables.transaction(async (now) => {
      const { claims, seen, planned } = await this.#claim(request, plan, now, (event) => event.dueAt <= now);
      const { begun } = this.#begin(claims, request.leaseMs, now);
      return { begun, seen, planned };
    });
    if (report.seen > 0) await this.#tables.failpoints.at("claim.after_commit");
    return report;
  }

  async #claim(
    request: ClaimRequest,
    plan: PlanClaim,
    now: Date,
    may: (event: ScheduledEvent) => boolean = () => true,
  ): Promise<ClaimReport> {
    const until = now.getTime() + (request.lookAheadMs ?? 0);
    const mayClaim = (id: string, at: number) => {
      const event = this.#tables.events.get(id);
      return event !== undefined && may(event) && (at <= now.getTime() || this.#isAhead(id));
    };
    const { latest = false, limit } = request;
    const ids = this.#tables.wakes.due(until, latest ? Infinity : limit, mayClaim).slice(latest ? -limit : 0);
    const claims: Claim[] = [];
    let planned = 0;
    for (const id of ids) {
      const event = this.#tables.events.get(id);
      const schedule = this.#tables.schedules.get(event?.scheduleId ?? "");
      if (event === undefined || schedule === undefined) continue;
      if (event.begunAt !== null) this.#tables.recordUnknown(event, now);
      const othersRunning = schedule.ifRunning !== "start" && this.#othersRunning(event);
      const due: DueEvent = { event, schedule, othersRunning };
      const { verdict, successors, following } = plan(due, now);
      await this.#tables.failpoints.at("next.before_insert");
      const leaseEnd = new Date(Math.max(now.getTime(), event.dueAt.getTime()) + request.leaseMs);
      const leadsOn = this.#settle(event, schedule, verdict, leaseEnd, now, claims);
      if (!leadsOn) planned += this.#addAll(successors, now, following);
    }
    if (ids.length > 0) await this.#tables.failpoints.at("claim.before_commit");
    return { claims, seen: ids.length, planned, now };
  }

  /** Only what waits for its own time is taken ahead: neither a lease nor a pause before a retry is cut short. */
  #isAhead(id: string): boolean {
    const event = this.#tables.events.get(id);
    return event?.state === "PENDING" && event.wakeAt?.getTime() === event.dueAt.getTime();
  }

  /** Does what the plan says; true if the event goes on leading its series because nothing was decided yet. */
  #settle(
    event: ScheduledEvent,
    schedule: Schedule,
    verdict: ClaimVerdict,
    leaseEnd: Date,
    now: Date,
    claims: Claim[],
  ): boolean {
    const { id, tenant, scheduleId, dueAt } = event;
    switch (verdict.kind) {
      case "take": {
        const next = claimed(event, leaseEnd);
        this.#tables.putEvent(next);
        claims.push({ eventId: id, tenant, scheduleId, fence: next.fence, dueAt, leaseEnd });
        return false;
      }
      case "park":
        this.#tables.putEvent(retried(event, parkedUntil(schedule, now)));
        return true;
      case "wait":
        this.#tables.putEvent(retried(event, verdict.until));
        return true;
      case "skip":
      case "fail":
      case "cancel":
        this.#tables.putEvent(finished(event, VERDICT_STATE[verdict.kind], now, verdict.reason));
        return false;
    }
  }

  async begin(claims: readonly ClaimRef[], leaseMs: number): Promise<BeginReport> {
    return this.#tables.transaction((now) => this.#begin(claims, leaseMs, now));
  }

  #begin(claims: readonly ClaimRef[], leaseMs: number, now: Date): BeginReport {
    const leaseEnd = new Date(now.getTime() + leaseMs);
    const report: { begun: Begun[]; lost: ClaimRef[]; early: BeginReport["early"][number][] } = {
      begun: [],
      lost: [],
      early: [],
    };
    for (const claim of claims) {
      const event = this.#held(claim);
      const schedule = this.#tables.schedules.get(event?.scheduleId ?? "");
      if (event === null || schedule === undefined || event.begunAt !== null) {
        report.lost.push(claim);
        continue;
      }
      if (event.dueAt > now) {
        report.early.push({ claim, inMs: event.dueAt.getTime() - now.getTime() });
        continue;
      }
      const subject = schedule.userId === null ? null : this.#subject(schedule.userId);
      const { type, payload, destinationId } = schedule;
      const next = begun(event, now, leaseEnd, { content: { type, payload, subject }, destinationId });
      this.#tables.putEvent(next);
      const destination = this.#tables.destinations.get(next.destinationId) ?? null;
      const attemptNumber = (this.#tables.attempts.get(event.id)?.length ?? 0) + 1;
      report.begun.push({ claim, event: next, schedule, destination, attemptNumber, now });
    }
    return report;
  }

  async finish(endings: readonly Ending[]): Promise<{ readonly lost: readonly ClaimRef[] }> {
    const lost = await this.#tables.transaction(async (now) => {
      const lost: ClaimRef[] = [];
      for (const ending of endings) {
        const event = this.#held(ending.claim);
        if (event === null) lost.push(ending.claim);
        else {
          this.#end(event, ending, now);
          if (ending.callback !== undefined) this.#addAll([ending.callback], now);
        }
      }
      await this.#tables.failpoints.at("finish.before_commit");
      return lost;
    });
    await this.#tables.failpoints.at("finish.after_commit");
    return { lost };
  }

  #end(before: ScheduledEvent, { outcome, attempt, latenessMs }: Ending, now: Date): void {
    const event = { ...before, latenessMs: before.latenessMs ?? latenessMs ?? null };
    if (attempt !== undefined) this.#tables.addAttempt(event.id, attempt);
    if (outcome.state === "PROCESSING") {
      this.#tables.putEvent(accepted(event, new Date(now.getTime() + outcome.inMs)));
      return;
    }
    if (outcome.state !== "PENDING") {
      const untried = attempt === undefined ? handedBack(event, null) : event;
      const reason = outcome.state === "COMPLETED" ? null : outcome.reason;
      this.#tables.putEvent(finished(untried, outcome.state, now, reason));
      return;
    }
    const schedule = this.#tables.schedules.get(event.scheduleId);
    const wakeAt = outcome.inMs === null ? parkedUntil(schedule, now) : new Date(now.getTime() + outcome.inMs);
    this.#tables.putEvent(attempt === undefined ? handedBack(event, wakeAt) : retried(event, wakeAt));
  }

  async release(claims: readonly ClaimRef[]): Promise<void> {
    await this.#tables.transaction((now) => {
      for (const claim of claims) {
        const event = this.#held(claim);
        if (event === null || event.begunAt !== null) continue;
        this.#tables.putEvent(givenBack(event, now));
      }
    });
  }

  async giveUp(claims: readonly ClaimRef[], mostUnheard: number, tell: TellOthers = () => null): Promise<void> {
    await this.#tables.transaction((now) => {
      for (const claim of claims) {
        const event = this.#held(claim);
        if (event === null || event.begunAt !== null) continue;
        if (event.unheard < mostUnheard) this.#tables.putEvent(givenBack(event, now));
        else {
          this.#tables.putEvent(finished(event, "FAILED", now, "undeliverable"));
          const schedule = this.#tables.schedules.get(event.scheduleId);
          const callback = schedule === undefined ? null : tell(event, schedule, now);
          if (callback !== null) this.#addAll([callback], now);
        }
      }
    });
  }

  async extend(claims: readonly ClaimRef[], leaseMs: number): Promise<{ readonly lost: readonly ClaimRef[] }> {
    return this.#tables.transaction((now) => {
      const lost: ClaimRef[] = [];
      for (const claim of claims) {
        const event = this.#held(claim);
        if (event === null) lost.push(claim);
        else this.#tables.putEvent({ ...event, wakeAt: new Date(now.getTime() + leaseMs) });
      }
      return { lost };
    });
  }

  async nextWake(): Promise<NextWake | null> {
    return this.#tables.transaction((now) => {
      const first = this.#tables.wakes.first();
      return first === null ? null : { at: new Date(first.at), now, ahead: this.#isAhead(first.id) };
    });
  }

  async backlog(): Promise<Backlog> {
    return this.#tables.transaction((now) => {
      const open = [...this.#tables.open];
      const due = open.filter((event) => event.wakeAt !== null && event.wakeAt <= now);
      const ages = due.map((event) => now.getTime() - Math.max(event.dueAt.getTime(), event.wakeAt?.getTime() ?? 0));
      const oldestDueAgeMs = ages.reduce((most, age) => Math.max(most, age), 0);
      return { oldestDueAgeMs, due: due.length, open: open.length, oldestSnapshotMs: 0 };
    });
  }

  #held(claim: ClaimRef): ScheduledEvent | null {
    const event = this.#tables.events.get(claim.eventId);
    return event !== undefined && event.tenant === claim.tenant && holds(event, claim) ? event : null;
  }

  #addAll(events: readonly NewEvent[], now: Date, following: ClaimPlan["following"] = () => null): number {
    let added = 0;
    for (const event of events) {
      let one: NewEvent | null = event;
      while (one !== null && this.#tables.events.has(one.id)) one = one.leads ? following(one) : null;
      if (one === null) continue;
      this.#tables.putEvent(eventFrom(one, now));
      added++;
    }
    return added;
  }

  #othersRunning(event: ScheduledEvent): boolean {
    for (const other of this.#tables.eventsOf(event.scheduleId)) if (isBeingDelivered(other, event)) return true;
    return false;
  }

  #subject(userId: string): Readonly<Record<string, string>> | null {
    const user = this.#tables.users.get(userId);
    if (user === undefined) return null;
    const { id, firstName, lastName, dateOfBirth, timezone } = user;
    return { userId: id, firstName, lastName, dateOfBirth, timezone };
  }
}

/** One that was claimed and given back does not count: two of those would wait for each other for ever. */
function isBeingDelivered(other: ScheduledEvent, event: ScheduledEvent): boolean {
  if (other.id === event.id || other.origin === "callback" || isTerminal(other.state)) return false;
  return other.attempt > 0 || other.state === "PROCESSING";
}

/** Parked while its schedule is paused; where it was resumed meanwhile nobody else would wake the event (E7). */
function parkedUntil(schedule: Schedule | undefined, now: Date): Date | null {
  return schedule?.status === "paused" ? null : now;
}

/** Offered again at once, or at its own time if that is still to come. */
function givenBack(event: ScheduledEvent, now: Date): ScheduledEvent {
  return handedBack(event, event.attempt === 0 && event.dueAt > now ? event.dueAt : now);
}

const VERDICT_STATE = { skip: "SKIPPED", fail: "FAILED", cancel: "CANCELLED" } as const;
