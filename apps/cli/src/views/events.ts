import type { events } from "@punctual/api/contract";
import type { AnswerOf } from "../api/read-answer.js";
import { factsOf, tableOf } from "../table.js";
import type { Terminal } from "../terminal.js";

type Event = AnswerOf<(typeof events)["get"]>;

export function eventTable(items: readonly Event[], terminal: Terminal): string {
  const rows = items.map((one) => [
    ...[one.id, one.type, one.state, one.reason, one.dueAt, localText(one), one.attempt, late(one)],
  ]);
  return tableOf(["ID", "TYPE", "STATE", "REASON", "DUE", "LOCAL", "ATTEMPT", "LATE"], rows, terminal);
}

export function eventFacts(one: Event, terminal: Terminal): string {
  const facts = factsOf(
    {
      ...{ id: one.id, schedule: one.scheduleId, type: one.type, destination: one.destinationId, origin: one.origin },
      state: [one.state, one.reason].filter((part) => part !== undefined).join(", "),
      due: one.dueAt,
      local: localText(one),
      note: one.note,
      attempts: one.attempt,
      redrives: one.redrives === 0 ? undefined : one.redrives,
      late: late(one),
      finished: one.finishedAt,
    },
    terminal,
  );
  const attempts = one.attempts ?? [];
  if (attempts.length === 0) return facts;
  const rows = attempts.map(({ number, startedAt, durationMs, status, error, detail }) => [
    ...[number, startedAt, `${Math.round(durationMs)} ms`, status, error, detail],
  ]);
  return `${facts}\n\n${tableOf(["#", "STARTED", "TOOK", "STATUS", "ERROR", "DETAIL"], rows, terminal)}`;
}

function localText({ local: { dateTime, offset, timeZone } }: Event): string {
  return `${dateTime}${offset} ${timeZone}`;
}

function late({ latenessMs }: Event): string | undefined {
  return latenessMs === undefined ? undefined : `${Math.round(latenessMs)} ms`;
}
