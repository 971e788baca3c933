import { Fields } from "../input/fields.js";
import type { ZoneRules } from "../ports/zone-rules.js";
import { parseCron } from "./cron.js";
import { parseDuration } from "./duration.js";
import { InvalidRule } from "./local-rule.js";
import { parsePoint } from "./point.js";
import { compileTiming } from "./recurrence.js";
import { parseRRule } from "./rrule.js";
import { type Timing, TIMING_DEFAULTS, type When } from "./timing.js";
import { DAY, daysInMonth, parseTimeOfDay, parseWall, SECOND } from "./wall.js";

/** What a rule may be; it is one of them. */
export const WHEN_FORMS = ["at", "yearly", "cron", "rrule", "every"] as const;
/** What stands beside a form. */
const COMPANIONS = ["start", "exdates", "rdates"] as const;
const LONGEST_STEP = 3_660 * DAY;
const LONGEST_SPREAD = 30 * DAY;
const MOST_DATES = 1_000;

/** The timing that an untrusted object states; throws `InvalidInput` naming every field that is wrong. */
export function parseTiming(input: unknown, zones: ZoneRules): Timing {
  const fields = Fields.of(input);
  const timing = readTiming(fields, zones);
  fields.refuseUnknown();
  fields.finish();
  return timing as Timing; // finish threw if anything was wrong
}

/** The timing among the fields of a larger object; undefined, with the problems noted, when something is wrong. */
export function readTiming(fields: Fields, zones: ZoneRules): Timing | undefined {
  const timeZone = readZone(fields, zones);
  const when = readWhen(fields);
  const gap = fields.choice("gap", ["shift", "boundary", "skip"]) ?? TIMING_DEFAULTS.gap;
  const overlap = fields.choice("overlap", ["first", "second", "both"]) ?? TIMING_DEFAULTS.overlap;
  const leapDay = fields.choice("leapDay", ["feb28", "mar1", "skip"]) ?? TIMING_DEFAULTS.leapDay;
  const from = readPoint(fields, "from");
  const until = readPoint(fields, "until");
  const count = fields.integer("count", { min: 1, max: 1_000_000_000 });
  const spread = readSpread(fields);
  if (fields.failed || timeZone === undefined || when === undefined) return undefined;

  const timing: Timing = {
    timeZone,
    when,
    gap,
    overlap,
    leapDay,
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(count !== undefined && { count }),
    ...(spread !== undefined && { spread }),
  };
  const series = compileTiming(timing, zones);
  if (series.from > series.until) return fields.problem("until", "until_before_from", "Must not lie before `from`");
  if (series.after(-Infinity) === null) {
    return fields.problem("when", "never", "Matches no moment at all, within its bounds and options");
  }
  return timing;
}

function readZone(fields: Fields, zones: ZoneRules): string | undefined {
  const name = fields.text("timeZone", { required: true, max: 64 });
  if (name === undefined) return undefined;
  const message = `Must be a name of the IANA time zone list, as Europe/Berlin is, not ${JSON.stringify(name)}`;
  return zones.find(name) ?? fields.problem("timeZone", "unknown_zone", message);
}

function readPoint(fields: Fields, name: string): string | undefined {
  const text = fields.text(name);
  if (text === undefined || parsePoint(text) !== null) return text;
  return fields.problem(name, "not_a_date_time", "Must be a date-time such as 2027-03-14T09:00:00, from 1970 to 9999");
}

function readSpread(fields: Fields): string | undefined {
  const text = fields.text("spread");
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === null) return fields.problem("spread", "not_a_duration", "Must be an ISO 8601 duration such as PT10M");
  if (ms < SECOND || ms > LONGEST_SPREAD) return fields.problem("spread", "out_of_range", "Must be from PT1S to P30D");
  return text;
}

function readWhen(fields: Fields): When | undefined {
  if (!fields.has("when")) return fields.problem("when", "required", "Is required");
  const when = fields.object("when");
  if (when === undefined) return undefined;
  const given = WHEN_FORMS.filter((form) => when.has(form));
  const [form] = given;
  if (form === undefined || given.length > 1) {
    const found = given.length === 0 ? "none" : given.join(" and ");
    fields.problem("when", "not_one_form", `Must have exactly one of ${WHEN_FORMS.join(", ")}; it has ${found}`);
    for (const name of COMPANIONS) when.has(name);
    when.refuseUnknown();
    return undefined;
  }
  const read = { at: readAt, yearly: readYearly, cron: readCron, rrule: readRRule, every: readEvery }[form](when);
  when.refuseUnknown();
  return read;
}

function readAt(when: Fields): When | undefined {
  const at = readPoint(when, "at");
  return at === undefined ? undefined : { at };
}

function readYearly(when: Fields): When | undefined {
  const yearly = when.object("yearly");
  if (yearly === undefined) return undefined;
  const month = yearly.integer("month", { min: 1, max: 12, required: true });
  const day = yearly.integer("day", { min: 1, max: 31, required: true });
  const time = readTime(yearly);
  yearly.refuseUnknown();
  if (month === undefined || day === undefined || time === undefined) return undefined;
  if (day > daysInMonth(2000, month)) {
    return yearly.problem("day", "no_such_day", `Month ${month} has ${daysInMonth(2000, month)} days at most`);
  }
  return { yearly: { month, day, time } };
}

function readTime(fields: Fields): string | undefined {
  const time = fields.text("time", { required: true });
  if (time === undefined || parseTimeOfDay(time) !== null) return time;
  return fields.problem("time", "not_a_time", "Must be a time of day such as 09:00 or 09:00:30");
}

function readCron(when: Fields): When | undefined {
  const cron = when.text("cron", { max: 256 });
  if (cron === undefined) return undefined;
  return attempt(when, "cron", cron, () => (parseCron(cron), { cron }));
}

function readRRule(when: Fields): When | undefined {
  const rrule = when.text("rrule", { max: 1_000 });
  const start = readWallText(when, "start", when.text("start", { required: true }));
  const exdates = readDates(when, "exdates");
  const rdates = readDates(when, "rdates");
  if (rrule === undefined || start === undefined) return undefined;
  const rule = { rrule, start, ...(exdates !== undefined && { exdates }), ...(rdates !== undefined && { rdates }) };
  return attempt(when, "rrule", rrule, () => (parseRRule({ rrule, start: parseWall(start) ?? 0 }), rule));
}

function readDates(when: Fields, name: string): readonly string[] | undefined {
  const dates = when.list(name, MOST_DATES);
  if (dates === undefined) return undefined;
  return dates.flatMap((date, index) => {
    if (typeof date === "string") return readWallText(when, [name, index], date) ?? [];
    when.problem([name, index], "not_text", "Must be text");
    return [];
  });
}

function readWallText(
  fields: Fields,
  path: string | readonly (string | number)[],
  text: string | undefined,
): string | undefined {
  if (text === undefined || parseWall(text) !== null) return text;
  const message = "Must be a local date-time without offset, such as 2027-03-14T09:00:00, from 1970 to 9999";
  return fields.problem(path, "not_a_local_date_time", message);
}

function readEvery(when: Fields): When | undefined {
  const every = when.text("every");
  const start =
    readPoint(when, "start") ?? (when.has("start") ? undefined : when.problem("start", "required", "Is required"));
  if (every === undefined || start === undefined) return undefined;
  const step = parseDuration(every);
  if (step === null) return when.problem("every", "not_a_duration", "Must be an ISO 8601 duration such as PT15M");
  if (step < SECOND || step > LONGEST_STEP || step % SECOND !== 0) {
    return when.problem("every", "out_of_range", "Must be whole seconds, from PT1S to P3660D");
  }
  return { every, start };
}

/** Messages name what is wrong in the text's own words, so those about a long text are cut short. */
const LONGEST_ECHO = 100;

function attempt<T>(fields: Fields, name: string, text: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidRule)) throw error;
    const { code, message } = error;
    const short = text.length <= LONGEST_ECHO || message.length <= LONGEST_ECHO;
    return fields.problem(name, code, short ? message : `${message.slice(0, LONGEST_ECHO).toWellFormed()}…`);
  }
}
