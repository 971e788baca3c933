import { InvalidInput } from "../errors.js";
import { readDestination } from "../destinations/parse-destination.js";
import type { DestinationInput } from "../destinations/parse-destination.js";
import { Fields, utf8Length } from "../input/fields.js";
import type { ZoneRules } from "../ports/zone-rules.js";
import { parseDuration } from "../recurrence/duration.js";
import { readTiming } from "../recurrence/parse-timing.js";
import type { Timing } from "../recurrence/timing.js";
import { DAY } from "../recurrence/wall.js";
import {
  type CatchUp,
  type IfRunning,
  type LatenessLimit,
  type RetryPolicy,
  type Schedule,
  SCHEDULE_DEFAULTS,
} from "./schedule.js";

/** A destination, named or described. */
export type Target = { readonly id: string } | { readonly inline: DestinationInput };

/** Where events go, and who is told of how they ended. */
export interface Targets {
  readonly destination: Target | null;
  readonly onSuccess: Target | null;
  readonly onFailure: Target | null;
}

/** What a caller says of a schedule, checked. */
export interface ScheduleInput extends Targets {
  readonly key: string | null;
  readonly type: string;
  readonly timing: Timing;
  readonly destination: Target;
  readonly payload: string;
  readonly catchUp: CatchUp;
  readonly lateness: LatenessLimit | null;
  readonly ifRunning: IfRunning;
  readonly retry: RetryPolicy;
  readonly labels: Readonly<Record<string, string>>;
}

export const LONGEST_PAYLOAD = 256 * 1024;

/**
 * A schedule as it is written in JSON, without its payload: that is kept as the text it came as, so it is taken out
 * before the rest is parsed, and given here by itself.
 */
export function parseSchedule(input: unknown, payload: string | null, zones: ZoneRules): ScheduleInput {
  const fields = Fields.of(input);
  const timing = readTiming(fields, zones);
  const rest = {
    key: fields.text("key") ?? null,
    type: fields.text("type", { required: true, max: 128 }) ?? "",
    destination: readTarget(fields),
    onSuccess: readCallback(fields, "onSuccess"),
    onFailure: readCallback(fields, "onFailure"),
    payload: readPayload(fields, payload),
    catchUp: readCatchUp(fields),
    lateness: readLateness(fields),
    ifRunning: fields.choice("ifRunning", ["start", "skip", "wait"]) ?? SCHEDULE_DEFAULTS.ifRunning,
    retry: readRetry(fields),
    labels: readLabels(fields),
  };
  fields.refuseUnknown();
  fields.finish();
  if (timing === undefined || rest.destination === undefined) throw new InvalidInput(fields.problems);
  return { ...rest, timing, destination: rest.destination };
}

/** The schedule as a caller would write it: what `parseSchedule` reads back to the same. */
export function scheduleFields(schedule: Schedule): Record<string, unknown> {
  const { key, type, timing, destinationId, onSuccess, onFailure } = schedule;
  const { catchUp, lateness, ifRunning, retry, labels } = schedule;
  return {
    ...(key !== null && { key }),
    type,
    ...timing,
    destinationId,
    ...(onSuccess !== null && { onSuccess: { destinationId: onSuccess } }),
    ...(onFailure !== null && { onFailure: { destinationId: onFailure } }),
    catchUp,
    ...(lateness !== null && { lateness }),
    ifRunning,
    retry,
    labels,
  };
}

/** The destinations that stand in a schedule or in a change of one, as far as they can be read. */
export function targetsIn(input: unknown): Targets {
  const fields = Fields.of(input);
  return {
    destination: readTarget(fields) ?? null,
    onSuccess: readCallback(fields, "onSuccess"),
    onFailure: readCallback(fields, "onFailure"),
  };
}

function readCallback(fields: Fields, name: "onSuccess" | "onFailure"): Target | null {
  const callback = fields.object(name);
  const target = callback === undefined ? undefined : readTarget(callback);
  callback?.refuseUnknown();
  return target ?? null;
}

function readTarget(fields: Fields): Target | undefined {
  const named = fields.has("destinationId");
  if (named === fields.has("destination")) {
    const message = "Must name a destination by `destinationId`, or describe one as `destination`";
    return fields.problem("destinationId", named ? "not_one_form" : "required", message);
  }
  const id = fields.text("destinationId", { max: 64 });
  if (id !== undefined) return { id };
  const inline = fields.object("destination");
  const destination = inline === undefined ? undefined : readDestination(inline, true);
  return destination === undefined ? undefined : { inline: destination };
}

function readPayload(fields: Fields, payload: string | null): string {
  const given = fields.raw("payload");
  const text = payload ?? (given === undefined ? "{}" : jsonOf(given));
  if (text === null) {
    fields.problem("payload", "not_json", "Must be JSON, and not nested too deeply");
    return "";
  }
  if (utf8Length(text) > LONGEST_PAYLOAD) {
    fields.problem("payload", "too_long", `Must have at most ${LONGEST_PAYLOAD} bytes of JSON`);
  }
  return text;
}

/** Null for what cannot be written: deeper nesting can be read than written. */
function jsonOf(value: unknown): string | null {
  try {
    const text: unknown = JSON.stringify(value);
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}

function readCatchUp(fields: Fields): CatchUp {
  const policies = ["latest", "all", "none"] as const;
  if (typeof fields.raw("catchUp") === "string") {
    return { policy: fields.choice("catchUp", policies) ?? SCHEDULE_DEFAULTS.catchUp.policy };
  }
  const catchUp = fields.object("catchUp");
  if (catchUp === undefined) return SCHEDULE_DEFAULTS.catchUp;
  const policy = catchUp.choice("policy", policies) ?? SCHEDULE_DEFAULTS.catchUp.policy;
  const within = readDuration(catchUp, "within", { min: 1_000, max: 3_660 * DAY });
  catchUp.refuseUnknown();
  return { policy, ...(within !== undefined && { within }) };
}

function readLateness(fields: Fields): LatenessLimit | null {
  const lateness = fields.object("lateness");
  if (lateness === undefined) return null;
  const max = readDuration(lateness, "max", { min: 1_000, max: 3_660 * DAY });
  const then = lateness.choice("then", ["skip"]) ?? "skip";
  lateness.refuseUnknown();
  if (!lateness.has("max")) lateness.problem("max", "required", "Is required");
  return max === undefined ? null : { max, then };
}

function readRetry(fields: Fields): RetryPolicy {
  const retry = fields.object("retry");
  if (retry === undefined) return SCHEDULE_DEFAULTS.retry;
  const defaults = SCHEDULE_DEFAULTS.retry;
  const policy = {
    // The first try is one of the attempts, so 0 and 1 both mean: never again.
    maxAttempts: Math.max(1, retry.integer("maxAttempts", { min: 0, max: 200 }) ?? defaults.maxAttempts),
    within: readDuration(retry, "within", { min: 1_000, max: 7 * DAY }) ?? defaults.within,
    initial: readDuration(retry, "initial", { min: 1_000, max: DAY }) ?? defaults.initial,
    cap: readDuration(retry, "cap", { min: 1_000, max: DAY }) ?? defaults.cap,
  };
  retry.refuseUnknown();
  return policy;
}

function readLabels(fields: Fields): Readonly<Record<string, string>> {
  const labels = fields.object("labels");
  if (labels === undefined) return {};
  const names = labels.names;
  if (names.length > MOST_LABELS) fields.problem("labels", "too_many", `Must have at most ${MOST_LABELS} entries`);
  const pairs = names.slice(0, MOST_LABELS).map((name) => [name, labels.text(name, { max: 256 }) ?? ""] as const);
  const bad = names.find((name) => !/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/.test(name));
  if (bad !== undefined)
    fields.problem("labels", "bad_name", "Label names are letters, digits and . _ / -, at most 63");
  return Object.fromEntries(pairs);
}

const MOST_LABELS = 32;

function readDuration(fields: Fields, name: string, range: { min: number; max: number }): string | undefined {
  const text = fields.text(name);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === null) return fields.problem(name, "not_a_duration", "Must be an ISO 8601 duration such as PT1H");
  if (ms < range.min || ms > range.max) return fields.problem(name, "out_of_range", "Is too short or too long");
  return text;
}
