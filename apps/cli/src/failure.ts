import { InvalidInput, SchedulingError } from "@punctual/core";
import { EXIT, type ExitCode } from "./exit-codes.js";

/** Why a command ends without having done what was asked, in words for whoever asked. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  /** More of it, a line each. */
  readonly details: readonly string[];

  constructor(exitCode: ExitCode, message: string, details: readonly string[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}

export function usage(message: string, details: readonly string[] = []): Failure {
  return new Failure(EXIT.usage, message, details);
}

/** Ends a command whose output has said all there is to say. */
export class Unfinished extends Failure {
  constructor() {
    super(EXIT.failure, "");
  }
}

export class Interrupted extends Failure {
  constructor() {
    super(EXIT.interrupted, "interrupted");
  }
}

const BY_FAMILY: Readonly<Record<SchedulingError["family"], ExitCode>> = {
  invalid: EXIT.usage,
  missing: EXIT.missing,
  conflict: EXIT.conflict,
  unavailable: EXIT.unavailable,
};

/** Whatever was thrown, as it is told: never with a stack. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof InvalidInput) return usage("this is not valid", error.problems.map(problemLine));
  if (error instanceof SchedulingError)
    return new Failure(BY_FAMILY[error.family], `${error.message}${causeOf(error)}`);
  return new Failure(EXIT.failure, error instanceof Error ? error.message : String(error));
}

/** The code that the driver or the system gave, which says more than the core's own words. */
function causeOf({ cause }: SchedulingError): string {
  return cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
}

/** One entry of `errors`, of the core or of the API. */
export function problemLine(problem: { readonly pointer: string; readonly code: string; readonly message: string }) {
  return `${problem.pointer || "/"}: ${problem.message} (${problem.code})`;
}
