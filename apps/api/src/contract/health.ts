import { z } from "zod";
import { operation } from "./operation.js";
import { cursor, instant, wholeIn } from "./words.js";

const tag = "Operations";
const health = z.strictObject({ status: z.enum(["ok", "away"]) }).meta({ id: "Health" });

const part = z.strictObject({ status: z.enum(["ok", "away"]), note: z.string().optional() });
const report = z
  .strictObject({
    status: z.enum(["ok", "away"]).describe("Whether all parts are."),
    version: z.string(),
    zoneData: z.string().describe("The version of the time zone data that rules are read with."),
    parts: z.record(z.string(), part),
  })
  .meta({ id: "HealthReport" });

export type HealthReport = z.output<typeof report>;

const reconciliation = z
  .strictObject({
    expected: z.int().describe("Occurrences that the rules have in the window."),
    delivered: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    skipped: z.record(z.string(), z.int()).describe("By their reasons."),
    open: z.int(),
    missing: z.array(z.string()).describe("Occurrences of which nothing is known: must be none."),
    unexpected: z.array(z.string()).describe("Events that no rule has: must be none."),
    difference: z.int().describe("0, or something is wrong."),
    nextCursor: z.string().optional().describe("Absent on the last part: the sums of all parts are the whole."),
  })
  .meta({ id: "Reconciliation" });

/** What load balancers, orchestrators and readers ask. */
export const operations = {
  live: operation({
    ...{ id: "live", method: "get", path: "/health/live", tag, access: "anybody" },
    summary: "Whether the process runs; the database is not asked",
    reply: { 200: { description: "It does.", schema: health } },
  }),
  ready: operation({
    ...{ id: "ready", method: "get", path: "/health/ready", tag, access: "anybody" },
    summary: "Whether requests can be served; the database is asked",
    reply: { 200: { description: "They can.", schema: health } },
  }),
  health: operation({
    ...{ id: "health", method: "get", path: "/health", tag, access: ["admin", "service"] },
    summary: "How each part is, and which versions run",
    reply: { 200: { description: "The parts.", schema: report } },
  }),
  reconcile: operation({
    ...{ id: "reconcile", method: "get", path: "/v1/reconcile", tag, access: ["admin", "service"] },
    summary: "What should have happened in a window of time, against what did",
    query: z.strictObject({
      from: instant,
      to: instant,
      limit: wholeIn(1, 5_000).default(1_000).describe("How many schedules at most, up to 5,000."),
      cursor: cursor.optional(),
    }),
    reply: { 200: { description: "The comparison.", schema: reconciliation } },
  }),
  openapi: operation({
    ...{ id: "openapi", method: "get", path: "/openapi.json", tag, access: "anybody" },
    summary: "This document",
    reply: { 200: { description: "OpenAPI 3.1.", schema: z.looseObject({}) } },
  }),
} as const;
