import { Conflict, NotFound, SchedulingError, Unavailable } from "@punctual/core";

/** The constraints that keep a destination from being removed while a schedule uses it. */
export const USES_DESTINATION: ReadonlySet<string> = new Set([
  "schedules_uses_destination_fkey",
  "schedules_uses_on_success_fkey",
  "schedules_uses_on_failure_fkey",
]);

/** What a broken constraint means to the caller; another one is a bug. */
const BROKEN_CONSTRAINTS: Readonly<Record<string, (detail: string) => SchedulingError>> = {
  events_leader: () => new Conflict("series_moved", "Another event leads the series of that schedule already"),
  schedules_key: () => new Conflict("key_taken", "Another schedule has that key"),
  ...Object.fromEntries([...USES_DESTINATION].map((name) => [name, noDestination])),
};

function noDestination(detail: string): SchedulingError {
  return new NotFound("destination", /\)=\(([^)]*)\)/.exec(detail)?.[1] ?? "given");
}

/** SQLSTATE classes and codes of a server that cannot do it now. */
const AWAY: Readonly<Record<string, string>> = {
  "08": "The connection to the database broke",
  "28": "The database refused the user or the password",
  "3D000": "The database does not exist",
  "42P01": "The database has not been migrated: run `punctual migrate up`",
  "42703": "The database has not been migrated: run `punctual migrate up`",
  "25P03": "The database ended a transaction that nobody went on with",
  "25P04": "The database ended a transaction that took too long",
  "25006": "The database is read-only, as one that is no longer the primary",
  "53": "The database has run out of room or connections",
  "53100": "The database's disk is full",
  "53300": "The database has no connection left",
  "55P03": "A lock was not to be had in time",
  "57": "The database is shutting down, or ended the statement",
  "57014": "The database did not answer in time",
  "58": "The database's disk fails",
  XX: "The database is damaged",
};

/** What the driver and the operating system say when there is no server, or no answer. */
const BROKEN =
  /ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENETUNREACH|Connection terminated|timeout exceeded|Query read timeout|Client has encountered a connection error|not queryable/;

/** The error that the core knows for what the database said; a bug goes up as it is. */
export function translated(error: unknown): unknown {
  if (error instanceof SchedulingError) return error;
  const meaning = BROKEN_CONSTRAINTS[constraintOf(error) ?? ""];
  if (meaning !== undefined) return meaning(textOf(error, "detail") ?? "");
  const code = codeOf(error);
  const why = AWAY[code] ?? AWAY[code.slice(0, 2)];
  if (why !== undefined) return new Unavailable(why, { cause: error });
  return isBroken(error) ? new Unavailable("The database cannot be reached", { cause: error }) : error;
}

/** Whether the connection is of no use any more, or may not be: it is closed then. */
export function isBroken(error: unknown): boolean {
  const code = codeOf(error);
  return (
    ["08", "57P", "25006", "25P0"].some((one) => code.startsWith(one)) || BROKEN.test(`${code} ${messageOf(error)}`)
  );
}

/** Whether it had broken, most likely while nobody used it: another connection may do. */
export function isSevered(error: unknown): boolean {
  return isBroken(error) && !/timeout|refused/i.test(messageOf(error));
}

/**
 * Whether the same transaction, run again from its start, may well succeed: others were in its way, or a partition was made
 * for the month that it writes to (23514: no other check is in the schema).
 */
export function isCollision(error: unknown): boolean {
  return ["40001", "40P01", "23514"].includes(codeOf(error));
}

/** Whether a row that the transaction's snapshot did not show may have been the reason. */
export function isRace(error: unknown): boolean {
  return isCollision(error) || ["23505", "23503"].includes(codeOf(error));
}

/** The name of the constraint or unique index that was broken. */
export function constraintOf(error: unknown): string | null {
  return textOf(error, "constraint");
}

function codeOf(error: unknown): string {
  return textOf(error, "code") ?? "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function textOf(error: unknown, name: string): string | null {
  const value: unknown = typeof error === "object" && error !== null ? Reflect.get(error, name) : null;
  return typeof value === "string" ? value : null;
}
