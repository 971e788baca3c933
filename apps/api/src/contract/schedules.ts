import { z } from "zod";
import { event } from "./event.js";
import { importLine } from "./import.js";
import { operation } from "./operation.js";
import { occurrences, schedule, scheduleInput, schedulePatch, timingFields } from "./schedule.js";
import { cursor, id, instant, limit, note, pageOf, timeZone, wholeIn } from "./words.js";

const tag = "Schedules";
const desk = ["admin", "service"] as const;
const everybody = ["admin", "service", "user"] as const;
const params = z.strictObject({ id: z.string() });
const noted = z.strictObject({ note: note.optional() }).meta({ id: "Note", examples: [{ note: "holidays" }] });
const one = { description: "The schedule.", schema: schedule, headers: ["etag"] } as const;

/** What is done to schedules over HTTP. */
export const schedules = {
  create: operation({
    ...{ id: "createSchedule", method: "post", path: "/v1/schedules", tag, access: desk },
    summary: "Make a schedule",
    body: scheduleInput,
    idempotent: true,
    reply: { 201: { ...one, headers: ["etag", "location"] } },
    refusals: [409],
  }),
  list: operation({
    ...{ id: "listSchedules", method: "get", path: "/v1/schedules", tag, access: desk },
    summary: "List schedules, in the order in which they were made",
    query: z.strictObject({
      limit,
      cursor: cursor.optional(),
      type: z.string().min(1).max(128).optional(),
      destinationId: id.optional(),
      timeZone: timeZone.optional(),
      status: z.enum(["active", "paused"]).optional().describe("By what is read back as `state`."),
      label: z
        .union([z.string(), z.array(z.string()).max(32)])
        .optional()
        .describe("`name:value`; given several times, all must be so."),
    }),
    reply: { 200: { description: "A page of schedules.", schema: pageOf(schedule) } },
  }),
  get: operation({
    ...{ id: "getSchedule", method: "get", path: "/v1/schedules/{id}", tag, access: everybody },
    summary: "Read a schedule",
    params,
    reply: { 200: one },
    refusals: [404],
  }),
  change: operation({
    ...{ id: "changeSchedule", method: "patch", path: "/v1/schedules/{id}", tag, access: desk },
    summary: "Change a schedule; what is not yet sent follows the change",
    params,
    body: schedulePatch,
    ifMatch: true,
    reply: { 200: one },
    refusals: [404, 409, 412],
  }),
  remove: operation({
    ...{ id: "deleteSchedule", method: "delete", path: "/v1/schedules/{id}", tag, access: desk },
    summary: "End a schedule; its open events are cancelled",
    params,
    ifMatch: true,
    reply: { 204: { description: "It is gone." } },
    refusals: [404, 409, 412],
  }),
  put: operation({
    ...{ id: "putSchedule", method: "put", path: "/v1/schedules/by-key/{key}", tag, access: desk },
    summary: "Make the schedule of your own key what it should be",
    params: z.strictObject({ key: z.string().min(1).max(256) }),
    body: scheduleInput,
    reply: { 200: one, 201: { ...one, description: "It was made.", headers: ["etag", "location"] } },
    refusals: [409],
  }),
  import: operation({
    ...{ id: "importSchedules", method: "post", path: "/v1/schedules/import", tag, access: desk },
    summary: "Make a schedule of each line; what is wrong is told, the rest is kept",
    body: scheduleInput,
    lines: true,
    reply: { 200: { description: "What became of it.", schema: importLine, type: "application/x-ndjson" } },
  }),
  pause: operation({
    ...{ id: "pauseSchedule", method: "post", path: "/v1/schedules/{id}/pause", tag, access: desk },
    summary: "Hold a schedule: nothing of it is sent until it is resumed",
    params,
    body: noted,
    bodyOptional: true,
    reply: { 200: one },
    refusals: [404],
  }),
  resume: operation({
    ...{ id: "resumeSchedule", method: "post", path: "/v1/schedules/{id}/resume", tag, access: desk },
    summary: "Let a schedule go on",
    params,
    body: noted,
    bodyOptional: true,
    reply: { 200: one },
    refusals: [404],
  }),
  run: operation({
    ...{ id: "runSchedule", method: "post", path: "/v1/schedules/{id}/run", tag, access: desk },
    summary: "Send its request now, beside its series",
    params,
    body: noted,
    bodyOptional: true,
    idempotent: true,
    reply: { 202: { description: "The event that is sent.", schema: event, headers: ["location"] } },
    refusals: [404, 409],
  }),
  occurrences: operation({
    ...{ id: "listOccurrences", method: "get", path: "/v1/schedules/{id}/occurrences", tag, access: everybody },
    summary: "What a schedule will do",
    params,
    query: z.strictObject({
      after: instant.optional(),
      count: wholeIn(1, 1_000).default(10),
    }),
    reply: { 200: { description: "Its next occurrences.", schema: occurrences } },
    refusals: [404],
  }),
  preview: operation({
    ...{ id: "previewOccurrences", method: "post", path: "/v1/occurrences/preview", tag, access: everybody },
    summary: "What a schedule would do: nothing is stored",
    body: z.strictObject({ ...timingFields, after: instant.optional() }).meta({
      id: "PreviewInput",
      examples: [{ timeZone: "Europe/Berlin", when: { cron: "30 2 * * *" }, count: 3, after: "2027-03-27T00:00:00Z" }],
    }),
    reply: { 200: { description: "Its next occurrences.", schema: occurrences } },
  }),
} as const;
