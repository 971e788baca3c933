import { z } from "zod";

/** The small things that many schemas are made of. */

export const id = z
  .uuid()
  .meta({ id: "Id", description: "Made by Punctual.", examples: ["0198c0de-0000-7000-8000-000000000001"] });

const EARLIEST = Date.parse("1970-01-01T00:00:00Z");
const LATEST = Date.parse("9999-12-31T23:59:59.999Z");

export const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => !(Date.parse(text) < EARLIEST || Date.parse(text) > LATEST), {
    params: { code: "out_of_range", message: "Must lie between 1970 and 9999" },
  })
  .meta({ id: "Instant", description: "An instant, RFC 3339.", examples: ["2027-03-14T09:00:00Z"] });

export const duration = z
  .string()
  .max(64)
  .meta({ id: "Duration", description: "An ISO 8601 duration.", examples: ["PT15M", "P1D"] });

/** A local date-time, or an instant where it has an offset. */
export const point = z
  .string()
  .max(64)
  .meta({
    id: "Point",
    description: "A local date-time; with an offset or `Z`, an instant.",
    examples: ["2027-03-14T09:00:00"],
  });

export const timeZone = z
  .string()
  .min(1)
  .max(64)
  .meta({ id: "TimeZone", description: "A name of the IANA time zone list.", examples: ["Europe/Berlin"] });

/** It is kept, and a database takes neither NUL nor half of a surrogate pair. */
export const note = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), {
    params: { code: "control_characters", message: "Must not contain control characters" },
  })
  .describe("Why; it is kept in the audit log.");

export const local = z
  .strictObject({
    dateTime: z.string().meta({ examples: ["2027-03-14T09:00:00"] }),
    timeZone,
    offset: z.string().meta({ examples: ["+01:00"] }),
    fold: z
      .union([z.literal(0), z.literal(1)])
      .describe("1 for the second pass of an hour that a clock change repeats."),
  })
  .meta({ id: "LocalTime", description: "What the clock on the wall shows." });

/** A whole number in a query, in digits: what `Number` reads beside them is a slip. */
export const wholeIn = (least: number, most: number) =>
  z.preprocess(
    (text) => (typeof text === "string" && /^(\d+|-[1-9]\d*)$/.test(text) ? Number(text) : text),
    z.int().min(least).max(most),
  );

export const limit = wholeIn(1, 200).default(50).describe("How many at most, up to 200.");
export const cursor = z
  .string()
  .min(1)
  .max(1_024)
  .describe("`nextCursor` of the page before. It fits that list and filter alone.");

/** A page of a list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().optional().describe("Absent on the last page.") });
