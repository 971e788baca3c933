import { SchedulingError, Unavailable } from "@punctual/core";

/** The codes of gRPC, of which each of Google's services answers one. */
export const CODES = [
  ...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
  ...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"],
  ...["INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
] as const;

const AWAY: Readonly<Record<string, string>> = {
  CANCELLED: "broke the request off",
  UNKNOWN: "failed (UNKNOWN)",
  DEADLINE_EXCEEDED: "did not answer in time",
  PERMISSION_DENIED: "refused the credentials of this process (PERMISSION_DENIED)",
  RESOURCE_EXHAUSTED: "asks to be asked less often",
  ABORTED: "failed (ABORTED)",
  INTERNAL: "failed (INTERNAL)",
  UNAVAILABLE: "cannot be reached",
  UNAUTHENTICATED: "refused the credentials of this process (UNAUTHENTICATED)",
};

/** What Node and Google's libraries say when there is no service, or no answer. */
const BROKEN = /^(?:ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET|EPROTO|CERT_|ERR_TLS_|ERR_SSL_)/;
/** The library that looks for credentials has no codes. */
const NO_CREDENTIALS = /credential|could not refresh access token|invalid_grant|metadata server/i;

/** The error that the core knows for what one of Google's services, or the way to it, has said; a bug goes up as it is. */
export function translated(error: unknown, service: string): unknown {
  if (error instanceof SchedulingError) return error;
  const why = whyAway(error);
  return why === null ? error : new Unavailable(`${service} ${why}`, { cause: error });
}

/** Whether the service says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "NOT_FOUND";
}

/** Whether the service knows who asks, and does not let them. */
export function isForbidden(error: unknown): boolean {
  return codeOf(error) === "PERMISSION_DENIED";
}

/** The name of the code with which gRPC failed; empty where it was something else. */
export function codeOf(error: unknown): string {
  const code = fieldOf(error, "code");
  return typeof code === "number" ? (CODES[code] ?? "") : "";
}

function whyAway(error: unknown): string | null {
  const why = AWAY[codeOf(error)];
  if (why !== undefined) return why;
  const code = fieldOf(error, "code");
  if (typeof code === "string" && BROKEN.test(code)) return "cannot be reached";
  if (error instanceof Error && NO_CREDENTIALS.test(error.message)) return "finds no credentials for this process";
  return null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
