import { z } from "zod";
import { eventState } from "./event.js";
import { operation } from "./operation.js";
import { cursor, id, instant } from "./words.js";

const tag = "Operations";
const desk = ["admin", "service"] as const;

const count = z
  .strictObject({
    count: z.int(),
    atLeast: z.boolean().describe("Whether there may be more: counting ends at 10,000."),
  })
  .meta({ id: "Count" });

const lateness = z
  .strictObject({ p50Ms: z.number(), p95Ms: z.number(), p99Ms: z.number(), maxMs: z.number() })
  .meta({ id: "Lateness", description: "Of the completed among the finished events." });

const stats = z
  .strictObject({
    at: instant,
    open: z.strictObject({
      pending: count.describe("Waiting, those that are parked among them."),
      processing: count,
      parked: count.describe("Waiting for the resume of a schedule."),
      due: count.describe("Their time has come."),
      oldestDueAt: instant.optional().describe("Of those, the due time of the one that waits longest."),
    }),
    finished: z
      .strictObject({
        seconds: z.number().describe("How long the counted ends took: five minutes, or less where there were many."),
        completed: z.int(),
        failed: z.int(),
        cancelled: z.int(),
        skipped: z.int(),
        perSecond: z.number(),
      })
      .describe("The latest ends of the last five minutes, up to 10,000."),
    lateness: lateness.nullable().describe("Null where none was completed."),
    upcoming: z.strictObject({
      perMinute: z
        .array(z.int())
        .max(60)
        .describe("How many fall due in each of the next sixty minutes; those that were not counted are left out."),
      atLeast: z.boolean().describe("Whether counting ended at 10,000: then the last minute may have more."),
    }),
    destinations: z.strictObject({ enabled: count, disabled: count }),
  })
  .meta({ id: "Stats", description: "How the tenant stands." });

const messages = z
  .string()
  .describe(
    "Each event that ends is a message `ended`: `id` says where to go on, and `data` is the event as `GET /v1/events` " +
      "lists it, on one line. Other blocks have an `id` alone.",
  )
  .meta({
    examples: ['id: c3Rh…\nevent: ended\ndata: {"id":"0198c0de-0000-7000-8000-000000000001","state":"COMPLETED"}\n\n'],
  });

/** What is watched while it happens. */
export const watch = {
  stats: operation({
    ...{ id: "stats", method: "get", path: "/v1/stats", tag, access: desk },
    summary: "How many events wait, end and are late, at a cost that does not grow with their number",
    reply: { 200: { description: "As it stands.", schema: stats } },
  }),
  stream: operation({
    ...{ id: "stream", method: "get", path: "/v1/stream", tag, access: desk },
    summary: "Follow events as they end, by server-sent events; resumed by `Last-Event-ID` or `after`",
    query: z.strictObject({
      after: cursor.optional().describe("An `id` of this stream and filter; without it, it begins now."),
      state: z
        .union([eventState, z.array(eventState).max(6)])
        .optional()
        .describe("Given several times, any of them. What is open has not ended."),
      scheduleId: id.optional(),
      destinationId: id.optional(),
    }),
    reply: {
      200: { description: "Messages, for fifteen minutes at most.", schema: messages, type: "text/event-stream" },
    },
  }),
} as const;
