import { z } from "zod";
import { destinationInput } from "./destination.js";
import { duration, id, instant, local, point, timeZone } from "./words.js";

const time = z.string().meta({ description: "A time of day.", examples: ["09:00", "09:00:30"] });
const localDateTime = z
  .string()
  .max(64)
  .meta({ examples: ["2027-03-14T09:00:00"] });

export const when = z
  .union([
    z.strictObject({ at: point }).describe("One moment."),
    z
      .strictObject({
        yearly: z.strictObject({ month: z.int().min(1).max(12), day: z.int().min(1).max(31), time }),
      })
      .describe("Each year; `leapDay` says what becomes of 29 February."),
    z
      .strictObject({
        cron: z
          .string()
          .min(1)
          .max(256)
          .meta({ examples: ["0 9 * * MON-FRI"] }),
      })
      .describe("Five fields, or six with the seconds first; names, ranges, steps, `L`, `W`, `#`."),
    z
      .strictObject({
        rrule: z
          .string()
          .min(1)
          .max(1_000)
          .meta({ examples: ["FREQ=MONTHLY;BYDAY=-1FR"] }),
        start: localDateTime,
        exdates: z.array(localDateTime).max(1_000).optional(),
        rdates: z.array(localDateTime).max(1_000).optional(),
      })
      .describe("RFC 5545."),
    z.strictObject({ every: duration, start: point }).describe("Elapsed time, whatever the clocks do."),
  ])
  .meta({ id: "When", description: "Exactly one of five forms.", examples: [{ cron: "0 9 * * MON-FRI" }] });

/** When something happens, with all its options. */
export const timingFields = {
  timeZone,
  when,
  gap: z.enum(["shift", "boundary", "skip"]).optional().describe("For a local time that a clock change leaves out."),
  overlap: z.enum(["first", "second", "both"]).optional().describe("For a local time that a clock change repeats."),
  leapDay: z.enum(["feb28", "mar1", "skip"]).optional().describe("For 29 February in other years."),
  from: point.optional(),
  until: point.optional(),
  count: z.int().min(1).max(1_000_000_000).optional().describe("How many events the series has in all."),
  spread: duration.optional().describe("Each event is moved by a repeatable part of it."),
};

const payload = z.unknown().meta({
  description: "Any JSON, up to 256 KiB, sent as `data` exactly as it was written: long numbers keep their digits.",
});

const catchUp = z
  .union([
    z.enum(["latest", "all", "none"]),
    z.strictObject({ policy: z.enum(["latest", "all", "none"]).optional(), within: duration.optional() }),
  ])
  .describe("What becomes of occurrences that were missed while the system was down or the schedule paused.");

const target = z
  .union([z.strictObject({ destinationId: z.string().max(64) }), z.strictObject({ destination: destinationInput })])
  .describe("Who is told.");

const policies = {
  catchUp: catchUp.optional(),
  lateness: z
    .strictObject({ max: duration, then: z.literal("skip").optional() })
    .optional()
    .describe("An event that is later than this is skipped; without it, it is sent however late."),
  ifRunning: z.enum(["start", "skip", "wait"]).optional().describe("While the event before is still being delivered."),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(0).max(200).optional(),
      within: duration.optional(),
      initial: duration.optional(),
      cap: duration.optional(),
    })
    .optional(),
  labels: z.record(z.string(), z.string().min(1).max(256)).optional(),
};

const described = {
  type: z
    .string()
    .min(1)
    .max(128)
    .meta({ examples: ["report.due"] }),
  ...timingFields,
  destinationId: z.string().max(64).optional().describe("Where events go; or else `destination`."),
  destination: destinationInput.optional(),
  onSuccess: target.optional(),
  onFailure: target.optional(),
  payload: payload.optional(),
  ...policies,
};

const example = {
  type: "report.due",
  timeZone: "Europe/Berlin",
  when: { cron: "0 9 * * MON-FRI" },
  destination: { url: "https://example.com/hooks" },
  payload: { report: "sales" },
};

export const scheduleInput = z
  .strictObject({ key: z.string().min(1).max(256).optional().describe("Your own name for it, unique."), ...described })
  .meta({ id: "ScheduleInput", description: "What to send, where and when.", examples: [example] });

/** As `when`, but for what stays as it is. */
const whenPatch = z
  .union([
    z.strictObject({ at: point }),
    z.strictObject({
      yearly: z.strictObject({ month: z.int().min(1).max(12), day: z.int().min(1).max(31), time }).partial(),
    }),
    z.strictObject({ cron: z.string().min(1).max(256) }),
    z.strictObject({
      rrule: z.string().min(1).max(1_000).optional(),
      start: localDateTime.optional(),
      exdates: z.array(localDateTime).max(1_000).nullish(),
      rdates: z.array(localDateTime).max(1_000).nullish(),
    }),
    z.strictObject({ every: duration.optional(), start: point.optional() }),
  ])
  .meta({ id: "WhenPatch", description: "Of the form that it has, the fields to change; or another form, whole." });

const policyPatches = {
  when: whenPatch,
  catchUp: z.union([
    z.enum(["latest", "all", "none"]),
    z.strictObject({ policy: z.enum(["latest", "all", "none"]).nullish(), within: duration.nullish() }),
  ]),
  lateness: z.strictObject({ max: duration.optional(), then: z.literal("skip").nullish() }),
  retry: z.strictObject({
    maxAttempts: z.int().min(0).max(200).nullish(),
    within: duration.nullish(),
    initial: duration.nullish(),
    cap: duration.nullish(),
  }),
  labels: z.record(z.string(), z.string().min(1).max(256).nullable()),
};

const nullable = <T extends Readonly<Record<string, z.ZodType>>>(fields: T) =>
  Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, type.nullish()])) as {
    [K in keyof T]: z.ZodOptional<z.ZodNullable<T[K]>>;
  };

export const schedulePatch = z
  .strictObject(nullable({ key: z.string().min(1).max(256), ...described, ...policyPatches }))
  .meta({
    id: "SchedulePatch",
    description: "The fields to change; null takes one away (RFC 7396).",
    examples: [{ type: "report.ready" }, { retry: { maxAttempts: 3 }, labels: { team: "core", old: null } }],
  });

export const schedule = z
  .strictObject({
    id,
    key: z.string().optional(),
    type: z.string(),
    state: z.enum(["active", "paused", "ended"]),
    ...timingFields,
    gap: timingFields.gap.unwrap(),
    overlap: timingFields.overlap.unwrap(),
    leapDay: timingFields.leapDay.unwrap(),
    destinationId: id,
    onSuccess: z.strictObject({ destinationId: id }).optional(),
    onFailure: z.strictObject({ destinationId: id }).optional(),
    payload,
    catchUp: z.strictObject({ policy: z.enum(["latest", "all", "none"]), within: duration.optional() }),
    lateness: z.strictObject({ max: duration, then: z.literal("skip") }).optional(),
    ifRunning: policies.ifRunning.unwrap(),
    retry: z.strictObject({ maxAttempts: z.int(), within: duration, initial: duration, cap: duration }),
    labels: z.record(z.string(), z.string()),
    userId: id.optional().describe("Whose birthday it is."),
    revision: z.int(),
    nextDueAt: instant.optional().describe("Absent where nothing is ahead, or the schedule is paused."),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: "Schedule" });

export const occurrences = z
  .strictObject({
    items: z.array(
      z.strictObject({
        local,
        dueAt: instant.optional().describe("Absent where this local time is left out."),
        note: z.string().optional().describe("What a clock change or a rule did to it."),
      }),
    ),
    tzdata: z.string().describe("The version of the time zone data."),
  })
  .meta({ id: "Occurrences" });
