import type { CaseFile } from "./case-file.js";
import type { AttemptRow, SeenRequest } from "./evidence.js";
import { nameOf } from "./orders.js";
import { Verdict } from "./verdict.js";

export interface RequestCounts {
  /** Requests that were not the first of their event, by what became of the attempt before. */
  duplicatesAfterUnknown: number;
  duplicatesAfterFailure: number;
  /** Sent by a process that was stopped after its last look at its lease. No check inside a process can prevent these. */
  sentByStopped: number;
}

/** What receivers saw, against what is on record. */
export function checkRequests(file: CaseFile): { verdicts: readonly Verdict[]; counts: RequestCounts } {
  const verdicts: Requests = {
    completed: new Verdict("COMPLETED if and only if a recorded attempt got a 2xx", "R6"),
    recorded: new Verdict("each request is an attempt on record, and each answer", "R10 E4"),
    same: new Verdict("one body for all requests of an event", "R5 E3"),
    early: new Verdict("no request before its event is due", "R1"),
    again: new Verdict("no request after a recorded 2xx", "R5"),
    held: new Verdict("no request but under a lease that was begun and runs", "R4 R7"),
  };
  const counts = { duplicatesAfterUnknown: 0, duplicatesAfterFailure: 0, sentByStopped: 0 };
  const ids = new Set([...file.eventIds, ...file.requestedIds]);
  for (const eventId of ids) {
    checkAnswers(eventId, file, verdicts);
    checkDuplicates(eventId, file, verdicts, counts);
    for (const request of file.requests(eventId)) checkRequest(request, file, verdicts, counts);
  }
  return { verdicts: Object.values(verdicts), counts };
}

interface Requests {
  readonly completed: Verdict;
  readonly recorded: Verdict;
  readonly same: Verdict;
  readonly early: Verdict;
  readonly again: Verdict;
  readonly held: Verdict;
}

function checkAnswers(eventId: string, file: CaseFile, { completed, recorded }: Requests): void {
  const requests = file.requests(eventId);
  const attempts = file.attempts(eventId);
  const given = (attempt: AttemptRow) => requests.find((one) => one.attempt === attempt.number)?.status ?? null;
  const numbers = new Set(attempts.map(({ number }) => number));
  recorded.check(numbers.size === attempts.length, () => `${eventId} has two attempts of one number`);
  for (const attempt of attempts) {
    if (attempt.status === null) continue;
    const was = given(attempt);
    recorded.check(
      was === attempt.status,
      () => `${eventId} records a ${attempt.status} for attempt ${attempt.number}, which got ${was ?? "no answer"}`,
    );
  }
  const succeeded = attempts.some((attempt) => isSuccess(attempt.status) && isSuccess(given(attempt)));
  for (const { where, state } of file.rows(eventId)) {
    const says = where === "history" && state === "COMPLETED";
    completed.check(says === succeeded, () =>
      says ? `${eventId} is COMPLETED, and no recorded attempt got a 2xx` : `${eventId} got a 2xx, and is ${state}`,
    );
  }
}

function checkDuplicates(eventId: string, file: CaseFile, verdicts: Requests, counts: RequestCounts): void {
  const { recorded, same, again } = verdicts;
  const requests = file.requests(eventId).toSorted((one, two) => one.attempt - two.attempt);
  const attempts = new Map(file.attempts(eventId).map((attempt) => [attempt.number, attempt]));
  for (const [index, { attempt, bodyHash }] of requests.entries()) {
    const before = requests[index - 1];
    if (before === undefined) continue;
    recorded.check(before.attempt !== attempt, () => `${eventId} was received twice as attempt ${attempt}`);
    same.check(before.bodyHash === bodyHash, () => `${eventId} had another body in attempt ${attempt}`);
    const earlier = requests.slice(0, index).map((one) => attempts.get(one.attempt));
    again.check(
      !earlier.some((one) => isSuccess(one?.status ?? null)),
      () => `${eventId} was sent again, as attempt ${attempt}, after a recorded 2xx`,
    );
    if (attempts.get(before.attempt)?.error === "unknown") counts.duplicatesAfterUnknown++;
    else counts.duplicatesAfterFailure++;
  }
}

function checkRequest(request: SeenRequest, file: CaseFile, verdicts: Requests, counts: RequestCounts): void {
  const { recorded, same, early, held } = verdicts;
  const { eventId, attempt, victim, sentAt, at, dueAt } = request;
  const who = nameOf(victim);
  const name = `${eventId}, attempt ${attempt} by ${who}`;
  const known = file.attempts(eventId).some(({ number }) => number === attempt);
  recorded.check(known, () => `${name} was received, and is not on record`);
  const due = file.rows(eventId)[0]?.dueAt;
  same.check(due === dueAt, () => `${name} says it is due at ${dueAt}, not ${due}`);
  early.check(Math.min(sentAt, at) >= dueAt, () => `${name} came ${dueAt - Math.min(sentAt, at)} ms early`);

  const changes = file.audit(eventId);
  const begun = changes.findIndex(({ who: by, before, after }) => {
    if (by !== who || before === null || after === null || after.attemptsMade !== attempt - 1) return false;
    // A claim that begins at once may find an attempt under way that nothing was heard of.
    return after.begunAt !== null && (before.begunAt === null || after.fence > before.fence);
  });
  const begin = changes[begun];
  held.check(begin !== undefined, () => `${name} was sent, and had not begun`);
  if (begin === undefined) return;
  const over = changes
    .slice(begun + 1)
    .find(({ before, after }) => after === null || (before !== null && after.fence > before.fence));
  if (over === undefined || over.at >= sentAt) return held.check(true, () => "");
  const stopped = file.wasStopped(who, { from: begin.at, to: sentAt });
  if (stopped) counts.sentByStopped++;
  held.check(stopped, () => `${name} was sent ${Math.round(sentAt - over.at)} ms after ${over.who} had taken over`);
}

function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status <= 299;
}
