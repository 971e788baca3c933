import { Conflict, type ConflictCode } from "../errors.js";
import type { Attempt, NewEvent, ScheduledEvent } from "../events/event.js";
import { type ClaimRef, finished, moved } from "../events/life-cycle.js";
import type {
  Begun,
  BeginReport,
  Claim,
  ClaimReport,
  ClaimRequest,
  ClaimVerdict,
  Outcome,
  PlanClaim,
  TakeReport,
  TakeRequest,
} from "../ports/event-store.js";
import type { Transaction } from "../ports/unit-of-work.js";
import { HOUR, MINUTE, SECOND } from "../recurrence/wall.js";
import type { Schedule } from "../schedules/schedule.js";
import { aDestination, anEvent, aSchedule, TENANT } from "./fixtures.js";
import type { StoreHarness, StoreUnderTest } from "./store-harness.js";

/** Long beside what a case takes, so that a clock that runs does not matter. */
export const LEASE = 10 * MINUTE;

export const take: PlanClaim = () => ({ verdict: { kind: "take" }, successors: [] });

export function decide(verdict: ClaimVerdict): PlanClaim {
  return () => ({ verdict, successors: [] });
}

export function follow(...successors: readonly NewEvent[]): PlanClaim {
  return () => ({ verdict: { kind: "take" }, successors });
}

/** A store with one schedule and its destination in it, and the steps that cases are made of. */
export async function openScene(harness: StoreHarness) {
  const store = await harness.open();
  const { events, unitOfWork } = store;
  const start = Math.floor((await store.now()).getTime() / SECOND) * SECOND;
  const at = (ms: number) => new Date(start + ms);
  const destination = aDestination();
  const schedule = aSchedule({ destinationId: destination.id });

  /** One transaction of the tenant that everything here belongs to. */
  const change = <T>(work: (transaction: Transaction) => Promise<T>) => unitOfWork.run(TENANT, work);
  const add = (...added: readonly NewEvent[]) => change((transaction) => transaction.events.add(added));
  const addSchedule = async (given: Partial<Schedule> = {}) => {
    const added = aSchedule({ destinationId: destination.id, ...given });
    await change((transaction) => transaction.schedules.add([added]));
    return added;
  };
  /** Changes the schedule as it is now. */
  const edit = (changes: Partial<Schedule>, id = schedule.id) =>
    change(async ({ schedules }) => {
      const now = there(await schedules.get(id));
      await schedules.save({ ...now, ...changes, revision: now.revision + 1 });
    });
  const event = (id: string) => change(async (transaction) => there(await transaction.events.get(id)));
  const attempts = (id: string): Promise<readonly Attempt[]> => change((one) => one.events.attempts(id));
  const sentBefore = (id: string) => change((one) => one.events.sentBefore(id));
  const replace = (id: string, how: (event: ScheduledEvent, now: Date) => ScheduledEvent) =>
    change(async (transaction) => {
      await transaction.events.replace(how(there(await transaction.events.get(id)), transaction.now));
    });
  const cancel = (id: string) => replace(id, (one, now) => finished(one, "CANCELLED", now, "cancelled"));
  const move = (id: string, dueAt: Date) =>
    replace(id, (one) => moved(one, { dueAt, pinned: true, leads: false }, { parked: false }));

  const claimDue = (plan: PlanClaim = take, request: Partial<ClaimRequest> = {}): Promise<ClaimReport> =>
    events.claimDue({ limit: 1_000, leaseMs: LEASE, ...request }, plan);
  const claim = async (request: Partial<ClaimRequest> = {}): Promise<readonly Claim[]> =>
    (await claimDue(take, request)).claims;
  const claimIds = async (request: Partial<ClaimRequest> = {}) => idsOf(await claim(request));
  const takeDue = (plan: PlanClaim = take, request: Partial<TakeRequest> = {}): Promise<TakeReport> =>
    events.takeDue({ limit: 1_000, leaseMs: LEASE, ...request }, plan);
  const begin = (...claims: readonly ClaimRef[]): Promise<BeginReport> => events.begin(claims.map(refOf), LEASE);
  const beginOne = async (held: ClaimRef) => there((await begin(held)).begun[0]);
  const finish = (held: ClaimRef, outcome: Outcome, attempt?: Attempt, latenessMs?: number) => {
    const made = { ...(attempt && { attempt }), ...(latenessMs !== undefined && { latenessMs }) };
    return events.finish([{ claim: refOf(held), outcome, ...made }]);
  };

  let dueSoFar = 0;
  /** Adds events that are due, the earliest first, all of them behind those that it added before. */
  const addDue = async (count: number, of: Schedule = schedule) => {
    const added = Array.from({ length: count }, () => {
      const ordinal = ++dueSoFar;
      return anEvent(of, at(ordinal * SECOND - HOUR), { ordinal });
    });
    await add(...added);
    return added;
  };
  /** An event that is due, claimed. */
  const claimed = async (of: Schedule = schedule): Promise<ClaimRef> => {
    const [added] = await addDue(1, of);
    return refOf(there((await claim()).find((one) => one.eventId === added?.id)));
  };
  /** An event that is due, claimed and begun. */
  const begun = async (of: Schedule = schedule): Promise<Begun> => beginOne(await claimed(of));

  await change(async ({ destinations, schedules }) => {
    await destinations.add(destination);
    await schedules.add([schedule]);
  });
  return {
    ...{ store, events, at, advance: (ms: number) => store.advance(ms), destination, schedule },
    ...{ change, add, addDue, addSchedule, edit, event, attempts, sentBefore, replace, cancel, move },
    ...{ claimDue, takeDue, claim, claimIds, begin, beginOne, finish, claimed, begun },
  };
}

export function there<T>(one: T | null | undefined): T {
  if (one === null || one === undefined) throw new Error("It is not there");
  return one;
}

/** What names a claim, and nothing else of it. */
function refOf({ eventId, tenant, fence }: ClaimRef): ClaimRef {
  return { eventId, tenant, fence };
}

export function idsOf(things: readonly ({ readonly id: string } | { readonly eventId: string })[]): string[] {
  return things.map((thing) => ("id" in thing ? thing.id : thing.eventId));
}

/** The code of the conflict in which `work` ends; `done` where it ends in none. */
export async function endOf(work: Promise<unknown>): Promise<"done" | ConflictCode> {
  try {
    await work;
    return "done";
  } catch (error) {
    if (error instanceof Conflict) return error.code;
    throw error;
  }
}

/** What `work` throws, whatever it is; null where it throws nothing. */
export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return null;
  } catch (error) {
    return error;
  }
}

/** Lets what has been started get as far as it can, for as long as a few answers of the store take. */
export async function headStart(store: StoreUnderTest): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await store.now();
}
