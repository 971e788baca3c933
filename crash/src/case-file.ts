import type { AttemptRow, AuditRow, Evidence, EventRow, KnownSchedule, Life, SeenRequest, Span } from "./evidence.js";
import { nameOf } from "./orders.js";

/** The evidence of a run, in the orders in which the checks ask for it. */
export class CaseFile {
  readonly evidence: Evidence;
  readonly #rows: ReadonlyMap<string, readonly EventRow[]>;
  readonly #attempts: ReadonlyMap<string, readonly AttemptRow[]>;
  readonly #audit: ReadonlyMap<string, readonly AuditRow[]>;
  readonly #requests: ReadonlyMap<string, readonly SeenRequest[]>;
  readonly #schedules: ReadonlyMap<string, KnownSchedule>;
  readonly #lives: ReadonlyMap<string, Life>;

  constructor(evidence: Evidence) {
    this.evidence = evidence;
    this.#rows = Map.groupBy(evidence.rows, ({ id }) => id);
    this.#attempts = Map.groupBy(evidence.attempts, ({ eventId }) => eventId);
    this.#audit = Map.groupBy(evidence.audit, ({ eventId }) => eventId);
    const bySending = [...evidence.requests].sort((one, two) => one.sentAt - two.sentAt);
    this.#requests = Map.groupBy(bySending, ({ eventId }) => eventId);
    this.#schedules = new Map(evidence.schedules.map((schedule) => [schedule.id, schedule]));
    this.#lives = new Map(evidence.lives.map((life) => [nameOf(life.number), life]));
  }

  get eventIds(): Iterable<string> {
    return this.#rows.keys();
  }

  get auditedIds(): Iterable<string> {
    return this.#audit.keys();
  }

  get requestedIds(): Iterable<string> {
    return this.#requests.keys();
  }

  rows(eventId: string): readonly EventRow[] {
    return this.#rows.get(eventId) ?? [];
  }

  attempts(eventId: string): readonly AttemptRow[] {
    return this.#attempts.get(eventId) ?? [];
  }

  audit(eventId: string): readonly AuditRow[] {
    return this.#audit.get(eventId) ?? [];
  }

  requests(eventId: string): readonly SeenRequest[] {
    return this.#requests.get(eventId) ?? [];
  }

  schedule(id: string): KnownSchedule | undefined {
    return this.#schedules.get(id);
  }

  /** Whether the victim was stopped within that time: what it did next, it had decided before. */
  wasStopped(who: string, span: Span): boolean {
    return this.#lives.get(who)?.stops.some((stop) => overlap(stop, span)) === true;
  }

  /** Whether the victim and the database were kept apart within that time. */
  wasCutOff(who: string, span: Span): boolean {
    const { downs, cuts } = this.evidence;
    const cut = cuts.some(({ at, victim }) => nameOf(victim) === who && at >= span.from && at <= span.to);
    return cut || downs.some((down) => overlap(down, span));
  }
}

export function overlap(one: Span, two: Span): boolean {
  return one.from <= two.to && two.from <= one.to;
}

/** Which claim holds an event: what it is after a change. */
export interface Hold {
  readonly eventId: string;
  readonly who: string;
  readonly since: number;
  readonly leaseEnd: number;
  /** The change that ends it: another claim, an ending, a release. */
  readonly next: AuditRow | null;
}

/** Every stretch in which an event was held, each as it was after one change of the holder's. */
export function* holdsOf(file: CaseFile): Generator<Hold> {
  for (const eventId of file.auditedIds) {
    const changes = file.audit(eventId).filter(({ what }) => what !== "kept");
    for (const [index, { after, who, at }] of changes.entries()) {
      if (after?.state !== "PROCESSING") continue;
      yield { eventId, who, since: at, leaseEnd: after.wakeAt ?? Infinity, next: changes[index + 1] ?? null };
    }
  }
}
