import { z } from "zod";
import { id, instant } from "./words.js";

const fields = {
  kind: z.string().min(1).max(64).optional().describe("`http`, unless an adapter adds another."),
  url: z
    .string()
    .min(1)
    .max(2_048)
    .meta({ examples: ["https://example.com/hooks"] }),
  method: z.enum(["POST", "PUT", "PATCH", "GET", "DELETE"]).optional(),
  headers: z.record(z.string(), z.string().max(4_096)).optional(),
  ratePerSecond: z.int().min(1).max(100_000).optional().describe("Requests that may start within one second."),
  concurrency: z.int().min(1).max(10_000).optional().describe("Requests that may be under way at one time."),
  timeoutMs: z.int().min(100).max(60_000).optional(),
  ackWithinMs: z
    .int()
    .min(1_000)
    .max(604_800_000)
    .optional()
    .describe("How long a 202 may be followed by a signed ack."),
};

/** One that stands in a schedule; equal ones share one destination. */
export const destinationInput = z
  .strictObject(fields)
  .meta({ id: "DestinationInput", examples: [{ url: "https://example.com/hooks" }] });

const secret = z
  .string()
  .max(256)
  .describe("`whsec_` and 24 to 64 bytes in Base64; made for you where you bring none.");

export const newDestination = z
  .strictObject({ ...fields, secret: secret.optional() })
  .meta({ id: "NewDestination", examples: [{ url: "https://example.com/hooks", ratePerSecond: 50 }] });

export const destinationPatch = z
  .strictObject({
    url: fields.url.optional(),
    ...Object.fromEntries(
      Object.entries(fields)
        .filter(([name]) => name !== "url")
        .map(([name, type]) => [name, (type as z.ZodType).nullish()]),
    ),
  })
  .meta({
    id: "DestinationPatch",
    description: "The fields to change; null takes one back to its default (RFC 7396).",
    examples: [{ ratePerSecond: 10 }],
  });

export const destination = z
  .strictObject({
    id,
    kind: z.string(),
    url: z.string(),
    method: z.string(),
    headerNames: z.array(z.string()).describe("Values may be secrets and are not told again."),
    ratePerSecond: z.int().optional(),
    concurrency: z.int().optional(),
    timeoutMs: z.int(),
    ackWithinMs: z.int().optional(),
    enabled: z.boolean(),
    disabledBecause: z.enum(["by_hand", "gone", "failing"]).optional(),
    inline: z.boolean().describe("Made from a URL that stood in a schedule."),
    secrets: z
      .array(z.strictObject({ id: z.string(), createdAt: instant, expiresAt: instant.optional() }))
      .describe("What signs; never the secrets themselves."),
    revision: z.int(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: "Destination" });
