import { echo } from "./input/echo.js";

/** The four ways in which work is stopped. Only `unavailable` is worth trying again. */
export type ErrorFamily = "invalid" | "missing" | "conflict" | "unavailable";

/** What stops the work, for a reason that the caller can act upon. A bug is none of these: it goes up unwrapped. */
export abstract class SchedulingError extends Error {
  abstract readonly family: ErrorFamily;
  /** Public: clients match on it, so it is never renamed. */
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** One thing that is wrong with what was given. `pointer` is a JSON Pointer into it. */
export interface Problem {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** Everything that is wrong with one input, in one answer. */
export class InvalidInput extends SchedulingError {
  readonly family = "invalid";
  readonly code = "invalid_input";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => `${problem.pointer || "/"}: ${problem.message}`).join("; "));
    this.problems = problems;
  }
}

/** A thing that is named but not there, or not the caller's to know of. */
export class NotFound extends SchedulingError {
  readonly family = "missing";
  readonly code: string;
  readonly id: string;
  constructor(kind: "schedule" | "event" | "destination" | "user", id: string) {
    super(`No ${kind} has the id ${echo(id)}`);
    this.code = `${kind}_not_found`;
    this.id = id;
  }
}

export type ConflictCode =
  | "stale_revision"
  | "key_taken"
  | "series_moved"
  | "in_flight"
  | "wrong_state"
  | "destination_in_use"
  | "belongs_to_user"
  | "rotation_under_way"
  | "not_awaited"
  | "no_greetings"
  | "schema_behind"
  | "schema_ahead";

/** The state of things forbids it. */
export class Conflict extends SchedulingError {
  readonly family = "conflict";
  readonly code: ConflictCode;
  constructor(code: ConflictCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type UnavailableCode = "unavailable" | "secret_unreadable" | "key_unreadable";

/** Something outside is away; the same call may succeed later. */
export class Unavailable extends SchedulingError {
  readonly family = "unavailable";
  readonly code: UnavailableCode;
  constructor(message: string, options: { cause?: unknown; code?: UnavailableCode } = {}) {
    super(message, options);
    this.code = options.code ?? "unavailable";
  }
}

/** Whether the same call may succeed later. */
export function isAway(error: unknown): boolean {
  return error instanceof SchedulingError && error.family === "unavailable";
}
