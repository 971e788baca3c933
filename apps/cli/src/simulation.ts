import { InvalidInput, newSchedule, parseSchedule, type Schedule, type ZoneRules } from "@punctual/core";
import { createHash } from "node:crypto";
import { problemLine, usage } from "./failure.js";
import { readJson } from "./input.js";

export interface SchedulesOptions {
  readonly path: string;
  readonly zones: ZoneRules;
  readonly now: Date;
}

/** What the API adds to a schedule: a list of it may be simulated as it is. */
const ADDED = ["id", "state", "revision", "nextDueAt", "createdAt", "updatedAt", "userId"];
const MOST_TOLD = 50;

/** The schedules of a file: one object, a list, a page of the API, or one on each line. All that is wrong is told. */
export function schedulesIn(text: string, options: SchedulesOptions): readonly Schedule[] {
  const problems: string[] = [];
  const schedules = valuesIn(text, options.path).flatMap(({ value, where }) => {
    try {
      return [scheduleOf(value, where, options)];
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      problems.push(...error.problems.map((problem) => `${where}: ${problemLine(problem)}`));
      return [];
    }
  });
  if (problems.length === 0) return schedules;
  const more = problems.length - MOST_TOLD;
  const told = problems.slice(0, MOST_TOLD);
  throw usage(`${options.path} is not valid`, more > 0 ? [...told, `and ${more} more`] : told);
}

interface Value {
  readonly value: unknown;
  readonly where: string;
}

function valuesIn(text: string, path: string): readonly Value[] {
  const lines = text.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [{ line, number: index + 1 }]));
  const whole = path.endsWith(".ndjson") || isNdjson(lines.map(({ line }) => line)) ? null : readJson(text, path);
  if (whole === null) {
    return lines.map(({ line, number }) => ({
      value: readJson(line, `line ${number} of ${path}`),
      where: `line ${number}`,
    }));
  }
  const { items } = whole as { readonly items?: unknown };
  const list = Array.isArray(whole) ? whole : Array.isArray(items) ? items : [whole];
  return list.map((value: unknown, index) => ({ value, where: list.length === 1 ? path : `number ${index + 1}` }));
}

/** Several lines, of which the first is whole. */
function isNdjson([first = "", ...others]: readonly string[]): boolean {
  if (others.length === 0) return false;
  try {
    return typeof JSON.parse(first) === "object";
  } catch {
    return false;
  }
}

function scheduleOf(value: unknown, where: string, { zones, now }: SchedulesOptions): Schedule {
  const { id, state, ...rest } = Object(value) as Readonly<Record<string, unknown>>;
  const isObject = typeof value === "object" && value !== null;
  const input = isObject ? Object.fromEntries(Object.entries(rest).filter(([name]) => !ADDED.includes(name))) : value;
  const parsed = parseSchedule(input, null, zones);
  const nowhere = { destinationId: "", onSuccess: null, onFailure: null };
  // A spread follows from the id: one that is not there yet gets the same one each time, if not the one it will have.
  const own = typeof id === "string" && UUID.test(id) ? id : idOf(parsed.key ?? where);
  const schedule = newSchedule(parsed, { id: own, tenant: "main", destinations: nowhere, now });
  return state === "paused" ? { ...schedule, status: "paused" } : schedule;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function idOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
