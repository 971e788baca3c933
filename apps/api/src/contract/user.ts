import { z } from "zod";
import { id, instant } from "./words.js";

const fields = {
  firstName: z.string().min(1).max(100),
  lastName: z.string().min(1).max(100),
  dateOfBirth: z.string().meta({ examples: ["1990-03-14"] }),
  timezone: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ["Europe/Berlin"] }),
};

const example = { firstName: "Ada", lastName: "Lovelace", dateOfBirth: "1990-12-10", timezone: "Europe/London" };

export const userInput = z.strictObject(fields).meta({ id: "UserInput", examples: [example] });

export const userPatch = z
  .strictObject({
    firstName: fields.firstName.optional(),
    lastName: fields.lastName.optional(),
    dateOfBirth: fields.dateOfBirth.optional(),
    timezone: fields.timezone.optional(),
  })
  .meta({ id: "UserPatch", examples: [{ timezone: "America/New_York" }] });

export const user = z
  .strictObject({
    id,
    ...fields,
    scheduleId: id.describe("The birthday schedule."),
    revision: z.int(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: "User", description: "Greeted on each birthday, at nine in the morning where the user lives." });
