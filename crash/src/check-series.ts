import { eventIdOf, Recurrence, type ZoneRules } from "@punctual/core";
import { type CaseFile, overlap } from "./case-file.js";
import type { EventRow, KnownSchedule } from "./evidence.js";
import { Verdict } from "./verdict.js";

/** None lost, none doubled, no series broken: the rows are those that the rules have, computed here once more. */
export function checkSeries(file: CaseFile, zones: ZoneRules): readonly Verdict[] {
  const known = new Verdict("what was reported as created is there", "I9");
  const back = new Verdict("what the API does is refused only while the server is down", "F14 F19");
  const there = new Verdict("each occurrence is one row", "R3 I4 I5 I10");
  const place = new Verdict("each is due when its rule says, and counted", "R3 R13");
  const ended = new Verdict("every event has ended", "R2");
  const reasons = new Verdict("it ended as its schedule allows", "I10 R9");

  for (const id of file.evidence.acknowledged) {
    known.check(file.schedule(id) !== undefined, () => `Schedule ${id} was reported as created, and is not there`);
  }
  for (const _ of file.evidence.acknowledged) back.check(true, () => "");
  for (const span of file.evidence.refused) {
    const down = file.evidence.downs.some((one) => overlap(one, span));
    back.check(down, () => `A creation was refused from ${iso(span.from)} to ${iso(span.to)}, with the server there`);
  }
  const recurrence = new Recurrence(zones);
  const expected = new Set<string>();
  for (const schedule of file.evidence.schedules) {
    for (const one of expectedOf(schedule, recurrence)) {
      expected.add(one.id);
      const rows = file.rows(one.id);
      there.check(rows.length === 1, () => `${one.id} (${one.key} of ${schedule.id}) has ${rows.length} rows`);
      for (const { dueAt, ordinal, scheduleId } of rows) {
        const right = dueAt === one.dueAt && ordinal === one.ordinal && scheduleId === schedule.id;
        const should = `${iso(one.dueAt)} and ${one.ordinal}`;
        place.check(right, () => `${one.id} is due at ${iso(dueAt)} as number ${ordinal}, not ${should}`);
      }
    }
  }
  for (const id of file.eventIds) {
    if (!expected.has(id)) there.check(false, () => `${id} is there, and no rule has it`);
    for (const row of file.rows(id)) {
      ended.check(row.where === "history" && TERMINAL.has(row.state), () => `${id} is ${row.where} and ${row.state}`);
      const objection = row.where === "live" ? null : objectionTo(row, file);
      reasons.check(objection === null, () => `${id} is ${row.state} (${row.reason}): ${objection}`);
    }
  }
  return [known, back, there, place, ended, reasons];
}

const TERMINAL: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "CANCELLED", "SKIPPED"]);

interface Expected {
  readonly id: string;
  readonly key: string;
  readonly dueAt: number;
  readonly ordinal: number;
}

function expectedOf(schedule: KnownSchedule, recurrence: Recurrence): readonly Expected[] {
  const { id: scheduleId, timing, history } = schedule;
  const first = history[0]?.first ?? null;
  if (first === null) return [];
  const compiled = recurrence.of(timing);
  const expected: Expected[] = [];
  let one = compiled.after(compiled.instantOf(first) - 1);
  for (let ordinal = 1; one !== null && ordinal <= (timing.count ?? Infinity); ordinal++) {
    const { key } = one;
    expected.push({ id: eventIdOf(scheduleId, key), key, dueAt: compiled.dueAt(scheduleId, one), ordinal });
    one = compiled.after(one.instant);
  }
  return expected;
}

/** Why an ending is wrong; null if it is right. */
function objectionTo({ id, scheduleId, state, reason }: EventRow, file: CaseFile): string | null {
  const schedule = file.schedule(scheduleId);
  if (schedule === undefined) return "it has no schedule";
  const attempts = file.attempts(id);
  const last = attempts.reduce((latest, one) => (one.number > latest.number ? one : latest), attempts[0] ?? NONE);
  switch (`${state} ${reason}`) {
    case "COMPLETED null":
      return null;
    case "FAILED rejected":
      return [302, 400, 404].includes(last.status ?? 0) ? null : `the last answer was ${last.status}`;
    case "FAILED attempts_exhausted": {
      const { maxAttempts } = schedule.retry;
      return attempts.length >= maxAttempts ? null : `it was tried ${attempts.length} times of ${maxAttempts}`;
    }
    case "FAILED out_of_time":
    case "SKIPPED too_late":
      return schedule.lateness === null ? "it may be sent however late" : null;
    case "SKIPPED previous_still_running":
      return schedule.ifRunning === "skip" ? null : `its schedule says ${schedule.ifRunning}`;
    case "SKIPPED missed":
      return schedule.catchUp.policy === "all" ? "its schedule wants all" : null;
    default:
      return "nobody asked for that";
  }
}

const NONE = { number: 0, status: null };

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
