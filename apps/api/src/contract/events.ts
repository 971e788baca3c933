import { z } from "zod";
import { event, eventState, reason } from "./event.js";
import { operation } from "./operation.js";
import { cursor, id, instant, limit, note, pageOf, point, wholeIn } from "./words.js";

const tag = "Events";
const desk = ["admin", "service"] as const;
const everybody = ["admin", "service", "user"] as const;
const params = z.strictObject({ id: z.string() });
const one = { description: "The event.", schema: event } as const;
const noted = z.strictObject({ note: note.optional() }).meta({ id: "EventNote", examples: [{ note: "mended" }] });

const conditions = {
  reason: reason.optional(),
  scheduleId: id.optional(),
  destinationId: id.optional(),
  type: z.string().min(1).max(128).optional(),
  origin: z.enum(["rule", "manual", "callback"]).optional(),
  dueFrom: instant.optional().describe("Due no earlier."),
  dueBefore: instant.optional().describe("Due earlier than; must lie behind `dueFrom`."),
};

interface Range {
  readonly dueFrom?: string | undefined;
  readonly dueBefore?: string | undefined;
}

/** A range that holds nothing is a slip: to call it an empty list would hide that. */
const isRange = ({ dueFrom, dueBefore }: Range) =>
  dueFrom === undefined || dueBefore === undefined || Date.parse(dueFrom) < Date.parse(dueBefore);
const NO_RANGE = {
  path: ["dueBefore"],
  params: { code: "due_before_from", message: "Must lie behind `dueFrom`" },
};

/** What is done to events over HTTP. */
export const events = {
  list: operation({
    ...{ id: "listEvents", method: "get", path: "/v1/events", tag, access: desk },
    summary: "List events, in the order of their due times",
    query: z
      .strictObject({
        limit,
        cursor: cursor.optional(),
        state: z
          .union([eventState, z.array(eventState).max(6)])
          .optional()
          .describe("Given several times, any of them."),
        ...conditions,
        minLatenessMs: wholeIn(0, Number.MAX_SAFE_INTEGER).optional(),
      })
      .refine(isRange, NO_RANGE),
    reply: { 200: { description: "A page of events.", schema: pageOf(event) } },
  }),
  get: operation({
    ...{ id: "getEvent", method: "get", path: "/v1/events/{id}", tag, access: everybody },
    summary: "Read an event with its attempts",
    params,
    reply: { 200: one },
    refusals: [404],
  }),
  cancel: operation({
    ...{ id: "cancelEvent", method: "post", path: "/v1/events/{id}/cancel", tag, access: desk },
    summary: "Take one event out; its series goes on",
    params,
    body: noted,
    bodyOptional: true,
    reply: { 200: one },
    refusals: [404, 409],
  }),
  retry: operation({
    ...{ id: "retryEvent", method: "post", path: "/v1/events/{id}/retry", tag, access: desk },
    summary: "Set a failed event going again, under the same id",
    params,
    body: noted,
    bodyOptional: true,
    reply: { 200: one },
    refusals: [404, 409],
  }),
  reschedule: operation({
    ...{ id: "rescheduleEvent", method: "post", path: "/v1/events/{id}/reschedule", tag, access: desk },
    summary: "Move one event; its series stays where it is",
    params,
    body: z
      .strictObject({ at: point.describe("In the schedule's zone, or an instant."), note: note.optional() })
      .meta({ id: "Reschedule", examples: [{ at: "2027-03-14T10:00:00" }] }),
    reply: { 200: one },
    refusals: [404, 409],
  }),
  acknowledge: operation({
    ...{ id: "acknowledgeEvent", method: "post", path: "/v1/acks/{tenant}/{id}", tag, access: "anybody" },
    summary: "For receivers that answered 202: how it went, signed with the secret that signs their requests",
    params: z.strictObject({ tenant: z.string(), id: z.string() }),
    body: z
      .strictObject({
        attempt: z.int().min(1).describe("`punctual-attempt` of the request."),
        outcome: z.enum(["ack", "nack"]),
        retry: z.boolean().optional().describe("Whether what was not done should be tried again."),
        note: z.string().max(256).optional(),
      })
      .meta({ id: "Acknowledgement" }),
    reply: { 204: { description: "Taken." } },
    refusals: [404, 409],
  }),
  redrive: operation({
    ...{ id: "redriveEvents", method: "post", path: "/v1/events/redrive", tag, access: desk },
    summary: "Set all failed events going again that a filter finds, no more than so many a second",
    body: z
      .strictObject({
        filter: z.strictObject(conditions).refine(isRange, NO_RANGE).describe("At least one condition."),
        perSecond: z.number().min(0.01).max(10_000).default(10),
        note: note.optional(),
      })
      .meta({ id: "Redrive", examples: [{ filter: { type: "report.due" }, perSecond: 20 }] }),
    reply: {
      200: { description: "How many.", schema: z.strictObject({ redriven: z.int() }).meta({ id: "Redriven" }) },
    },
  }),
} as const;
