import { Conflict, InvalidInput, type Problem, SchedulingError } from "@punctual/core";
import { STATUS_CODES } from "node:http";
import { Unauthenticated } from "../auth/principal.js";
import { Refused } from "./refused.js";

/** An RFC 9457 answer, but for what belongs to the request. */
export interface ProblemReply {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly errors?: readonly Problem[];
  readonly headers: Readonly<Record<string, string>>;
}

const RETRY_AFTER_S = 2;

/** What a caller is told of an error. Of a bug, nothing but that there is one. */
export function problemOf(error: unknown): ProblemReply {
  if (error instanceof Refused) {
    const { status, code, message, errors, headers } = error;
    return reply(status, code, { detail: message, headers, ...(errors.length > 0 && { errors }) });
  }
  if (error instanceof Unauthenticated) {
    return reply(401, "unauthenticated", { detail: error.message, headers: { "www-authenticate": "Bearer" } });
  }
  if (error instanceof InvalidInput) {
    return reply(422, error.code, { detail: "Something in the input is wrong", errors: error.problems });
  }
  if (!(error instanceof SchedulingError)) return reply(500, "internal", { detail: "Something went wrong here" });
  switch (error.family) {
    case "invalid":
      return reply(422, error.code, { detail: error.message });
    case "missing":
      return reply(404, error.code, { detail: error.message });
    case "conflict":
      return reply(isStale(error) ? 412 : 409, error.code, { detail: error.message });
    case "unavailable":
      // Why it is away is for the log.
      return reply(503, error.code, {
        detail: "Something that is needed is away; try again",
        headers: { "retry-after": String(RETRY_AFTER_S) },
      });
  }
}

function isStale(error: SchedulingError): boolean {
  return error instanceof Conflict && error.code === "stale_revision";
}

function reply(status: number, code: string, rest: Partial<ProblemReply>): ProblemReply {
  return { status, code, title: STATUS_CODES[status] ?? "Error", headers: {}, ...rest };
}
