import type { Attempt, ScheduledEvent } from "../../../src/events/event.js";
import { SeededRng } from "../../../src/memory/chance.js";
import { MemorySignatures } from "../../../src/memory/signatures.js";
import { MemoryVault } from "../../../src/memory/vault.js";
import type { Failpoint } from "../../../src/ports/failpoints.js";
import { AcknowledgeEvent } from "../../../src/usecases/acknowledge-event.js";
import { CancelEvent } from "../../../src/usecases/cancel-event.js";
import { ChangeDestination } from "../../../src/usecases/change-destination.js";
import { ChangeSchedule } from "../../../src/usecases/change-schedule.js";
import { ChangeUser } from "../../../src/usecases/change-user.js";
import { CreateDestination } from "../../../src/usecases/create-destination.js";
import { CreateSchedule } from "../../../src/usecases/create-schedule.js";
import { CreateUser } from "../../../src/usecases/create-user.js";
import { DeleteSchedule } from "../../../src/usecases/delete-schedule.js";
import { DeleteUser } from "../../../src/usecases/delete-user.js";
import { DisableDestination } from "../../../src/usecases/disable-destination.js";
import { DeleteDestination } from "../../../src/usecases/delete-destination.js";
import { EnableDestination } from "../../../src/usecases/enable-destination.js";
import { ImportSchedules } from "../../../src/usecases/import-schedules.js";
import { PauseSchedule } from "../../../src/usecases/pause-schedule.js";
import { PutSchedule } from "../../../src/usecases/put-schedule.js";
import { Reconcile } from "../../../src/usecases/reconcile.js";
import { RedriveEvents } from "../../../src/usecases/redrive-events.js";
import { RescheduleEvent } from "../../../src/usecases/reschedule-event.js";
import { ResumeSchedule } from "../../../src/usecases/resume-schedule.js";
import { RotateSecret } from "../../../src/usecases/rotate-secret.js";
import { RunSchedule } from "../../../src/usecases/run-schedule.js";
import { TestDestination } from "../../../src/usecases/test-destination.js";
import type { Schedule } from "../../../src/schedules/schedule.js";
import { platform, type PlatformOptions, TENANT, URL } from "../../support/platform.js";

export { TENANT, URL };

/** Who is at the desk. */
export const BY = { tenant: TENANT, actor: "ada" };

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Places between claim and begin: the event is claimed, its request is not under way yet. */
export const BEFORE_BEGIN = [
  "claim.after_commit",
  "publish.before",
  "publish.after_ack",
  "consume.after_receive",
] as const satisfies readonly Failpoint[];

/** Places between begin and finish: its worker is at it. */
export const UNDER_WAY = [
  "attempt.after_begin",
  "http.before_write",
  "http.after_response",
] as const satisfies readonly Failpoint[];

/** The platform with a desk in front: whatever a caller can ask of it. */
export function scene(start: string, options?: PlatformOptions) {
  const system = platform(start, options);
  const { unitOfWork, recurrence, ids, senders, tables, failpoints, clock } = system;
  const vault = new MemoryVault(new SeededRng(11));
  const signatures = new MemorySignatures(vault);
  const stores = { unitOfWork, recurrence, ids, clock };
  const deps = { ...stores, senders, vault, signatures, gate: system.gate, rng: system.rng };
  const greetings = {
    inline: { kind: "http", url: URL, method: "POST", headers: {}, timeoutMs: 10_000, ...UNLIMITED },
  };
  const desk = {
    createSchedule: new CreateSchedule(deps),
    putSchedule: new PutSchedule(deps),
    changeSchedule: new ChangeSchedule(deps),
    pauseSchedule: new PauseSchedule(deps),
    resumeSchedule: new ResumeSchedule(deps),
    deleteSchedule: new DeleteSchedule(deps),
    runSchedule: new RunSchedule(deps),
    importSchedules: new ImportSchedules(deps),
    acknowledgeEvent: new AcknowledgeEvent(deps),
    cancelEvent: new CancelEvent(deps),
    rescheduleEvent: new RescheduleEvent(deps),
    redriveEvents: new RedriveEvents(deps),
    createDestination: new CreateDestination(deps),
    changeDestination: new ChangeDestination(deps),
    rotateSecret: new RotateSecret(deps),
    testDestination: new TestDestination(deps),
    deleteDestination: new DeleteDestination(deps),
    disableDestination: new DisableDestination(deps),
    enableDestination: new EnableDestination(deps),
    createUser: new CreateUser({ ...deps, greetings }),
    changeUser: new ChangeUser(deps),
    deleteUser: new DeleteUser(deps),
    reconcile: new Reconcile(deps),
  };
  system.answer(() => ({ status: 200 }));

  const eventsOf = (scheduleId: string): readonly ScheduledEvent[] =>
    [...tables.eventsOf(scheduleId)].sort((one, two) => one.dueAt.getTime() - two.dueAt.getTime());
  return {
    ...desk,
    ...{ system, tables, clock, unitOfWork, recurrence, ids },
    ...{ up: system.up, down: system.down, pass: system.pass, passTo: system.passTo, answer: system.answer },
    received: () => system.received,
    deliveredAt: () => system.deliveredAt,
    bodies: () => system.sender.received.map(({ request }) => request.body),
    /** A schedule of reports in UTC, but for what the fields say. */
    schedule: async (fields: Record<string, unknown>, payload?: string): Promise<Schedule> => {
      const destination = fields.destinationId === undefined ? { destination: { url: URL } } : {};
      const input = { type: "report", timeZone: "Etc/UTC", ...destination, ...fields };
      const text = payload === undefined ? {} : { payload };
      return (await desk.createSchedule.run({ tenant: TENANT, input, ...text })).schedule;
    },
    eventsOf,
    vault,
    /** The first of its events, as it is now. */
    firstOf: (scheduleId: string): ScheduledEvent => {
      const [first] = eventsOf(scheduleId);
      if (first === undefined) throw new Error(`Schedule ${scheduleId} has no event`);
      return first;
    },
    leaderOf: (scheduleId: string): ScheduledEvent | null => tables.leader(scheduleId),
    /** What became of its events: `2027-01-01T09:00 COMPLETED`, with the reason where there is one. */
    story: (scheduleId: string): readonly string[] =>
      eventsOf(scheduleId).map(({ local, state, reason }) =>
        [local.dateTime.slice(0, 16), state, ...(reason === null ? [] : [reason])].join(" "),
      ),
    attemptsOf: (eventId: string): readonly Attempt[] => tables.attempts.get(eventId) ?? [],
    audited: () => tables.audit.map(({ action }) => action),
    /** Does something the next time that a place is passed with an event in hand, and only then. */
    when: (place: Failpoint, act: () => Promise<unknown>): void =>
      failpoints.arm(place, async () => {
        if (!system.states().includes("PROCESSING")) return;
        failpoints.disarm(place);
        await act();
      }),
    /** What the proof finds between two days, up to now. */
    proof: async (from = "2020-01-01", to = "2090-01-01") => {
      const { reconcile } = desk;
      return reconcile.run({ tenant: TENANT, from: new Date(from), to: new Date(to) });
    },
  };
}

const UNLIMITED = { ratePerSecond: null, concurrency: null, ackWithinMs: null } as const;

/** The error that a promise ends in. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail");
}

/** What an error says to a machine: its code, and the pointers and codes of what was wrong. */
export async function codesOf(promise: Promise<unknown>): Promise<readonly string[]> {
  const error = (await failureOf(promise)) as { code: string; problems?: readonly { pointer: string; code: string }[] };
  return error.problems?.map(({ pointer, code }) => `${pointer} ${code}`) ?? [error.code];
}
