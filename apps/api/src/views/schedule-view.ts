import { type Schedule, scheduleFields } from "@punctual/core";
import { RawJson } from "../http/reply.js";

/** A schedule as it is told; `nextDueAt` is of its earliest open event. */
export function scheduleView(schedule: Schedule, nextDueAt: Date | null) {
  const { id, status, payload, userId, revision, createdAt, updatedAt } = schedule;
  const paused = status === "paused";
  return {
    id,
    ...scheduleFields(schedule),
    state: paused ? "paused" : nextDueAt === null ? "ended" : "active",
    payload: new RawJson(payload),
    ...(userId !== null && { userId }),
    revision,
    ...(nextDueAt !== null && !paused && { nextDueAt }),
    createdAt,
    updatedAt,
  };
}
