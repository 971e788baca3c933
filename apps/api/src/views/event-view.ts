import type { Attempt, ScheduledEvent } from "@punctual/core";

export function eventView(event: ScheduledEvent, attempts?: readonly Attempt[]) {
  const { id, scheduleId, type, destinationId, origin, state, reason, dueAt, local, note } = event;
  const { attempt, redrives, latenessMs, createdAt, finishedAt } = event;
  return {
    ...{ id, scheduleId, type, destinationId, origin, state },
    ...(reason !== null && { reason }),
    ...{ dueAt, local },
    ...(note !== null && { note }),
    ...{ attempt, redrives },
    ...(latenessMs !== null && { latenessMs }),
    createdAt,
    ...(finishedAt !== null && { finishedAt }),
    ...(attempts !== undefined && { attempts: attempts.map(attemptView) }),
  };
}

function attemptView({ number, startedAt, durationMs, status, error, detail, timings, responseExcerpt }: Attempt) {
  return {
    ...{ number, startedAt, durationMs },
    ...known({ status, error, detail }),
    ...(timings !== null && { timings: known({ ...timings }) }),
    ...known({ responseExcerpt }),
  };
}

/** The fields that are not null. */
export function known<T extends object>(fields: T): { readonly [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
