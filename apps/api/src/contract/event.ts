import { z } from "zod";
import { id, instant, local } from "./words.js";

export const eventState = z.enum(["PENDING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED"]);

export const reason = z.enum([
  ...(["missed", "too_late", "previous_still_running", "schedule_changed", "cancelled", "schedule_deleted"] as const),
  ...(["rejected", "gone", "attempts_exhausted", "out_of_time", "destination_disabled", "undeliverable"] as const),
]);

export const attempt = z
  .strictObject({
    number: z.int(),
    startedAt: instant,
    durationMs: z.number(),
    status: z.int().optional(),
    error: z.string().optional(),
    detail: z.string().optional(),
    timings: z
      .strictObject({
        dnsMs: z.number().optional(),
        connectMs: z.number().optional(),
        tlsMs: z.number().optional(),
        firstByteMs: z.number().optional(),
      })
      .optional(),
    responseExcerpt: z.string().optional(),
  })
  .meta({ id: "Attempt", description: "One try at delivering an event." });

export const event = z
  .strictObject({
    id,
    scheduleId: id,
    type: z.string(),
    destinationId: id,
    origin: z.enum(["rule", "manual", "callback"]),
    state: eventState,
    reason: reason.optional(),
    dueAt: instant,
    local,
    note: z.string().optional(),
    attempt: z.int().describe("How many attempts have begun since it was made or last redriven."),
    redrives: z.int(),
    latenessMs: z.number().optional(),
    createdAt: instant,
    finishedAt: instant.optional(),
    attempts: z.array(attempt).optional().describe("Only where one event is read."),
  })
  .meta({ id: "Event", description: "One occurrence that will be delivered, or was." });
