import { Fields, isJsonObject } from "../input/fields.js";
import type { ZoneRules } from "../ports/zone-rules.js";
import { HOUR, parseDate, wallOf } from "../recurrence/wall.js";
import type { User } from "./user.js";

/** What a caller says of a user, checked. */
export type UserInput = Pick<User, "firstName" | "lastName" | "dateOfBirth" | "timezone">;

/** The longest life that is on record is shorter. */
const FIRST_YEAR = 1_900;
const FURTHEST_EAST = 14 * HOUR;

export function parseUser(input: unknown, zones: ZoneRules, now: Date): UserInput {
  const fields = Fields.of(input);
  const user = {
    firstName: fields.text("firstName", { required: true, max: 100 }) ?? "",
    lastName: fields.text("lastName", { required: true, max: 100 }) ?? "",
    dateOfBirth: readBirth(fields, now),
    timezone: readZone(fields, zones),
  };
  fields.refuseUnknown();
  fields.finish();
  return user;
}

/** Throws what is wrong with the fields that a change names; what it leaves out is right already. */
export function checkUserPatch(patch: unknown, zones: ZoneRules, now: Date): void {
  if (isJsonObject(patch)) parseUser({ ...SOMEBODY, ...patch }, zones, now);
}

const SOMEBODY: UserInput = { firstName: "A", lastName: "B", dateOfBirth: "2000-01-01", timezone: "Etc/UTC" };

function readBirth(fields: Fields, now: Date): string {
  const text = fields.text("dateOfBirth", { required: true });
  if (text === undefined) return "";
  const date = parseDate(text);
  if (date === null || date.year < FIRST_YEAR) {
    fields.problem("dateOfBirth", "not_a_date", "Must be a date such as 1990-03-14, from 1900 on");
    return "";
  }
  // Somewhere it is already tomorrow.
  if (wallOf(date.year, date.month, date.day) > now.getTime() + FURTHEST_EAST) {
    fields.problem("dateOfBirth", "in_the_future", "Must not lie in the future");
  }
  return text;
}

function readZone(fields: Fields, zones: ZoneRules): string {
  const name = fields.text("timezone", { required: true, max: 64 });
  if (name === undefined) return "";
  const found = zones.find(name);
  if (found === null) fields.problem("timezone", "unknown_zone", "Must be a name of the IANA time zone list");
  return found ?? "";
}
